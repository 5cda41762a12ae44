import type { Party } from '../document/party.ts';
import type { Reader } from '../wish/reader.ts';

/** Who is on a scenario's documents, and in which language they are. */
export interface Letterhead {
  language: string;
  seller: Party;
  buyer: Party;
}

export function readLetterhead(reader: Reader): Letterhead {
  const { language, seller, buyer } = reader.fields('language', 'seller', 'buyer');
  return { language: language.text('en'), seller: readParty(seller, 'Seller'), buyer: readParty(buyer, 'Customer') };
}

function readParty(reader: Reader, otherwise: string): Party {
  const from = reader.fields('name', 'address', 'taxId', 'registration', 'email', 'phone', 'iban', 'bic');
  const address = from.address.fields('lines', 'postalCode', 'city', 'region', 'country');
  const known = (field: Reader) => (field.isPresent ? field.text() : undefined);
  return {
    name: from.name.text(otherwise),
    address: {
      lines: address.lines.texts(),
      postalCode: known(address.postalCode),
      city: known(address.city),
      region: known(address.region),
      country: known(address.country),
    },
    taxId: known(from.taxId),
    registration: known(from.registration),
    email: known(from.email),
    phone: known(from.phone),
    iban: known(from.iban),
    bic: known(from.bic),
  };
}
