import type { Party } from '../../billing/document/party.ts';
import { total } from '../../billing/group.ts';
import type { Paper, PaperLine, PaperTax } from './paper.ts';
import { type Column, createSheet, type Sheet } from './sheet.ts';
import { type Style, styleOf } from './style.ts';
import type { Words } from './words.ts';

/** An invoice or credit note for people, in the language and currency that it says, made in this process. */
export async function paperPdf(paper: Paper): Promise<Uint8Array> {
  const style = styleOf(paper);
  const { words } = style;
  const title = `${paper.type === 'INVOICE' ? words.invoice : words.creditNote} ${paper.number}`;
  const sheet = createSheet({
    title,
    author: paper.seller.name,
    language: paper.language,
    at: new Date(`${paper.issuedOn}T00:00:00Z`),
  });
  letterhead(sheet, paper.seller, paper.buyer, facts(paper, style));
  sheet.gap(18);
  sheet.text(title, { size: 16, isBold: true });
  sheet.gap(10);
  sheet.table(columns(words), rows(paper, style));
  sheet.gap(4);
  sheet.sums(sumsOf(paper, style));
  return sheet.finish(imprint(paper.seller, words), (page, of) => `${words.page} ${page} / ${of}`);
}

export function letterhead(sheet: Sheet, seller: Party, buyer: Party, right: readonly string[]): void {
  sheet.text(seller.name, { size: 13, isBold: true });
  sheet.text([...seller.address.lines, place(seller)].filter((text) => text !== '').join(' · '), { size: 7 });
  sheet.gap(28);
  sheet.beside(
    [buyer.name, ...buyer.address.lines, place(buyer)].filter((text) => text !== ''),
    right,
  );
}

export function imprint({ name, taxId, registration, email, iban, bic }: Party, words: Words): string {
  const parts = [
    name,
    taxId && `${words.taxId} ${taxId}`,
    registration && `${words.registration} ${registration}`,
    email,
    iban && `IBAN ${iban}`,
    bic && `BIC ${bic}`,
  ];
  return parts.filter((part) => part !== undefined && part !== '').join(' · ');
}

function place({ address: { postalCode = '', city = '', region = '', country = '' } }: Party): string {
  return [`${postalCode} ${city}`.trim(), region, country].filter((part) => part !== '').join(', ');
}

function facts({ number, issuedOn, dueOn, preceding, buyer }: Paper, { words, day }: Style): string[] {
  return [
    `${words.number}: ${number}`,
    `${words.issued}: ${day(issuedOn)}`,
    ...(dueOn === null ? [] : [`${words.due}: ${day(dueOn)}`]),
    ...(preceding === null ? [] : [`${words.corrects}: ${preceding.number} (${day(preceding.issuedOn)})`]),
    ...(buyer.taxId === undefined ? [] : [`${words.taxId}: ${buyer.taxId}`]),
  ];
}

function columns(words: Words): Column[] {
  return [
    { title: words.description, share: 34, align: 'left' },
    { title: words.period, share: 34, align: 'left' },
    { title: words.quantity, share: 14, align: 'right' },
    { title: words.amount, share: 18, align: 'right' },
  ];
}

function rows({ lines }: Paper, style: Style): string[][] {
  return lines.flatMap((line) => [
    [
      described(line, style),
      style.days(line.firstDay, line.lastDay),
      style.quantity(line.quantity),
      style.money(line.amount),
    ],
    ...line.discounts.map(({ name, amount }) => [`${style.words.discount}: ${name}`, '', '', style.money(-amount)]),
  ]);
}

function described({ product, corrects }: PaperLine, { words }: Style): string {
  return corrects === null ? product : `${product}\n${words.corrects} ${corrects}`;
}

function sumsOf(paper: Paper, { words, money, percent }: Style): [string, string][] {
  const taxed = ({ inclusive, reason, ...row }: PaperTax): [string, string] => [
    `${words.tax} ${percent(row.rate)}${inclusive ? ` (${words.included})` : ''}${reason === null ? '' : `\n${reason}`}`,
    money(row.tax),
  ];
  const net = total(paper.lines, (line) => line.net);
  return [
    [words.subtotal, money(paper.subtotal)],
    ...(paper.discount === 0n ? [] : [[words.discount, money(-paper.discount)] as [string, string]]),
    ...(paper.taxes.length === 0 ? [] : [[words.net, money(net)] as [string, string]]),
    ...paper.taxes.map(taxed),
    [words.total, money(paper.total)],
    ...(paper.credits === 0n ? [] : [[words.credits, money(-paper.credits)] as [string, string]]),
    ...(paper.wallet === 0n ? [] : [[words.wallet, money(-paper.wallet)] as [string, string]]),
    [paper.type === 'INVOICE' ? words.toPay : words.credited, money(paper.due)],
  ];
}
