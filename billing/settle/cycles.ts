import { FOREVER, type Instant, type Interval, intersect } from '../calendar/interval.ts';
import { type Cycle, type Period, type PeriodLength, periodAt, periodsOver } from '../calendar/period.ts';
import { startOfDay } from '../calendar/zone.ts';
import { isSameCalendar, zoneAt } from './calendars.ts';
import { type AccountCalendar, type BillingContext, cycleOf, sinceOf } from './context.ts';
import type { Timeline } from './subscription.ts';

/** A stretch of time that one calendar cuts into periods. */
interface Stretch extends Interval {
  cycle: Cycle;
  /** The end of its last period, which reaches to the end of the stretch: in another zone that day begins at another instant. */
  boundary: Instant;
}

/**
 * A new zone or billing day takes effect at the next boundary of the old calendar: what lies between there and the first boundary of the
 * new one is a part of the new one's period, and is prorated like any other.
 */
export function cyclesOf(timeline: Timeline, every: PeriodLength, context: BillingContext): Stretch[] {
  const found: (Stretch & { calendar: AccountCalendar })[] = [];
  const cycleFor = (calendar: AccountCalendar) =>
    cycleOf(timeline, every, { ...context, ...calendarFields(calendar), bornIn: zoneAt(context, timeline.start) });
  const [first = currentCalendar(context), ...later] = [...context.earlier, currentCalendar(context)];
  let current = { calendar: first, from: 0 };
  for (const [index, { until: changed }] of context.earlier.entries()) {
    const next = later[index] ?? current.calendar;
    // Changed again before it came into force: it is as if it had never been.
    if (changed <= current.from) current = found.pop() ?? current;
    if (timeline.start >= changed) current = { ...current, calendar: next };
    else if (!isSameCalendar(current.calendar, next)) {
      const cycle = cycleFor(current.calendar);
      const { boundary, to } = changeover(cycle, changed, next.zone);
      found.push({ ...current, cycle, to, boundary });
      current = { calendar: next, from: to };
    }
  }
  return [...found, { ...current, cycle: cycleFor(current.calendar), to: FOREVER, boundary: FOREVER }];
}

/** All periods over an interval that do not end by what is closed, each no further than its calendar reaches. */
export function periodsOf(
  timeline: Timeline,
  every: PeriodLength,
  context: BillingContext,
  { over, since = sinceOf(timeline, context) }: { over: Interval; since?: Instant },
): Period[] {
  return cyclesOf(timeline, every, context).flatMap(({ cycle, ...stretch }) => {
    const part = intersect(over, stretch);
    if (part === undefined) return [];
    const end = Math.min(part.to, stretch.boundary);
    const begin = Math.max(part.from, Math.min(since, end - 1));
    return periodsOver(cycle, { from: begin, to: end })
      .map((period) => within(period, stretch))
      .filter((period) => period.to > since && period.from < period.to);
  });
}

/** The period that an instant falls in, as it was or will be cut. */
export function periodOf(timeline: Timeline, every: PeriodLength, context: BillingContext, at: Instant): Period {
  const stretches = cyclesOf(timeline, every, context);
  const stretch = stretches.find(({ from, to }) => from <= at && at < to);
  if (stretch === undefined) return periodAt(cycleOf(timeline, every, context), at);
  return within(periodAt(stretch.cycle, Math.min(at, stretch.boundary - 1)), stretch);
}

function within(period: Period, { from, to, boundary }: Omit<Stretch, 'cycle'>): Period {
  return { ...period, from: Math.max(period.from, from), to: period.to === boundary ? to : period.to };
}

/** The old calendar's next boundary, not before the same day begins in the new zone: no day is charged twice. */
function changeover(cycle: Cycle, changed: Instant, zone: string): { boundary: Instant; to: Instant } {
  const period = periodAt(cycle, changed);
  const isThere = period.from === changed;
  const boundary = isThere ? period.from : period.to;
  const day = isThere ? period.firstDay : period.endDay;
  return { boundary, to: Math.max(boundary, startOfDay(day, zone)) };
}

function currentCalendar({ zone, anchorDay, policy }: BillingContext): AccountCalendar {
  return { zone, anchorDay, billing: policy.billing, billingDay: policy.billingDay };
}

function calendarFields({ zone, anchorDay, billing, billingDay }: AccountCalendar) {
  return { zone, anchorDay, billing, billingDay };
}
