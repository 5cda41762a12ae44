import { describe, expect, it } from '@jest/globals';
import { type Counter, INVOICE_SERIES, nextNumber } from './number-series.ts';

describe('numbers without gaps (BR-15)', () => {
  it('follow each other, and begin anew with the year of the zone', () => {
    const given: string[] = [];
    let counters: Counter[] = [];
    for (const time of [
      '2026-12-31T22:59:59Z',
      '2026-12-31T22:59:59Z',
      '2026-12-31T23:00:00Z',
      '2026-12-31T22:00:00Z',
    ]) {
      const { number, counter } = nextNumber(INVOICE_SERIES, counters, { at: Date.parse(time), zone: 'Europe/Berlin' });
      given.push(number);
      counters = [...counters.filter(({ year }) => year !== counter.year), counter];
    }
    expect(given).toEqual(['INV-2026-00001', 'INV-2026-00002', 'INV-2027-00001', 'INV-2026-00003']);
  });

  it('of a series that never begins anew go on over the years', () => {
    const series = { name: 'always', format: 'A{n}', yearly: false };
    const first = nextNumber(series, [], { at: Date.parse('2026-06-01'), zone: 'UTC' });
    const next = nextNumber(series, [first.counter], { at: Date.parse('2027-06-01'), zone: 'UTC' });
    expect([first.number, next.number]).toEqual(['A1', 'A2']);
  });
});
