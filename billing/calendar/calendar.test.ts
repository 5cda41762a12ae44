import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { add, decimalText, type Rational, rational, ZERO } from '../money/rational.ts';
import { subtractAll, union } from './interval.ts';
import {
  anchorOn,
  boundaryDay,
  CALENDAR_ANCHOR,
  type Cycle,
  type PeriodLength,
  period,
  periodAt,
  periodsOver,
} from './period.ts';
import { dayRatio, ratioInForce } from './proration.ts';
import { addDuration, dayOf, formatLocal, parseLocal } from './zone.ts';

const MONTH: PeriodLength = { unit: 'MONTH', count: 1 };
const cycle = (start: string, length = MONTH, billingDay?: number, zone = 'UTC'): Cycle => ({
  anchor: anchorOn(start, billingDay),
  length,
  zone,
});
const at = (text: string, zone = 'UTC'): number => parseLocal(text, zone) ?? Number.NaN;

describe('boundaries are computed from the anchor (BR-17)', () => {
  it('T-01, T-02: month ends are clamped, and come back', () => {
    expect([1, 2, 3, 4].map((k) => boundaryDay(cycle('2024-01-31'), k))).toEqual([
      '2024-02-29',
      '2024-03-31',
      '2024-04-30',
      '2024-05-31',
    ]);
    expect([1, 2, 3].map((k) => boundaryDay(cycle('2024-01-30'), k))).toEqual([
      '2024-02-29',
      '2024-03-30',
      '2024-04-30',
    ]);
  });

  it('T-08: a year anchored on February 29', () => {
    const yearly = cycle('2024-02-29', { unit: 'YEAR', count: 1 });
    expect([1, 2, 3, 4].map((k) => boundaryDay(yearly, k))).toEqual([
      '2025-02-28',
      '2026-02-28',
      '2027-02-28',
      '2028-02-29',
    ]);
  });

  it('T-04: the leading piece is part of the whole period that the billing day ends', () => {
    const leading = (unit: PeriodLength['unit']) => {
      const whole = periodAt(cycle('2011-02-01', { unit, count: 1 }, 13), at('2011-02-01'));
      return dayRatio([{ from: '2011-02-01', to: whole.endDay }], { from: whole.firstDay, to: whole.endDay }, 'ACTUAL');
    };
    expect([leading('MONTH'), leading('QUARTER'), leading('YEAR')]).toEqual([
      rational(12n, 31n),
      rational(12n, 92n),
      rational(12n, 365n),
    ]);
  });

  it('T-05: whole periods and a trailing piece', () => {
    const units = (unit: PeriodLength['unit'], to: string): Rational => {
      const inForce = { from: at('2010-06-17'), to: at(to) };
      const policy = { unit: 'DAY', basis: 'ACTUAL', zone: 'UTC' } as const;
      return periodsOver(cycle('2010-06-17', { unit, count: 1 }, 17), inForce).reduce(
        (total, each) => add(total, ratioInForce([inForce], each, policy)),
        ZERO,
      );
    };
    expect(units('MONTH', '2010-07-25')).toEqual(rational(39n, 31n));
    expect(units('QUARTER', '2010-09-25')).toEqual(rational(99n, 91n));
    expect(units('YEAR', '2011-06-25')).toEqual(rational(374n, 366n));
  });

  it('calendar periods begin on Mondays, firsts, quarters and new years', () => {
    const firstDay = (unit: PeriodLength['unit']) =>
      periodAt({ anchor: CALENDAR_ANCHOR, length: { unit, count: 1 }, zone: 'UTC' }, at('2023-08-17T12:00')).firstDay;
    expect([firstDay('WEEK'), firstDay('MONTH'), firstDay('QUARTER'), firstDay('YEAR')]).toEqual([
      '2023-08-14',
      '2023-08-01',
      '2023-07-01',
      '2023-01-01',
    ]);
  });

  it('tile time: every instant is in the period that is said to hold it, and the next begins where it ends', () => {
    const lengths = fc.record<PeriodLength>({
      unit: fc.constantFrom('DAY', 'WEEK', 'MONTH', 'QUARTER', 'YEAR'),
      count: fc.integer({ min: 1, max: 28 }),
    });
    const days = fc.integer({ min: 0, max: 40_000 }).map((day) => dayOf(day * 86_400_000, 'UTC'));
    fc.assert(
      fc.property(
        days,
        lengths,
        fc.option(fc.integer({ min: 1, max: 31 }), { nil: undefined }),
        fc.integer({ min: 0, max: 3e12 }),
        (start, length, day, now) => {
          const some = cycle(start, length, day, 'America/New_York');
          const found = periodAt(some, now);
          expect(found.from <= now && now < found.to).toBe(true);
          expect(period(some, found.index + 1).from).toBe(found.to);
        },
      ),
    );
  });
});

describe('proration (T-16, BR-19)', () => {
  it.each([
    ['2012-05-23', '2012-06-15', '2012-05-15', '2012-06-15', 'ACTUAL', '0.741935484'],
    ['2012-06-23', '2012-07-15', '2012-06-15', '2012-07-15', 'ACTUAL', '0.733333333'],
    ['2011-02-23', '2011-03-15', '2011-02-15', '2011-03-15', 'ACTUAL', '0.714285714'],
    ['2012-02-23', '2012-03-15', '2012-02-15', '2012-03-15', 'ACTUAL', '0.724137931'],
    ['2011-02-23', '2011-03-15', '2011-02-15', '2011-03-15', 'FIXED_30', '0.733333333'],
    ['2012-05-23', '2012-06-15', '2012-05-15', '2012-06-15', 'FIXED_30', '0.733333333'],
  ] as const)('%s to %s of %s to %s, %s: %s', (from, to, first, end, basis, expected) => {
    expect(decimalText(dayRatio([{ from, to }], { from: first, to: end }, basis), 9)).toBe(expected);
  });

  it('by the second, the month in which the clocks change has an hour less, or more', () => {
    const half = (start: string, hours: number) => {
      const whole = periodAt(cycle(start, MONTH, 1, 'Europe/Berlin'), at(start, 'Europe/Berlin'));
      const inForce = [{ from: whole.from, to: whole.from + (hours / 2) * 3_600_000 }];
      return ratioInForce(inForce, whole, { unit: 'SECOND', basis: 'ACTUAL' });
    };
    expect([half('2026-03-01', 743), half('2026-10-01', 745), half('2026-05-01', 744)]).toEqual(
      Array.from({ length: 3 }, () => rational(1n, 2n)),
    );
  });

  it('days outside of the period count nothing', () => {
    const period = { from: '2012-05-15', to: '2012-06-15' };
    const ratio = (from: string, to: string) => dayRatio([{ from, to }], period, 'ACTUAL');
    expect([ratio('2012-04-01', '2012-07-01'), ratio('2012-04-01', '2012-05-15')]).toEqual([rational(1n), ZERO]);
    expect(ratio('2012-04-01', '2012-05-16')).toEqual(rational(1n, 31n));
  });

  it.each(['ACTUAL', 'FIXED_30'] as const)('parts of a period add up to all of it, %s', (basis) => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 365 }), fc.integer({ min: 0, max: 365 }), (one, other) => {
        const cuts = [0, ...[one, other].toSorted((a, b) => a - b), 365].map((day) =>
          dayOf(at('2023-01-31') + day * 86_400_000, 'UTC'),
        );
        const year = { from: '2023-01-31', to: '2024-01-31' };
        const parts = [0, 1, 2].map((k) => dayRatio([{ from: cuts[k] ?? '', to: cuts[k + 1] ?? '' }], year, basis));
        expect(parts.reduce(add, ZERO)).toEqual(rational(1n));
      }),
    );
  });
});

describe('time zones (BR-18)', () => {
  it('T-29: a time in a DST gap is the first valid instant after it', () => {
    expect(formatLocal(at('2015-03-08T02:00', 'America/New_York'), 'America/New_York')).toBe('2015-03-08T03:00:00');
    expect(formatLocal(at('2015-03-08T02:30', 'America/New_York'), 'America/New_York')).toBe('2015-03-08T03:00:00');
  });

  it('a midnight that does not exist is the first instant of the day', () => {
    expect(new Date(at('2018-11-04', 'America/Sao_Paulo')).toISOString()).toBe('2018-11-04T03:00:00.000Z');
  });

  it.each(['America/Juneau', 'America/New_York'])(
    'T-28: eighteen months in %s begin at local midnight and touch',
    (zone) => {
      const monthly = cycle('2014-01-10', MONTH, undefined, zone);
      const months = Array.from({ length: 18 }, (_, index) => period(monthly, index));
      expect(months.map(({ from }) => formatLocal(from, zone))).toEqual(months.map(({ firstDay }) => firstDay));
      expect(months.slice(1).map(({ from }) => from)).toEqual(months.slice(0, -1).map(({ to }) => to));
    },
  );

  it('a day has 23 or 25 hours, and is one day', () => {
    const hours = (day: string, next: string) => (at(next, 'Europe/Berlin') - at(day, 'Europe/Berlin')) / 3_600_000;
    expect(hours('2026-03-29', '2026-03-30')).toBe(23);
    expect(hours('2026-10-25', '2026-10-26')).toBe(25);
    expect(addDuration(at('2026-03-28T12:00', 'Europe/Berlin'), 'P1D', 'Europe/Berlin')).toBe(
      at('2026-03-29T12:00', 'Europe/Berlin'),
    );
  });
});

describe('intervals', () => {
  it('join where they touch, and lose what holes cover', () => {
    expect(
      union([
        { from: 5, to: 9 },
        { from: 0, to: 5 },
        { from: 10, to: 10 },
      ]),
    ).toEqual([{ from: 0, to: 9 }]);
    expect(
      subtractAll(
        [{ from: 0, to: 10 }],
        [
          { from: 2, to: 4 },
          { from: 9, to: 12 },
        ],
      ),
    ).toEqual([
      { from: 0, to: 2 },
      { from: 4, to: 9 },
    ]);
  });
});
