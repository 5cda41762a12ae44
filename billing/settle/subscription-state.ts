import { contains, FOREVER, type Instant, type Interval } from '../calendar/interval.ts';
import { isAuthorised } from '../payment/pre-authorisation.ts';
import type { Facts } from './books.ts';
import { awaitedBy, type Timeline } from './subscription.ts';

export const SUBSCRIPTION_STATES = [
  'INCOMPLETE',
  'PENDING',
  'PROVISIONING',
  'ACTIVE',
  'PAUSED',
  'CANCELLING',
  'ENDED',
  'CANCELED',
] as const;

export type SubscriptionState = (typeof SUBSCRIPTION_STATES)[number];

interface Asked {
  /** When holds stop what is served. */
  held: readonly Interval[];
  facts: Pick<Facts, 'authorisations'>;
  now: Instant;
}

/**
 * Where a subscription stands in its life, by its dated events and by what is known of its card. CANCELED: it never began. CANCELLING: its
 * end is known, and ahead.
 */
export function subscriptionState(timeline: Timeline, { held, facts, now }: Asked): SubscriptionState {
  const { subscription, start, end, segments } = timeline;
  const { id, events } = subscription;
  if (end <= now) return start < end || segments.length > 0 ? 'ENDED' : 'CANCELED';
  const created = events.find(({ type }) => type === 'CREATE')?.at ?? FOREVER;
  const awaited = awaitedBy(subscription);
  if (awaited.includes('PAYMENT') && !isAuthorised(facts, id)) return 'INCOMPLETE';
  if (created > now) return 'PENDING';
  if (awaited.length > 0) return 'PROVISIONING';
  if (start > now) return 'PENDING';
  if (isPaused(timeline, now) || held.some((hold) => contains(hold, now))) return 'PAUSED';
  return end === FOREVER ? 'ACTIVE' : 'CANCELLING';
}

function isPaused({ subscription: { events } }: Timeline, now: Instant): boolean {
  const last = events
    .filter(({ at, type }) => at <= now && (type === 'PAUSE' || type === 'RESUME'))
    .toSorted((a, b) => a.at - b.at || a.recordedAt - b.recordedAt)
    .at(-1);
  return last?.type === 'PAUSE';
}
