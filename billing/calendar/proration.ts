import { ONE, type Rational, rational, ZERO } from '../money/rational.ts';
import { type Day, dayNumber, partsOf } from './civil.ts';
import { type Interval, intersectAll, lengthMs, union } from './interval.ts';
import type { Period } from './period.ts';
import { dayOf, startOfDay } from './zone.ts';

export interface Proration {
  unit: 'DAY' | 'SECOND' | 'NONE';
  /** FIXED_30 counts every month as 30 days, every year as 360. */
  basis: 'ACTUAL' | 'FIXED_30';
}

/** Half-open local days. */
export interface Days {
  from: Day;
  to: Day;
}

/** How much of a period some local days are. Days outside of it do not count; the days must not overlap. */
export function dayRatio(days: readonly Days[], period: Days, basis: Proration['basis']): Rational {
  const measure = basis === 'FIXED_30' ? day360 : epochDay;
  const inForce = days.reduce((total, { from, to }) => {
    const start = from > period.from ? from : period.from;
    const end = to < period.to ? to : period.to;
    return start < end ? total + measure(end) - measure(start) : total;
  }, 0n);
  return rational(inForce, measure(period.to) - measure(period.from));
}

/** How much of a period was in force, by the policy's unit. NONE: the whole of it, as soon as any of it. */
export function ratioInForce(inForce: readonly Interval[], period: Period, { unit, basis }: Proration): Rational {
  const within = intersectAll(union(inForce), period);
  if (within.length === 0) return ZERO;
  if (unit === 'NONE') return ONE;
  if (unit === 'SECOND')
    return rational(
      within.reduce((ms, piece) => ms + BigInt(lengthMs(piece)), 0n),
      BigInt(lengthMs(wholePeriod(period))),
    );
  const days = within.map(({ from, to }) => ({ from: dayOf(from, period.zone), to: dayOf(to, period.zone) }));
  return dayRatio(days, { from: period.firstDay, to: period.endDay }, basis);
}

/** From its first day to its end, where another calendar may have the beginning or the end of it. */
export function wholePeriod({ firstDay, endDay, zone }: Period): Interval {
  return { from: startOfDay(firstDay, zone), to: startOfDay(endDay, zone) };
}

function epochDay(day: Day): bigint {
  return BigInt(dayNumber(day));
}

/** A count that only grows with the date, so that parts add up to the whole. */
function day360(day: Day): bigint {
  const { year, month, dayOfMonth } = partsOf(day);
  return BigInt(year * 360 + month * 30 + Math.min(dayOfMonth, 30));
}
