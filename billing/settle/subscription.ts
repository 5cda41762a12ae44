import { FOREVER, type Instant, type Interval, intersect, intersectAll, subtractAll } from '../calendar/interval.ts';
import type { PeriodLength } from '../calendar/period.ts';
import { addDuration, dayOf, startOfDay } from '../calendar/zone.ts';
import { zoneAt, zonesAround } from './calendars.ts';
import type { Bundle, Charge, UsageCharge } from './catalog.ts';
import type { EarlierCalendar } from './context.ts';
import type { Policy } from './policy.ts';

/** What a customer takes. Its life is an append-only list of dated events; nothing about it is ever overwritten. */
export interface Subscription {
  id: string;
  user: string | null;
  /** Usage of these belongs to it. */
  resources: readonly string[];
  campaigns: readonly string[];
  /** What happens to what was paid ahead when it ends early; without it, what the policy says. */
  onTermination?: Policy['onCancel'];
  events: readonly SubscriptionEvent[];
}

export interface SubscriptionEvent {
  /** From when it holds. */
  at: Instant;
  /** When it became known. */
  recordedAt: Instant;
  type: 'CREATE' | 'BEGIN' | 'CHANGE' | 'PAUSE' | 'RESUME' | 'CANCEL' | 'UNCANCEL';
  /** Of CREATE and CHANGE. */
  bundle?: string;
  quantity?: bigint;
  /** Of CREATE: what has to happen before it begins. BEGIN says when all of it had. */
  awaits?: readonly Awaited[];
  /** Where it reaches into what was issued already. */
  backdate?: Backdate;
}

/** PAYMENT: its card was good for what is set aside. RESOURCES: all that it is for stands. */
export type Awaited = 'PAYMENT' | 'RESOURCES';

/** How issued lines are put right: credited whole and billed anew at once, or by the difference on the next invoice. */
export interface Backdate {
  policy: (typeof BACKDATE_POLICIES)[number];
  approvedBy: string;
}

export const BACKDATE_POLICIES = ['CREDIT_AND_REBILL', 'NEXT_INVOICE_ADJUST'] as const;

/** A stretch with one bundle in one quantity, in force and past its trial. */
export interface Segment extends Interval {
  bundle: string;
  quantity: bigint;
}

/** The account's view of a subscription's life: what is in force when, by local days where days are counted. */
export interface Timeline {
  subscription: Subscription;
  start: Instant;
  /** When it was or will be cancelled. */
  end: Instant;
  segments: readonly Segment[];
  /** When holds block the service: fees are not charged then, what still stands is metered on. */
  blocked: readonly Interval[];
}

export interface TimelineContext {
  bundles: ReadonlyMap<string, Bundle>;
  policy: Policy;
  zone: string;
  earlier?: readonly EarlierCalendar[];
  /** When holds block the service: not charged where the policy credits blocked days. */
  blocked: readonly Interval[];
}

export function timelineOf(subscription: Subscription, context: TimelineContext): Timeline {
  const events = subscription.events.toSorted((a, b) => a.at - b.at || a.recordedAt - b.recordedAt);
  const start = startOf(subscription);
  const end = endOf(subscription);
  const running = stretches(
    events.filter(({ type }) => !ENDS.has(type)),
    lastInstant(end, context),
  );
  const segments = running.flatMap((segment) => {
    const bundle = context.bundles.get(segment.bundle);
    const billed = { from: trialEnd(start, bundle, zoneAt(context, start)), to: FOREVER };
    return intersectAll([segment], billed).map((piece) => ({ ...segment, ...piece }));
  });
  return { subscription, start, end, segments, blocked: context.policy.creditBlockedDays ? context.blocked : [] };
}

/** When it began or will begin; FOREVER where that is not known yet. */
export function startOf({ events }: Pick<Subscription, 'events'>): Instant {
  const created = events.find(({ type }) => type === 'CREATE');
  if (created === undefined) return FOREVER;
  return (created.awaits ?? []).length === 0
    ? created.at
    : (events.find(({ type }) => type === 'BEGIN')?.at ?? FOREVER);
}

/** What happens to what was paid ahead when it ends early. */
export function onCancelOf(
  { onTermination }: Subscription,
  { onCancel }: Pick<Policy, 'onCancel'>,
): Policy['onCancel'] {
  return onTermination ?? onCancel;
}

/** What it still waits for before it begins. */
export function awaitedBy({ events }: Pick<Subscription, 'events'>): readonly Awaited[] {
  if (events.some(({ type }) => type === 'BEGIN')) return [];
  return events.find(({ type }) => type === 'CREATE')?.awaits ?? [];
}

/** When it was or will be over, by the last word on it; FOREVER where nobody said so. */
export function endOf({ events }: Pick<Subscription, 'events'>): Instant {
  const last = events
    .filter(({ type }) => ENDS.has(type))
    .toSorted((a, b) => a.recordedAt - b.recordedAt)
    .at(-1);
  return last?.type === 'CANCEL' ? last.at : FOREVER;
}

const ENDS: ReadonlySet<SubscriptionEvent['type']> = new Set(['CANCEL', 'UNCANCEL']);

/** How long what a bundle includes lasts: as long as the periods of its usage. */
export function grantCycle({ charges }: Bundle): PeriodLength {
  const usage = charges.find((charge): charge is UsageCharge => charge.type === 'USAGE');
  return usage?.every ?? { unit: 'MONTH', count: 1 };
}

/** When a charge is in force: joined where one bundle follows another that has the same charge. */
export function inForce(timeline: Timeline, charge: Charge, bundles: ReadonlyMap<string, Bundle>): Segment[] {
  const sold = timeline.segments.filter(({ bundle }) =>
    bundles.get(bundle)?.charges.some(({ name }) => name === charge.name),
  );
  if (charge.type !== 'RECURRING' || timeline.blocked.length === 0) return sold;
  return sold.flatMap((segment) => subtractAll([segment], timeline.blocked).map((piece) => ({ ...segment, ...piece })));
}

/** All charges that the subscription ever had, each once. */
export function chargesOf(timeline: Timeline, bundles: ReadonlyMap<string, Bundle>): Charge[] {
  const charges = timeline.segments.flatMap(({ bundle }) => bundles.get(bundle)?.charges ?? []);
  return [...new Map(charges.map((charge) => [charge.name, charge])).values()];
}

/** With the day of termination included, the day ends at its midnight, unless the termination is the start of it all. */
function lastInstant(end: Instant, context: TimelineContext): Instant {
  const { policy } = context;
  if (end === FOREVER || policy.terminationDay === 'EXCLUSIVE' || policy.unit !== 'DAY') return end;
  // Where two zones count, the later midnight is the end of the same day in both.
  return Math.max(
    ...zonesAround(context, end).map((zone) => startOfDay(dayOf(addDuration(end, 'P1D', zone), zone), zone)),
  );
}

function trialEnd(start: Instant, bundle: Bundle | undefined, zone: string): Instant {
  const days = bundle?.trialDays ?? 0;
  return days === 0 ? start : addDuration(start, `P${days}D`, zone);
}

function stretches(events: readonly SubscriptionEvent[], end: Instant): Segment[] {
  const found: Segment[] = [];
  let current: { bundle: string; quantity: bigint } | undefined;
  let [hasBegun, isPaused] = [false, false];
  for (const [index, event] of events.entries()) {
    if (event.type === 'CREATE' || event.type === 'CHANGE') {
      current = { bundle: event.bundle ?? current?.bundle ?? '', quantity: event.quantity ?? current?.quantity ?? 1n };
      hasBegun ||= event.type === 'CREATE' && (event.awaits ?? []).length === 0;
    } else if (event.type === 'BEGIN') hasBegun = true;
    else isPaused = event.type === 'PAUSE';
    const stretch = intersect({ from: event.at, to: events[index + 1]?.at ?? end }, { from: 0, to: end });
    if (current !== undefined && hasBegun && !isPaused && stretch !== undefined) found.push({ ...stretch, ...current });
  }
  return found;
}
