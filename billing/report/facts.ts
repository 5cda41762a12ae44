import type { Instant } from '../calendar/interval.ts';
import type { ReportName } from './definitions.ts';
import type { ExchangeRate } from './rates.ts';

/** Where reports read what was issued, booked and measured. */
export interface ReportFacts {
  /** Groups, or parts of them: rows with the same keys are added up by whoever asks. At most `FACT_ROWS_MAX`. */
  read(report: ReportName, query: FactQuery): Promise<FactRow[]>;
  /** Keeps rates that have begun, each once, and answers all that were ever kept or are given, for one currency. */
  publish(currency: string, rates: readonly ExchangeRate[]): Promise<ExchangeRate[]>;
  /** The clock of the books. */
  now(): Promise<Instant>;
}

export const FACT_ROWS_MAX = 20_000;

export interface FactQuery {
  from: Instant;
  /** Exclusive, and never beyond `asOf`. */
  to: Instant;
  /** Facts after it are not there yet. */
  asOf: Instant;
  /** Days and months are this zone's. */
  zone: string;
  /** Null: all. */
  accounts: readonly string[] | null;
  /** Null: all. */
  channel: string | null;
  /** Which rate counts for a document of a currency and an instant. They do not overlap. */
  rates: readonly RateSpan[];
}

export interface RateSpan {
  id: string;
  currency: string;
  from: Instant;
  to: Instant;
}

export interface FactRow {
  keys: Readonly<Record<string, string>>;
  /** Null: there is no money in it. */
  currency: string | null;
  /** Id of the span that the documents' instants are in. */
  rate: string | null;
  /** Whole minor units, counts, or exact decimals, by the name of the column. */
  sums: Readonly<Record<string, string>>;
}
