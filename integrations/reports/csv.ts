import type { Report } from '../../billing/report/report.ts';
import { csv } from '../documents/csv.ts';

/** RFC 4180 in UTF-8: a line of names, then the rows. Totals are not among them: whoever adds up a column must not find it twice. */
export function reportCsv({ columns, rows }: Report): string {
  return csv([columns.map(({ name }) => name), ...rows.map(({ cells }) => cells.map((cell) => cell ?? ''))]);
}
