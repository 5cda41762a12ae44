import type { Instant } from '../calendar/interval.ts';
import { intersectAll } from '../calendar/interval.ts';
import type { Period } from '../calendar/period.ts';
import { digest } from '../digest.ts';
import type { Revision } from '../price/rate-card.ts';
import type { UsageWindow } from '../usage/window.ts';
import { attribute } from './attribution.ts';
import type { Catalog, Entitlement } from './catalog.ts';
import type { BillingContext } from './context.ts';
import { periodOf } from './cycles.ts';
import type { Desired } from './recurring.ts';
import { chargesOf, grantCycle, type Timeline } from './subscription.ts';

/**
 * What a pass may leave out: all that should be booked for periods that end by `since` is booked, and stays so while the inputs from
 * before it are the same. Only a saving: without one, or with one that does not fit any more, everything is computed.
 */
export interface Checkpoint {
  /** Of the pass that made it: an earlier time knows nothing of it. */
  settledAt: Instant;
  /** By subscription. */
  since: ReadonlyMap<string, Instant>;
  /** Of everything that the lines of those periods are a function of. */
  inputs: string;
}

export type Since = Checkpoint['since'];

const NOTHING: Since = new Map();

/** From when on a pass must compute each subscription; of those that are not named, everything. */
export function computedSince(checkpoint: Checkpoint | null, context: BillingContext): Since {
  if (checkpoint === null || context.now < checkpoint.settledAt) return NOTHING;
  return inputsBefore(checkpoint.since, context) === checkpoint.inputs ? checkpoint.since : NOTHING;
}

/** What the next pass may leave out, after one that booked all that was due. */
export function checkpointAfter(context: BillingContext, desired: Desired): Checkpoint | null {
  const limits = settledBefore(desired, context);
  const since = new Map(groups(context).flatMap((group) => closed(group, { limits, context })));
  if (since.size === 0) return null;
  return { settledAt: context.now, since, inputs: inputsBefore(since, context) };
}

/** By subscription, the end of the time in which nothing is outstanding: what is not issued yet, or has no price, lies after it. */
function settledBefore({ lines, problems }: Desired, { now, policy, timelines }: BillingContext): Map<string, Instant> {
  // Within the windows in which drafts collect, what closes with usage still decides when others are issued.
  const all = now - Math.max(policy.collectionWindowMs, policy.draftWindowMs);
  const unpriced = problems.filter(({ code }) => code === 'PriceGap' || code === 'NoMatchingPrice');
  const start = unpriced.reduce((least, { from }) => Math.min(least, from), all);
  const limits = new Map(timelines.map(({ subscription }) => [subscription.id, start]));
  for (const { subscription, period, settleAt, correctAt } of lines)
    if (settleAt > now || correctAt > now)
      limits.set(subscription, Math.min(limits.get(subscription) ?? 0, period.from));
  return limits;
}

/** Subscriptions that draw on each other's pools are closed together; all others each for itself. */
function groups({ timelines, catalog }: BillingContext): (readonly Timeline[])[] {
  const isShared = ({ scope }: Entitlement) => scope === 'USER' || scope === 'ACCOUNT';
  const shares = [...catalog.bundles.values()].some(({ entitlements }) => entitlements.some(isShared));
  return shares ? [timelines] : timelines.map((each) => [each]);
}

const ROUNDS_MAX = 100;

/**
 * No period in which usage is summed, drawn or made up for may lie on both sides: one half of it would be computed without the other.
 * Fees may, since a period of theirs is computed whole or not at all.
 */
function closed(
  group: readonly Timeline[],
  { limits, context }: { limits: ReadonlyMap<string, Instant>; context: BillingContext },
): [string, Instant][] {
  if (group.some((timeline) => carriesOver(timeline, context))) return [];
  const cuts = group.flatMap((timeline) => summingPeriods(timeline, context));
  let since = Math.min(...group.map(({ subscription }) => limits.get(subscription.id) ?? 0));
  for (let round = 0; round < ROUNDS_MAX && since > 0; round += 1) {
    const aligned = cuts.reduce((least, periodFor) => Math.min(least, periodFor(least).from), since);
    if (aligned === since) return group.map(({ subscription }) => [subscription.id, since]);
    since = aligned;
  }
  return [];
}

/** What is left of one period goes into the next, and so on from the first: none can be left out. */
function carriesOver({ segments }: Timeline, { catalog: { bundles } }: BillingContext): boolean {
  return segments.some(({ bundle }) => bundles.get(bundle)?.entitlements.some(({ rollover }) => rollover !== null));
}

function summingPeriods(timeline: Timeline, context: BillingContext): ((at: Instant) => Period)[] {
  const { bundles } = context.catalog;
  const lengths = chargesOf(timeline, bundles).flatMap((charge) =>
    charge.type === 'USAGE' || charge.type === 'COMMITMENT' ? [charge.every] : [],
  );
  const granting = timeline.segments.flatMap(({ bundle }) => bundles.get(bundle) ?? []);
  const granted = granting.flatMap((bundle) => (bundle.entitlements.length === 0 ? [] : [grantCycle(bundle)]));
  return [...lengths, ...granted].map((every) => (at: Instant) => periodOf(timeline, every, context, at));
}

function inputsBefore(since: Since, context: BillingContext): string {
  const { bySubscription } = attribute(context);
  const own = context.timelines.map((timeline) => {
    const { id } = timeline.subscription;
    const before = since.get(id) ?? 0;
    return [ofTimeline(timeline, before), ofUsage(bySubscription.get(id) ?? [], before)];
  });
  return digest(`${ofCatalog(context.catalog)} ${textOf([ofAccount(context), own])}`);
}

/** Small, and rarely another: any change of it, and everything is computed once. */
function ofAccount({ policy, zone, currency, anchorDay, earlier, timelines }: BillingContext): unknown {
  const owners = timelines.map(({ subscription: { id, user, resources, onTermination } }) => [
    id,
    user,
    resources,
    onTermination,
  ]);
  return [policy, zone, currency, anchorDay, earlier, owners];
}

/**
 * What is sold is the same for many accounts and passes, each of which puts it together anew from the same parts: by the last bundle, the
 * digest of a catalog that has it.
 */
const catalogsKnown = new WeakMap<object, { parts: readonly unknown[]; digest: string }>();

function ofCatalog({ bundles, meters, card }: Catalog): string {
  const parts = [...[...bundles].flat(), ...meters, ...card.revisions];
  const last = [...bundles.values()].at(-1) ?? bundles;
  const known = catalogsKnown.get(last);
  if (known?.parts.length === parts.length && known.parts.every((part, index) => part === parts[index]))
    return known.digest;
  const revisions = card.revisions.map(({ id, hash, from, to, recordedAt }: Revision) => [
    id,
    hash,
    from,
    to,
    recordedAt,
  ]);
  const found = digest(textOf([[...bundles], meters, revisions]));
  catalogsKnown.set(last, { parts, digest: found });
  return found;
}

function ofTimeline({ subscription, end, blocked }: Timeline, before: Instant): unknown {
  const events = subscription.events.filter(({ at }) => at < before);
  return [before, events, Math.min(end, before), intersectAll(blocked, { from: 0, to: before })];
}

function ofUsage(windows: readonly UsageWindow[], before: Instant): string[] {
  return windows
    .filter(({ from }) => from < before)
    .map(({ id, to, quantity, recordedAt }) => `${id} ${to} ${quantity.num}/${quantity.den} ${recordedAt}`)
    .toSorted();
}

function textOf(value: unknown): string {
  return JSON.stringify(value, (_name, each: unknown) => (typeof each === 'bigint' ? `${each}n` : each));
}
