import type { Day } from '../calendar/civil.ts';
import type { Instant, Interval } from '../calendar/interval.ts';
import { anchorOn, CALENDAR_ANCHOR, type Cycle, type PeriodLength } from '../calendar/period.ts';
import { dayOf } from '../calendar/zone.ts';
import { knownBy, type Revision } from '../price/rate-card.ts';
import type { UsageWindow } from '../usage/window.ts';
import type { Catalog } from './catalog.ts';
import type { Policy } from './policy.ts';
import type { Backdate, Timeline } from './subscription.ts';

/** All that decides what should be booked, as far as it was known at `now`. */
export interface BillingContext {
  catalog: Catalog;
  policy: Policy;
  zone: string;
  currency: string;
  /** The account's anchor; null: each subscription's own start. */
  anchorDay: Day | null;
  /** Calendars that the account had before, oldest first. */
  earlier: readonly EarlierCalendar[];
  timelines: readonly Timeline[];
  usage: readonly UsageWindow[];
  now: Instant;
  /** By subscription: periods that end by then are booked and need not be computed. */
  since: ReadonlyMap<string, Instant>;
}

/** What cuts an account's time into periods. */
export interface AccountCalendar {
  zone: string;
  anchorDay: Day | null;
  billing: Policy['billing'];
  billingDay: number | null;
}

export interface EarlierCalendar extends AccountCalendar {
  /** When it was changed. */
  until: Instant;
}

type CycleContext = Pick<BillingContext, 'policy' | 'zone' | 'anchorDay'> &
  Partial<Pick<AccountCalendar, 'billing' | 'billingDay'>> & {
    /** Zone in which its own first day is counted: another one does not move its billing day. */
    bornIn?: string;
  };

/** Why something could not be priced: it stays unbilled and in sight, and everything else goes on. */
export interface Problem {
  code: 'PriceGap' | 'NoMatchingPrice' | 'UnattributedUsage' | 'LateUsageIgnored' | 'LateUsageFeed' | 'TaxUnknown';
  subject: string;
  from: Instant;
  to: Instant;
}

/** Periods of a subscription that end by this are left out. */
export function sinceOf({ subscription }: Timeline, { since }: BillingContext): Instant {
  return since.get(subscription.id) ?? 0;
}

/** The cycle that counts now, or the one of another calendar. */
export function cycleOf(
  { start }: Timeline,
  every: PeriodLength,
  { policy, zone, anchorDay, billing = policy.billing, billingDay = policy.billingDay, bornIn = zone }: CycleContext,
): Cycle {
  const ownStart = anchorDay ?? dayOf(start, bornIn);
  const isCalendar = billing === 'CALENDAR' && every.unit !== 'DAY';
  const anchor = isCalendar ? CALENDAR_ANCHOR : anchorOn(ownStart, billingDay ?? undefined);
  return { anchor, length: every, zone };
}

/** When a subscription last changed as far as a period is concerned: what is recorded late is billed late. */
export function changedAt({ subscription }: Timeline, before: Instant): Instant {
  return Math.max(0, ...subscription.events.filter(({ at }) => at < before).map(({ recordedAt }) => recordedAt));
}

/** The last change that reaches back into a period from after its beginning; undefined where none does. */
export function backdateOf(
  { subscription }: Timeline,
  { from, to }: Interval,
): { backdate: Backdate; recordedAt: Instant } | undefined {
  const reaching = subscription.events.filter(({ at, recordedAt }) => at < to && recordedAt > from);
  const last = reaching.toSorted((a, b) => a.recordedAt - b.recordedAt).at(-1);
  return last?.backdate === undefined ? undefined : { backdate: last.backdate, recordedAt: last.recordedAt };
}

/** Revisions that may price what is billed at an instant: those published by then, so that what is issued keeps its price. */
export function revisionsFor(billAt: Instant, { catalog }: BillingContext): Revision[] {
  return knownBy(catalog.card.revisions, billAt);
}

/** Billing instants on which usage of the account closes: their drafts collect before they are issued. */
export type ClosingInstants = ReadonlySet<Instant>;

export function settleInstant(
  { billAt, changed }: { billAt: Instant; changed: Instant },
  closing: ClosingInstants,
  { collectionWindowMs, draftWindowMs }: Policy,
): Instant {
  const window = closing.has(billAt) ? Math.max(collectionWindowMs, draftWindowMs) : draftWindowMs;
  return Math.max(billAt + window, changed + draftWindowMs);
}
