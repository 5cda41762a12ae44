import type { Report, ReportColumn } from '../../billing/report/report.ts';

/** The report as data: amounts as decimal texts, rows and totals by the names of the columns. */
export function reportJson({ columns, rows, totals, chart: _chart, ...head }: Report): string {
  const document = {
    ...head,
    columns: columns.map(({ name, title, type }) => ({ name, title, type })),
    rows: rows.map(({ cells }) => named(columns, cells)),
    totals: totals.map(({ cells, currency, rows: count }) => ({ currency, rows: count, ...present(columns, cells) })),
  };
  return `${JSON.stringify(document, null, 2)}\n`;
}

function named(columns: readonly ReportColumn[], cells: readonly (string | null)[]): Record<string, string | null> {
  return Object.fromEntries(columns.map(({ name }, index) => [name, cells[index] ?? null]));
}

function present(columns: readonly ReportColumn[], cells: readonly (string | null)[]): Record<string, string | null> {
  return Object.fromEntries(Object.entries(named(columns, cells)).filter(([, cell]) => cell !== null));
}
