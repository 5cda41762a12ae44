import type { z } from 'zod';

/** A question that is asked of the books again and again, and how its answer is written. */
export interface ReportDefinition {
  name: string;
  title: string;
  description: string;
  /** What one row stands for. */
  row: string;
  /** `provider`: it tells of customers beside each other, or of the provider's own business; customers do not get it. */
  audience: 'provider' | 'customer';
  parameters: z.ZodObject;
  /** What rows are told apart by, in this order. Money adds the currency to them. */
  keys: readonly ReportColumn[];
  /** What is added up within a row. */
  sums: readonly ReportColumn[];
  /** Computed from a row's printed cells, so that a row adds up as it is printed. */
  derived?: readonly DerivedColumn[];
  order: { column: string; descending: boolean };
  chart: ReportChart;
  /** What is left out, for whoever reads the figures. */
  remark?: string;
}

/** Ways in which a report is written. */
export const REPORT_FORMATS = ['table', 'csv', 'json', 'pdf', 'svg', 'png', 'jpg'] as const;
export type ReportFormat = (typeof REPORT_FORMATS)[number];

/** `day` is 2026-01-31, `month` 2026-01; money is in the row's currency, a percentage as a decimal. */
export type ColumnType = 'text' | 'day' | 'month' | 'count' | 'quantity' | 'percent' | 'money';

export interface ReportColumn {
  name: string;
  title: string;
  type: ColumnType;
  /** Rows add up to something: of quantities in different units they do not. */
  totalled?: boolean;
}

export interface DerivedColumn extends ReportColumn {
  /** Of whole numbers: counts, and minor units of the row's currency. */
  of(cell: (name: string) => bigint): bigint;
}

export interface ReportChart {
  type: 'column' | 'bar' | 'line';
  /** Columns whose texts name a place on the axis. */
  labels: readonly string[];
  value: string;
}

/** An answer. All cells are texts: decimals keep every digit. Null: it does not apply. */
export interface Report {
  name: string;
  title: string;
  row: string;
  /** As they were understood, defaults included. */
  parameters: Readonly<Record<string, string>>;
  /** Facts up to this instant, ISO 8601. */
  asOf: string;
  columns: readonly ReportColumn[];
  rows: readonly ReportRow[];
  /** Sums of the printed rows, one for each currency; one without a currency where there is no money. */
  totals: readonly ReportTotal[];
  /** Sentences: what is not in the figures. */
  notes: readonly string[];
  chart: ReportChart;
}

export interface ReportRow {
  cells: readonly (string | null)[];
  currency: string | null;
}

export interface ReportTotal extends ReportRow {
  rows: number;
}
