import { REPORTS } from '../../billing/report/definitions.ts';
import type { FactQuery, FactRow, ReportFacts } from '../../billing/report/facts.ts';
import type { ExchangeRate } from '../../billing/report/rates.ts';
import type { ReportDefinition } from '../../billing/report/report.ts';
import type { Database } from '../database.ts';
import { json } from '../statement.ts';
import { CLOCK, factsOf, KEEP_RATES, KEPT_RATES } from './statements.ts';

/** What reports read of the books in PostgreSQL. */
export function createReportFacts(database: Database): ReportFacts {
  return {
    now: async () => (await database.run<{ now: number }>(CLOCK, []))[0]?.now ?? 0,
    publish: async (currency, rates) => {
      const kept = await database.run<ExchangeRate>(KEPT_RATES, [currency]);
      const known = new Set(kept.map(keyOf));
      const news = rates.filter((rate) => !known.has(keyOf(rate)));
      if (news.length === 0) return kept;
      await database.run(KEEP_RATES, [json(news)]);
      return database.run<ExchangeRate>(KEPT_RATES, [currency]);
    },
    read: async (report, query) => {
      const rows = await database.run<Row>(factsOf(report), valuesOf(query));
      return rows.map((row) => factOf(REPORTS[report], row));
    },
  };
}

type Row = Readonly<Record<string, string | null>>;

export function valuesOf({ from, to, asOf, zone, accounts, channel, rates }: FactQuery): unknown[] {
  return [from, to, asOf, zone, accounts, channel, json(rates)];
}

/** Columns are called as the definition calls them. */
function factOf({ keys, sums }: ReportDefinition, row: Row): FactRow {
  const texts = (names: readonly { name: string }[], otherwise: string) =>
    Object.fromEntries(names.map(({ name }) => [name, row[name] ?? otherwise]));
  return { keys: texts(keys, ''), sums: texts(sums, '0'), currency: row.currency ?? null, rate: row.rate_id ?? null };
}

const keyOf = ({ base, quote, from }: ExchangeRate) => `${base}/${quote}/${from}`;
