import { type Day, dayFrom, dayInMonth, dayNumber, monthNumber, partsOf } from './civil.ts';
import type { Instant, Interval } from './interval.ts';
import { dayOf, startOfDay } from './zone.ts';

export interface PeriodLength {
  unit: 'DAY' | 'WEEK' | 'MONTH' | 'QUARTER' | 'YEAR';
  /** At least 1: two weeks, 28 days. */
  count: number;
}

/**
 * Where boundary 0 lies. `day` is the wished day of the month, which may be past the month's end: boundaries are always computed from
 * here, never from the previous one, so that 31 becomes 28 and then 31 again.
 */
export interface Anchor {
  /** A day of the month that boundary 0 falls in; for days and weeks, boundary 0 itself. */
  date: Day;
  day: number;
}

export interface Cycle {
  anchor: Anchor;
  length: PeriodLength;
  zone: string;
}

/** A billing period: local days, and the instants that they begin and end at. */
export interface Period extends Interval {
  index: number;
  firstDay: Day;
  /** Exclusive. */
  endDay: Day;
  /** Whose days these are. */
  zone: string;
}

/** A Monday that begins a year: weeks, months, quarters and years all begin there. */
export const CALENDAR_ANCHOR: Anchor = { date: '2001-01-01', day: 1 };

/** The anchor of someone who starts on `start`: that day, or the first `billingDay` on or after it. */
export function anchorOn(start: Day, billingDay?: number): Anchor {
  if (billingDay === undefined) return { date: start, day: partsOf(start).dayOfMonth };
  const month = monthNumber(start);
  if (dayInMonth(month, billingDay) >= start) return { date: start, day: billingDay };
  return { date: dayInMonth(month + 1, 1), day: billingDay };
}

export function boundaryDay({ anchor, length }: Cycle, index: number): Day {
  const days = DAYS[length.unit];
  if (days !== undefined) return dayFrom(dayNumber(anchor.date) + days * length.count * index);
  return dayInMonth(monthNumber(anchor.date) + MONTHS[length.unit] * length.count * index, anchor.day);
}

export function period(cycle: Cycle, index: number): Period {
  const firstDay = boundaryDay(cycle, index);
  const endDay = boundaryDay(cycle, index + 1);
  return {
    index,
    firstDay,
    endDay,
    zone: cycle.zone,
    from: startOfDay(firstDay, cycle.zone),
    to: startOfDay(endDay, cycle.zone),
  };
}

/** The period that an instant falls in. */
export function periodAt(cycle: Cycle, at: Instant): Period {
  const day = dayOf(at, cycle.zone);
  let index = guess(cycle, day);
  while (boundaryDay(cycle, index) > day) index -= 1;
  while (boundaryDay(cycle, index + 1) <= day) index += 1;
  return period(cycle, index);
}

/** All periods that touch an interval, oldest first; at most `limit`, since a horizon has an end. */
export function periodsOver(cycle: Cycle, { from, to }: Interval, limit = 600): Period[] {
  const found: Period[] = [];
  if (from >= to) return found;
  for (let next = periodAt(cycle, from); next.from < to && found.length < limit; next = period(cycle, next.index + 1))
    found.push(next);
  return found;
}

const DAYS: Readonly<Record<PeriodLength['unit'], number | undefined>> = {
  DAY: 1,
  WEEK: 7,
  MONTH: undefined,
  QUARTER: undefined,
  YEAR: undefined,
};
const MONTHS: Readonly<Record<PeriodLength['unit'], number>> = { DAY: 0, WEEK: 0, MONTH: 1, QUARTER: 3, YEAR: 12 };

/** Near the right index; the caller walks the rest, which is one step or two. */
function guess({ anchor, length }: Cycle, day: Day): number {
  const days = DAYS[length.unit];
  if (days !== undefined) return Math.floor((dayNumber(day) - dayNumber(anchor.date)) / (days * length.count));
  return Math.floor((monthNumber(day) - monthNumber(anchor.date)) / (MONTHS[length.unit] * length.count));
}
