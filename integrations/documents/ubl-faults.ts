import type { Party } from '../../billing/document/party.ts';
import { minorDigits } from '../../billing/money/currency.ts';
import type { Paper } from './paper.ts';

/** What EN 16931 demands and this document lacks, with the rule's name and the remedy; all of it at once. */
export function ublFaults(paper: Paper): string[] {
  const { seller, buyer, lines, taxes, currency } = paper;
  const isTaxed = taxes.some(({ category }) => category !== 'O');
  const isReversed = taxes.some(({ category }) => category === 'AE' || category === 'K');
  const checks: [boolean, string][] = [
    [lines.length === 0, 'BR-16: there is no line; a document has at least one'],
    [minorDigits(currency) > 2, `BR-DEC: ${currency} has more than two decimals, which the standard does not know`],
    ...partyChecks('seller', seller, { name: 'BR-06', country: 'BR-09' }),
    ...partyChecks('buyer', buyer, { name: 'BR-07', country: 'BR-11' }),
    [
      isTaxed && seller.taxId === undefined,
      'BR-S-02: the seller has no VAT identifier; give the channel one (seller.taxId)',
    ],
    [
      isOutsideVat(paper) && seller.registration === undefined,
      'BR-CO-26: without VAT the seller is known by a register number; give the channel one (seller.registration)',
    ],
    [
      isReversed && buyer.taxId === undefined,
      'BR-AE-02: the buyer has no VAT identifier, without which they cannot owe the tax; give the account one',
    ],
    [
      lines.some((line) => line.taxes.length > 1),
      'BR-CO-4: a line has two taxes; the standard knows one VAT for each line',
    ],
    [
      taxes.some(({ category, reason }) => NEEDS_REASON.has(category) && reason === null),
      'BR-E-10: a line is exempt and nothing says why; give its tax rule a reason',
    ],
    [
      taxes.some(({ category }) => category === 'O') &&
        lines.some((line) => line.taxes.length === 0 || !isOutside(line, paper)),
      'BR-O-11: lines that are outside of the scope of VAT cannot stand beside others; make two invoices of it',
    ],
    [
      taxes.some(({ category, rate }) => (category === 'S') === (rate === '0')),
      'BR-S-05: only category S has a rate, and its rate is above 0; give the tax rule the category of its rate',
    ],
    [lines.some(({ net }) => net < 0n), 'BR-27: a price is below 0; it must be a credit note'],
    [
      [seller, buyer].some(({ taxId }) => taxId !== undefined && !/^([A-Z]{2})/.test(taxId)),
      'BR-CO-09: a VAT identifier begins with the code of its country, such as DE',
    ],
  ];
  return checks.filter(([broken]) => broken).map(([, sentence]) => sentence);
}

/** Nothing on it has to do with VAT: then it may not even name VAT identifiers. */
export function isOutsideVat({ taxes, lines, seller }: Paper): boolean {
  const isUntaxed = lines.every((line) => line.taxes.length === 0) && seller.taxId === undefined;
  return isUntaxed || (taxes.length > 0 && taxes.every(({ category }) => category === 'O'));
}

const NEEDS_REASON: ReadonlySet<string> = new Set(['E', 'AE', 'K', 'G', 'O']);

function isOutside(line: Paper['lines'][number], { taxes }: Paper): boolean {
  return line.taxes.every((index) => taxes[index]?.category === 'O');
}

function partyChecks(
  who: 'seller' | 'buyer',
  { name, address }: Party,
  rules: { name: string; country: string },
): [boolean, string][] {
  const kind = who === 'seller' ? 'the channel' : 'the account';
  return [
    [name === '', `${rules.name}: the ${who} has no name; give ${kind} one`],
    [address.country === undefined, `${rules.country}: the ${who}'s address has no country; give ${kind} one`],
  ];
}
