import type { Instant } from '../calendar/interval.ts';
import { yearOf } from '../calendar/zone.ts';

/** Gap-free numbers: the counter moves in the transaction that issues, and nowhere else. */
export interface NumberSeries {
  name: string;
  /** `{year}` and `{n}`, or `{n:5}` with leading zeros. */
  format: string;
  /** Counts anew every year of the issuer's zone; the format must then name the year. */
  yearly: boolean;
}

export interface Counter {
  series: string;
  /** 0 for a series that never begins anew. */
  year: number;
  last: number;
}

export const INVOICE_SERIES: NumberSeries = { name: 'invoice', format: 'INV-{year}-{n:5}', yearly: true };
export const CREDIT_NOTE_SERIES: NumberSeries = { name: 'credit-note', format: 'CN-{year}-{n:5}', yearly: true };

/** The next number, and the counter as it then stands. */
export function nextNumber(
  series: NumberSeries,
  counters: readonly Counter[],
  { at, zone }: { at: Instant; zone: string },
): { number: string; counter: Counter } {
  const year = yearOf(at, zone);
  const own = series.yearly ? year : 0;
  const last = counters.find((counter) => counter.series === series.name && counter.year === own)?.last ?? 0;
  const number = series.format
    .replace('{year}', `${year}`)
    .replace(/\{n(?::(\d))?\}/, (_all, width: string | undefined) => `${last + 1}`.padStart(Number(width ?? '1'), '0'));
  return { number, counter: { series: series.name, year: own, last: last + 1 } };
}
