import type { Address, Party } from '../../billing/document/party.ts';
import type { PaperContext } from '../../integrations/documents/paper.ts';

interface Wished {
  metadata: { name: string };
  spec: object;
}

/** Who is on an account's documents, and in which language they are: from the account and the channel that it buys in. */
export function letterheadOf(
  account: Wished,
  channel: Wished | undefined,
): Pick<PaperContext, 'language' | 'seller' | 'buyer'> {
  const own = account.spec as Fields;
  const sold = (channel?.spec ?? {}) as Fields;
  const contact = fieldsIn(own.billingContact);
  return {
    language: text(own.language) ?? text(sold.language) ?? 'en',
    seller: partyOf(fieldsIn(sold.seller), text(sold.displayName) ?? channel?.metadata.name ?? ''),
    buyer: {
      name: text(own.legalName) ?? text(own.displayName) ?? account.metadata.name,
      address: addressOf(fieldsIn(own.billingAddress)),
      taxId: text(own.taxId),
      email: text(contact.email) ?? text(own.ownerEmail),
      phone: text(contact.phone),
    },
  };
}

type Fields = Readonly<Record<string, unknown>>;

function partyOf(seller: Fields, otherwise: string): Party {
  return {
    name: text(seller.name) ?? otherwise,
    address: addressOf(fieldsIn(seller.address)),
    taxId: text(seller.taxId),
    registration: text(seller.registration),
    email: text(seller.email),
    phone: text(seller.phone),
    iban: text(seller.iban),
    bic: text(seller.bic),
  };
}

function addressOf({ lines, postalCode, city, region, country }: Fields): Address {
  return {
    lines: Array.isArray(lines) ? lines.map(String) : [],
    postalCode: text(postalCode),
    city: text(city),
    region: text(region),
    country: text(country),
  };
}

function fieldsIn(value: unknown): Fields {
  return typeof value === 'object' && value !== null ? (value as Fields) : {};
}

function text(value: unknown): string | undefined {
  return typeof value === 'string' && value !== '' ? value : undefined;
}
