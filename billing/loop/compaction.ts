import { FOREVER, type Instant } from '../calendar/interval.ts';
import { groupBy } from '../group.ts';
import { add, multiply, type Rational, rational, ZERO } from '../money/rational.ts';
import type { Books } from '../settle/books.ts';
import type { BillingContext } from '../settle/context.ts';
import { periodsOf } from '../settle/cycles.ts';
import { contextOf } from '../settle/settle.ts';
import { chargesOf, type Timeline } from '../settle/subscription.ts';
import { COUNTER_METERS } from '../usage/counters/meters.ts';
import type { UsageWindow } from '../usage/window.ts';

/**
 * Which windows may be read as one: those of a resource, a meter and the same attributes between two instants at which anything about
 * billing changes. Their exact sum bills the same as they do, and a database can add it up.
 */
export interface Compaction {
  /** Meters whose level counts for as long as it lasts. */
  levels: readonly string[];
  /** Meters whose quantities are added up. */
  sums: readonly string[];
  /** In order, at least one. */
  cuts: readonly Instant[];
  /** What became known later is still to be looked at pass by pass. */
  knownBy: Instant;
}

export function compactionOf(
  books: Books,
  { settledAt, now }: { settledAt: Instant | null; now: Instant },
): Compaction {
  const { catalog } = books;
  const single = new Set(
    [...catalog.bundles.values()].flatMap(({ charges }) =>
      charges.flatMap(({ product, price }) =>
        catalog.card.revisions.some(({ prices }) => prices.get(price)?.type === 'PERCENTAGE') ? [product] : [],
      ),
    ),
  );
  const names = new Set(catalog.meters.flatMap(({ rules }) => rules.map(({ usage }) => usage)));
  const only = (aggregate: 'LEVEL' | 'SUM') =>
    [...names].filter((name) =>
      catalog.meters
        .filter(({ rules }) => rules.some(({ usage }) => usage === name))
        .every((meter) => meter.aggregate === aggregate && !single.has(meter.product)),
    );
  const cuts = new Set([0, ...cutsOf(contextOf({ ...books, usage: [] }, now))]);
  return {
    levels: only('LEVEL'),
    // What is counted and not sold is not billed, whatever it comes to: it need not be looked at row by row.
    sums: [...only('SUM'), ...COUNTER_METERS.filter((meter) => !names.has(meter))],
    cuts: [...cuts].filter((cut) => cut < FOREVER).toSorted((a, b) => a - b),
    knownBy: settledAt ?? 0,
  };
}

/** The same in memory, as the database does it. */
export function compacted(windows: readonly UsageWindow[], compaction: Compaction): UsageWindow[] {
  const { levels, sums, cuts, knownBy } = compaction;
  const bucket = (at: Instant) => cuts.findLastIndex((cut) => cut <= at);
  const isWhole = ({ meter, from, to, recordedAt }: UsageWindow) =>
    recordedAt <= knownBy &&
    bucket(from) === bucket(Math.max(from, to - 1)) &&
    (sums.includes(meter) || (levels.includes(meter) && from < to));
  const groups = groupBy(windows.filter(isWhole), ({ meter, resource, attributes, from, recordedAt }) =>
    JSON.stringify([meter, resource, Object.entries(attributes).toSorted(), bucket(from), bucket(recordedAt)]),
  );
  const whole = [...groups.values()].flatMap((group): UsageWindow[] => {
    const first = group.toSorted((a, b) => (a.id < b.id ? -1 : 1))[0];
    if (first === undefined) return [];
    const from = Math.min(...group.map((each) => each.from));
    const to = Math.max(...group.map((each) => each.to));
    const recordedAt = Math.max(...group.map((each) => each.recordedAt));
    const isLevel = levels.includes(first.meter);
    const total = group.reduce(
      (sum, each) => add(sum, isLevel ? multiply(each.quantity, rational(BigInt(each.to - each.from))) : each.quantity),
      ZERO,
    );
    return [{ ...first, from, to, recordedAt, supersedes: null, quantity: meanOf(total, isLevel ? to - from : 1) }];
  });
  return [...windows.filter((each) => !isWhole(each)), ...whole];
}

/** The level that comes to as much over the whole stretch. */
export function meanOf(total: Rational, lengthMs: number): Rational {
  return multiply(total, rational(1n, BigInt(lengthMs)));
}

function cutsOf(context: BillingContext): Instant[] {
  const { policy, catalog } = context;
  const own = context.timelines.flatMap((timeline) => ownCuts(timeline, context));
  const priced = catalog.card.revisions.flatMap(({ from, to }) => [from, to ?? FOREVER]);
  // Whether something came late is decided at these.
  const dues = own.flatMap((at) => [at + policy.collectionWindowMs + 1, at + policy.draftWindowMs + 1]);
  return [...own, ...priced, ...dues];
}

function ownCuts(timeline: Timeline, context: BillingContext): Instant[] {
  const { start, end, segments, blocked } = timeline;
  const stretches = [...segments, ...blocked].flatMap(({ from, to }) => [from, to]);
  const span = { from: start, to: Math.min(end, context.now) + 1 };
  const periods = chargesOf(timeline, context.catalog.bundles).flatMap((charge) =>
    'every' in charge ? periodsOf(timeline, charge.every, context, { over: span, since: 0 }) : [],
  );
  return [start, end, ...stretches, ...periods.flatMap(({ from, to }) => [from, to])];
}
