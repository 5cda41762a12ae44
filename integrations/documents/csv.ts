import { formatMoney } from '../../billing/money/currency.ts';
import type { Paper } from './paper.ts';

const COLUMNS = [
  'document',
  'number',
  'issued_on',
  'due_on',
  'currency',
  'line',
  'kind',
  'product',
  'first_day',
  'last_day',
  'quantity',
  'amount',
  'discount',
  'net',
  'tax_rates',
  'tax',
  'corrects',
] as const;

/** One row for each line, RFC 4180. Spreadsheets compute cells that look like formulas: those are texts here. */
export function paperCsv(paper: Paper): string {
  const money = (minor: bigint) => formatMoney(minor, paper.currency);
  const rows = paper.lines.map((line) => [
    paper.type,
    paper.number,
    paper.issuedOn,
    paper.dueOn ?? '',
    paper.currency,
    line.id,
    line.kind,
    line.product,
    line.firstDay,
    line.lastDay,
    line.quantity,
    money(line.amount),
    money(line.discounts.reduce((sum, { amount }) => sum + amount, 0n)),
    money(line.net),
    line.taxes.map((index) => paper.taxes[index]?.rate ?? '').join(' '),
    money(line.tax),
    line.corrects ?? '',
  ]);
  return csv([COLUMNS, ...rows]);
}

export function csv(rows: readonly (readonly string[])[]): string {
  return rows.map((row) => `${row.map(cell).join(',')}\r\n`).join('');
}

const NUMBER = /^-?\d+(\.\d+)?$/;

function cell(text: string): string {
  const safe = /^[=+\-@\t\r\n]/.test(text) && !NUMBER.test(text) ? `'${text}` : text;
  return /[",\r\n]/.test(safe) ? `"${safe.replaceAll('"', '""')}"` : safe;
}
