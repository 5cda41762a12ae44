import type { Report, ReportColumn } from '../../billing/report/report.ts';
import { createSheet } from '../documents/sheet.ts';

/** The report on paper: what was asked, the rows, their totals, and what is not in them. */
export async function reportPdf(report: Report): Promise<Uint8Array> {
  const { title, row, parameters, asOf, columns, rows, totals, notes } = report;
  const sheet = createSheet({ title, author: 'Steward', language: 'en', at: new Date(asOf) });
  sheet.text(title, { size: 16, isBold: true });
  sheet.gap(6);
  sheet.text(`As of ${asOf}. A row is ${row}.`);
  const asked = Object.entries(parameters).map(([name, value]) => `${name} ${value}`);
  if (asked.length > 0) sheet.text(asked.join(', '));
  sheet.gap(10);
  const texts = rows.map(({ cells }) => cells.map((cell) => cell ?? ''));
  const sums = totals.map(({ cells }) => cells.map((cell, index) => cell ?? (index === 0 ? 'Total' : '')));
  sheet.table(
    columns.map((column, index) => ({
      title: column.title,
      share: shareOf([column.title, ...[...texts, ...sums].map((cells) => cells[index] ?? '')]),
      align: isFigure(column) ? 'right' : 'left',
    })),
    [...texts, ...sums],
  );
  for (const note of notes) {
    sheet.gap(4);
    sheet.text(note);
  }
  return sheet.finish(`${title}, as of ${asOf}`, (page, count) => `Page ${page} / ${count}`);
}

const isFigure = ({ type }: ReportColumn) => ['count', 'quantity', 'percent', 'money'].includes(type);

/** As wide as what is in it, within reason: long texts go on on the next line. */
function shareOf(texts: readonly string[]): number {
  return Math.min(26, Math.max(7, ...texts.map((text) => text.length + 1)));
}
