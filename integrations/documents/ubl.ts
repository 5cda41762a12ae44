import type { Party } from '../../billing/document/party.ts';
import { total } from '../../billing/group.ts';
import { formatMoney } from '../../billing/money/currency.ts';
import type { Paper, PaperLine, PaperTax } from './paper.ts';
import { isOutsideVat, ublFaults } from './ubl-faults.ts';
import { type Element, element, xmlText } from './xml.ts';

/** EN 16931 in the syntax of UBL 2.1; or, as sentences, why this document cannot be said in it. */
export function paperUbl(paper: Paper): { xml: string } | { faults: string[] } {
  const faults = ublFaults(paper);
  return faults.length > 0
    ? { faults }
    : { xml: xmlText(paper.type === 'INVOICE' ? invoice(paper) : creditNote(paper)) };
}

const OASIS = 'urn:oasis:names:specification:ubl:schema:xsd';
const NAMESPACES = {
  'xmlns:cac': `${OASIS}:CommonAggregateComponents-2`,
  'xmlns:cbc': `${OASIS}:CommonBasicComponents-2`,
};
const EN_16931 = 'urn:cen.eu:en16931:2017';

function invoice(paper: Paper): Element {
  return element(
    'Invoice',
    [
      ...head(paper),
      element('cbc:DueDate', paper.dueOn ?? ''),
      element('cbc:InvoiceTypeCode', '380'),
      ...middle(paper),
      ...paper.lines.map((line) => lineElement('InvoiceLine', 'InvoicedQuantity', { line, paper })),
    ],
    { xmlns: `${OASIS}:Invoice-2`, ...NAMESPACES },
  );
}

function creditNote(paper: Paper): Element {
  return element(
    'CreditNote',
    [
      ...head(paper),
      element('cbc:CreditNoteTypeCode', '381'),
      ...middle(paper),
      ...paper.lines.map((line) => lineElement('CreditNoteLine', 'CreditedQuantity', { line, paper })),
    ],
    { xmlns: `${OASIS}:CreditNote-2`, ...NAMESPACES },
  );
}

function head({ number, issuedOn }: Paper): Element[] {
  return [element('cbc:CustomizationID', EN_16931), element('cbc:ID', number), element('cbc:IssueDate', issuedOn)];
}

function middle(paper: Paper): (Element | undefined)[] {
  const { preceding, seller, buyer, lines, currency } = paper;
  const days = lines.flatMap(({ firstDay, lastDay }) => [firstDay, lastDay]).toSorted();
  return [
    element('cbc:DocumentCurrencyCode', currency),
    period(days[0] ?? '', days.at(-1) ?? ''),
    preceding === null
      ? undefined
      : element('cac:BillingReference', [
          element('cac:InvoiceDocumentReference', [
            element('cbc:ID', preceding.number),
            element('cbc:IssueDate', preceding.issuedOn),
          ]),
        ]),
    element('cac:AccountingSupplierParty', [partyElement(seller, paper)]),
    element('cac:AccountingCustomerParty', [partyElement(buyer, paper)]),
    delivery(paper),
    paymentMeans(paper),
    taxTotal(paper),
    monetaryTotal(paper),
  ];
}

function partyElement({ name, address, taxId, registration, email, phone }: Party, paper: Paper): Element {
  const [street = '', more = '', ...rest] = address.lines;
  return element('cac:Party', [
    element('cbc:EndpointID', email ?? '', { schemeID: 'EM' }),
    element('cac:PostalAddress', [
      element('cbc:StreetName', street),
      element('cbc:AdditionalStreetName', more),
      element('cbc:CityName', address.city ?? ''),
      element('cbc:PostalZone', address.postalCode ?? ''),
      element('cbc:CountrySubentity', address.region ?? ''),
      element('cac:AddressLine', [element('cbc:Line', rest.join(', '))]),
      element('cac:Country', [element('cbc:IdentificationCode', address.country ?? '')]),
    ]),
    taxId === undefined || isOutsideVat(paper)
      ? undefined
      : element('cac:PartyTaxScheme', [element('cbc:CompanyID', taxId), VAT]),
    element('cac:PartyLegalEntity', [
      element('cbc:RegistrationName', name),
      element('cbc:CompanyID', registration ?? ''),
    ]),
    element('cac:Contact', [element('cbc:Telephone', phone ?? ''), element('cbc:ElectronicMail', email ?? '')]),
  ]);
}

/** A supply within the Union says to which country it went (BR-IC-12). */
function delivery({ taxes, buyer }: Paper): Element | undefined {
  if (!taxes.some(({ category: id }) => id === 'K')) return undefined;
  return element('cac:Delivery', [
    element('cac:DeliveryLocation', [
      element('cac:Address', [
        element('cac:Country', [element('cbc:IdentificationCode', buyer.address.country ?? '')]),
      ]),
    ]),
  ]);
}

/** A bank transfer, where there is something to pay and an account to pay it to. */
function paymentMeans({ type, due, number, seller: { iban, bic, name } }: Paper): Element | undefined {
  if (type !== 'INVOICE' || due === 0n || iban === undefined) return undefined;
  return element('cac:PaymentMeans', [
    element('cbc:PaymentMeansCode', '58'),
    element('cbc:PaymentID', number),
    element('cac:PayeeFinancialAccount', [
      element('cbc:ID', iban),
      element('cbc:Name', name),
      element('cac:FinancialInstitutionBranch', [element('cbc:ID', bic ?? '')]),
    ]),
  ]);
}

const VAT = element('cac:TaxScheme', [element('cbc:ID', 'VAT')]);

function taxTotal(paper: Paper): Element {
  const untaxed = paper.lines.filter(({ taxes }) => taxes.length === 0);
  const groups = [
    ...paper.taxes,
    ...(untaxed.length === 0 ? [] : [{ ...untaxedRow(paper), net: total(untaxed, ({ net }) => net) }]),
  ];
  return element('cac:TaxTotal', [
    money('cbc:TaxAmount', paper.tax, paper),
    ...merged(groups).map((row) =>
      element('cac:TaxSubtotal', [
        money('cbc:TaxableAmount', row.net, paper),
        money('cbc:TaxAmount', row.tax, paper),
        element('cac:TaxCategory', [...category(row), element('cbc:TaxExemptionReason', row.reason ?? ''), VAT]),
      ]),
    ),
  ]);
}

/** There is one row for each category and rate, whatever rules led to it. */
function merged(rows: readonly PaperTax[]): PaperTax[] {
  const found = new Map<string, PaperTax>();
  for (const row of rows) {
    const key = `${row.category} ${row.rate}`;
    const other = found.get(key);
    found.set(key, other === undefined ? row : { ...other, net: other.net + row.net, tax: other.tax + row.tax });
  }
  return [...found.values()];
}

/** What no rule taxes is outside of the tax's scope; for sellers who are in it, it is exempt. */
function untaxedRow(paper: Paper): PaperTax {
  const base = { name: '', rate: '0', inclusive: false, net: 0n, tax: 0n };
  return isOutsideVat(paper)
    ? { ...base, category: 'O', reason: 'Not subject to VAT' }
    : { ...base, category: 'E', reason: 'Exempt from VAT' };
}

function category({ category: id, rate }: PaperTax): Element[] {
  return [element('cbc:ID', id), element('cbc:Percent', id === 'O' ? '' : rate)];
}

function monetaryTotal(paper: Paper): Element {
  const net = total(paper.lines, (line) => line.net);
  const gross = net + paper.tax;
  const prepaid = paper.credits + paper.wallet;
  return element('cac:LegalMonetaryTotal', [
    money('cbc:LineExtensionAmount', net, paper),
    money('cbc:TaxExclusiveAmount', net, paper),
    money('cbc:TaxInclusiveAmount', gross, paper),
    prepaid === 0n ? undefined : money('cbc:PrepaidAmount', prepaid, paper),
    money('cbc:PayableAmount', gross - prepaid, paper),
  ]);
}

/**
 * One piece of what was charged, since steps, days and included units make a price that is no product of a quantity and a unit price;
 * how much was measured stands beside it.
 */
function lineElement(name: string, quantityName: string, { line, paper }: { line: PaperLine; paper: Paper }): Element {
  const row = paper.taxes[line.taxes[0] ?? -1] ?? untaxedRow(paper);
  const discount = total(line.discounts, ({ amount }) => amount);
  return element(`cac:${name}`, [
    element('cbc:ID', line.id.slice(line.id.lastIndexOf('/') + 1)),
    element(`cbc:${quantityName}`, '1', { unitCode: 'C62' }),
    money('cbc:LineExtensionAmount', line.net, paper),
    period(line.firstDay, line.lastDay),
    ...line.discounts.map((each) =>
      element('cac:AllowanceCharge', [
        element('cbc:ChargeIndicator', 'false'),
        element('cbc:AllowanceChargeReason', each.name),
        money('cbc:Amount', each.amount, paper),
      ]),
    ),
    element('cac:Item', [
      element('cbc:Name', line.product),
      element('cac:ClassifiedTaxCategory', [...category(row), VAT]),
      element('cac:AdditionalItemProperty', [element('cbc:Name', 'Quantity'), element('cbc:Value', line.quantity)]),
    ]),
    element('cac:Price', [money('cbc:PriceAmount', line.net + discount, paper)]),
  ]);
}

function period(first: string, last: string): Element {
  return element('cac:InvoicePeriod', [element('cbc:StartDate', first), element('cbc:EndDate', last)]);
}

function money(name: string, minor: bigint, { currency }: Paper): Element {
  return element(name, formatMoney(minor, currency), { currencyID: currency });
}
