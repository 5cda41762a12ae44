import { FOREVER, type Instant } from '../calendar/interval.ts';
import type { Subscription } from '../settle/subscription.ts';
import type { WishObject } from './account-wishes.ts';

/** How a Subscription was wished from an instant on, until the next of its uid. */
export interface SubscriptionRevision {
  uid: string;
  project: string;
  name: string;
  /** When it was first wished. */
  began: Instant;
  at: Instant;
  /** When it was deleted, or will be; null: nobody said so. */
  ended: Instant | null;
  spec: unknown;
}

interface Known {
  /** What the books know of the account. */
  subscriptions: readonly Subscription[];
  now: Instant;
}

/** What came and went while nobody looked was never begun: nothing is billed for it. */
export function witnessed(
  history: readonly SubscriptionRevision[],
  { subscriptions, now }: Known,
): SubscriptionRevision[] {
  const last = new Map(history.map((each) => [each.uid, each]));
  const isKnown = ({ project, name, began }: SubscriptionRevision) =>
    subscriptions.some(
      ({ id, events }) =>
        id.split('#')[0] === `${project}/${name}` &&
        events.some(({ type, recordedAt }) => type === 'CREATE' && recordedAt >= began),
    );
  return history.filter((each) => (last.get(each.uid)?.ended ?? FOREVER) > now || isKnown(each));
}

/** The first instant after `after` and before `until` at which something was wished otherwise. Null: after all time. */
export function nextWished(
  history: readonly SubscriptionRevision[],
  { after, until }: { after: Instant | null; until: Instant },
): Instant | undefined {
  const isBetween = (at: Instant) => (after === null || at > after) && at < until;
  const times = history.flatMap(({ at, ended }) => (ended === null ? [at] : [at, ended])).filter(isBetween);
  return times.length === 0 ? undefined : times.reduce((least, at) => Math.min(least, at));
}

/** What was wished at an instant, as it was wished then, with what is known by now of its end. */
export function wishedAsOf(history: readonly SubscriptionRevision[], at: Instant): WishObject[] {
  const last = new Map(history.map((each) => [each.uid, each.ended]));
  const standing = new Map(history.filter((each) => each.at <= at).map((each) => [each.uid, each]));
  return [...standing.values()]
    .filter(({ ended }) => ended === null || ended > at)
    .map(({ uid, project, name, spec }) => {
      const ended = last.get(uid) ?? null;
      const deletedAt = ended === null ? null : new Date(ended).toISOString();
      return { kind: 'Subscription', metadata: { uid, name, project, deletedAt }, spec };
    });
}

/** When the newest of each name, `project/name`, was over. */
export function endedBy(history: readonly SubscriptionRevision[], at: Instant): ReadonlyMap<string, Instant> {
  const known = history.filter((each) => each.at <= at);
  const newest = new Map(known.map((each) => [`${each.project}/${each.name}`, each]));
  return new Map(
    [...newest].flatMap(([name, { ended }]) => (ended !== null && ended <= at ? [[name, ended] as const] : [])),
  );
}
