import { describe, expect, it } from '@jest/globals';
import { checkExchangeRate } from './check.ts';
import type { ExchangeRateSpec } from './kind.ts';

const NOW = Date.parse('2026-03-10T12:00:00Z');
const rates = (...revisions: [string, string][]): ExchangeRateSpec => ({
  base: 'USD',
  quote: 'EUR',
  zone: 'UTC',
  revisions: revisions.map(([from, rate]) => ({ from, rate })),
});
const issues = (spec: ExchangeRateSpec, old: ExchangeRateSpec | null = null) =>
  checkExchangeRate({ spec, old, now: NOW }).map(({ path, message }) => `${path} ${message}`);

describe('an exchange rate', () => {
  const old = rates(['2026-01-01', '0.9'], ['2026-03-10', '0.8'], ['2026-04-01', '0.7']);

  it('is followed by others, from today on', () => {
    expect(issues(old)).toEqual([]);
    expect(issues(rates(['2026-01-01', '0.90'], ['2026-03-10', '0.8'], ['2026-05-01', '0.6']), old)).toEqual([]);
  });

  it('never changes, and never goes, once it has begun', () => {
    expect(issues(rates(['2026-01-01', '0.95'], ['2026-04-01', '0.7']), old)).toEqual([
      expect.stringContaining('/revisions/0/rate changes the rate from 2026-01-01'),
      expect.stringContaining('/revisions lacks the rate from 2026-03-10'),
    ]);
    expect(issues(rates(['2026-01-01', '0.9'], ['2026-02-01', '0.85'], ['2026-03-10', '0.8']), old)).toEqual([
      expect.stringContaining('/revisions/1/from is 2026-02-01, which is over: begin at 2026-03-10 or later.'),
    ]);
  });

  it('is above 0, of two currencies, and of a day that there is', () => {
    expect(issues({ ...rates(['2026-02-30', '0'], ['2026-02-01', '1']), quote: 'USD' })).toEqual([
      expect.stringMatching(/^\/quote is USD/),
      expect.stringMatching(/^\/revisions\/0\/from is 2026-02-30, which is no day/),
      expect.stringMatching(/^\/revisions\/0\/rate is 0/),
      expect.stringMatching(/^\/revisions\/1\/from is 2026-02-01, not after 2026-02-30/),
    ]);
  });
});
