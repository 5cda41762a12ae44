import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { parseMoney } from '../money/currency.ts';
import { ageingColumn } from './ageing.ts';
import { assemble } from './assemble.ts';
import { REPORTS } from './definitions.ts';
import type { FactRow } from './facts.ts';
import { conversionsInto, type ExchangeRate, joinRates, ratesOf } from './rates.ts';

const DAY_MS = 86_400_000;
const rate = (day: string, value: string, pair = 'USD/EUR'): ExchangeRate => {
  const [base = '', quote = ''] = pair.split('/');
  return { base, quote, from: Date.parse(`${day}T00:00:00Z`), day, rate: value };
};

function revenue(
  facts: readonly { net: bigint; currency?: string; rate?: string; month?: string }[],
  rates: readonly ExchangeRate[],
  currency: string | null,
) {
  const { used } = conversionsInto(currency ?? '', rates);
  const rows = facts.map(
    ({ net, currency: own = 'USD', rate: id = null, month = '2026-01' }): FactRow => ({
      keys: { month, channel: 'direct' },
      currency: own,
      rate: id,
      sums: { documents: '1', net: `${net}`, tax: '0', recognised: `${net}` },
    }),
  );
  const report = assemble(REPORTS.revenue, rows, {
    parameters: {},
    asOf: '',
    currency,
    rates: used,
    top: null,
    cut: false,
  });
  const cell = (name: string) => report.columns.findIndex((column) => column.name === name);
  return {
    ...report,
    nets: report.rows.map(({ cells }) => cells[cell('net')]),
    rates: report.rows.map(({ cells }) => cells[cell('rates')]),
    totalNet: report.totals.map(({ cells }) => cells[cell('net')]),
  };
}

const JANUARY = `USD/EUR/${Date.parse('2026-01-01')}`;

describe('money in a report', () => {
  it('is converted exactly and rounded once a row, not once a document', () => {
    // 3 × 0.01 USD at 0.4: 0.012 EUR. Rounded by document it would be 0.00.
    const found = revenue(
      [1n, 1n, 1n].map((net) => ({ net, rate: JANUARY })),
      [rate('2026-01-01', '0.4')],
      'EUR',
    );
    expect(found.nets).toEqual(['0.01']);
    expect(found.rates).toEqual(['1 USD = 0.4 EUR (2026-01-01)']);
  });

  it('keeps currencies of other digits: yen have none, dinars three', () => {
    const yen = revenue(
      [{ net: 1_000n, rate: `USD/JPY/${Date.parse('2026-01-01')}` }],
      [rate('2026-01-01', '150.55', 'USD/JPY')],
      'JPY',
    );
    expect(yen.nets).toEqual(['1506']);
    const dinar = revenue(
      [{ net: 1_000n, rate: `USD/KWD/${Date.parse('2026-01-01')}` }],
      [rate('2026-01-01', '0.3065', 'USD/KWD')],
      'KWD',
    );
    expect(dinar.nets).toEqual(['3.065']);
  });

  it('is converted by the other way round where only that is quoted', () => {
    const found = revenue(
      [{ net: 125n, rate: `EUR/USD/${Date.parse('2026-01-01')}` }],
      [rate('2026-01-01', '1.25', 'EUR/USD')],
      'EUR',
    );
    expect(found.nets).toEqual(['1.00']);
  });

  it('says each rate that a row used, and how many more', () => {
    const rates = [1, 2, 3, 4, 5, 6, 7].map((day) => rate(`2026-01-0${day}`, `0.${day}`));
    const found = revenue(
      rates.map(({ from }) => ({ net: 100n, rate: `USD/EUR/${from}` })),
      rates,
      'EUR',
    );
    expect(found.rates[0]).toMatch(/^1 USD = 0\.1 EUR \(2026-01-01\); .*; 2 more$/);
    expect(found.nets).toEqual(['2.80']);
  });

  it('stays in its own currency without a rate, and its total beside the other', () => {
    const found = revenue(
      [
        { net: 100n, rate: JANUARY },
        { net: 300n, currency: 'CHF' },
      ],
      [rate('2026-01-01', '0.5')],
      'EUR',
    );
    expect(found.rows.map(({ currency }) => currency)).toEqual(['EUR', 'CHF']);
    expect(found.totalNet).toEqual(['0.50', '3.00']);
    expect(found.notes.at(-1)).toBe(
      'The total in EUR leaves out 1 row in CHF: there is no exchange rate for its documents.',
    );
  });

  it('adds up to the totals as it is printed, whatever the amounts and rates are', () => {
    const months = fc.constantFrom('2026-01', '2026-02', '2026-03');
    const fact = fc.record({ net: fc.bigInt(-1_000_000_000_000_000n, 1_000_000_000_000_000n), month: months });
    const decimal = fc
      .tuple(fc.integer({ min: 0, max: 9_999 }), fc.integer({ min: 1, max: 999_999 }))
      .map(([whole, part]) => `${whole}.${String(part).padStart(6, '0')}`);
    fc.assert(
      fc.property(fc.array(fact, { minLength: 1, maxLength: 20 }), decimal, (facts, value) => {
        const found = revenue(
          facts.map((each) => ({ ...each, rate: JANUARY })),
          [rate('2026-01-01', value)],
          'EUR',
        );
        const cents = (text: string | null | undefined) => parseMoney(text ?? '', 'EUR') ?? 0n;
        expect(found.nets.reduce((sum, each) => sum + cents(each), 0n)).toBe(cents(found.totalNet[0]));
      }),
      { seed: 8, numRuns: 200 },
    );
  });
});

describe('exchange rates', () => {
  it('count from local midnight of their day until the next one begins, without an overlap', () => {
    const own = ratesOf({
      base: 'USD',
      quote: 'EUR',
      zone: 'Europe/Berlin',
      revisions: [
        { from: '2026-01-01', rate: '0.9' },
        { from: '2026-07-01', rate: '0.8' },
      ],
    });
    const { spans } = conversionsInto('EUR', own);
    expect(
      spans.map(({ from, to }) => [
        new Date(from).toISOString(),
        new Date(Math.min(to, Date.parse('2100-01-01'))).toISOString(),
      ]),
    ).toEqual([
      ['2025-12-31T23:00:00.000Z', '2026-06-30T22:00:00.000Z'],
      ['2026-06-30T22:00:00.000Z', '2100-01-01T00:00:00.000Z'],
    ]);
  });

  it('never overlap, whichever ways round and however late they are quoted', () => {
    const day = fc
      .integer({ min: 0, max: 40 })
      .map((number) => new Date(Date.parse('2026-01-01') + number * DAY_MS).toISOString().slice(0, 10));
    const quoted = fc.tuple(day, fc.constantFrom('USD/EUR', 'EUR/USD')).map(([from, pair]) => rate(from, '0.9', pair));
    fc.assert(
      fc.property(fc.array(quoted, { maxLength: 12 }), (rates) => {
        const { spans } = conversionsInto('EUR', joinRates([], rates));
        const ordered = spans.toSorted((a, b) => a.from - b.from);
        for (const [index, span] of ordered.entries())
          expect(ordered[index + 1]?.from ?? span.to).toBeGreaterThanOrEqual(span.to);
      }),
      { seed: 9, numRuns: 300 },
    );
  });

  it('that were kept stand against what is wished anew', () => {
    expect(
      joinRates([rate('2026-01-01', '0.9')], [rate('2026-01-01', '0.1'), rate('2026-02-01', '0.8')])
        .map(({ rate: value }) => value)
        .toSorted(),
    ).toEqual(['0.8', '0.9']);
  });
});

describe('the age of a debt', () => {
  it('begins when it was due', () => {
    const asOf = Date.parse('2026-06-30T12:00:00Z');
    const age = (days: number) => ageingColumn(asOf - days * DAY_MS, asOf);
    expect([-1, 0, 30, 31, 60, 61, 90, 91, 1_000].map(age)).toEqual([
      'notDue',
      'days0',
      'days0',
      'days31',
      'days31',
      'days61',
      'days61',
      'days91',
      'days91',
    ]);
  });
});
