import { type Instant, type Interval, intersectAll } from '../calendar/interval.ts';
import type { Period } from '../calendar/period.ts';
import { ratioInForce } from '../calendar/proration.ts';
import { groupBy } from '../group.ts';
import { compare, ONE, type Rational, rational, ZERO } from '../money/rational.ts';
import { pricesOver, type Revision, type Slice } from '../price/rate-card.ts';
import type { OneTimeCharge, RecurringCharge } from './catalog.ts';
import {
  type BillingContext,
  backdateOf,
  type ClosingInstants,
  changedAt,
  type Problem,
  revisionsFor,
  settleInstant,
  sinceOf,
} from './context.ts';
import { periodOf, periodsOf } from './cycles.ts';
import { amountOf, type DesiredLine, type ExplainedPart, lineKey } from './line.ts';
import { inForce, onCancelOf, type Segment, type Timeline } from './subscription.ts';

export interface Desired {
  lines: DesiredLine[];
  problems: Problem[];
}

/** For each period and price revision: the price times the days in force over the days of the period, rounded once. */
export function recurringLines(
  timeline: Timeline,
  charge: RecurringCharge,
  context: BillingContext & { closing: ClosingInstants },
): Desired {
  const lines: DesiredLine[] = [];
  const problems: Problem[] = [];
  for (const fee of feePeriods(timeline, charge, context)) {
    const { period, segments, service, billAt, revisions } = fee;
    const { slices, gaps } = pricesOver(revisions, charge.price, service);
    problems.push(...gaps.map(({ from, to }) => ({ code: 'PriceGap' as const, subject: charge.name, from, to })));
    for (const slice of slices) {
      const parts = fee.partsOf(slice);
      const line =
        parts.length === 0 ? undefined : asLine({ timeline, charge, period, slice, segments, parts, context });
      if (line !== undefined) lines.push({ ...line, billAt, ...fee.settled });
    }
  }
  return { lines, problems };
}

type FeeContext = BillingContext & { closing: ClosingInstants };

/** What the fees of a period have in common, whatever each of them costs. */
interface FeePeriod {
  period: Period;
  segments: readonly Segment[];
  service: Interval;
  billAt: Instant;
  /** Those that may price it. */
  revisions: readonly Revision[];
  settled: Pick<DesiredLine, 'settleAt' | 'correctAt' | 'rebill'>;
  partsOf(slice: Interval): readonly ExplainedPart[];
}

/** A bundle's fees mostly have the same periods: each context cuts them once. */
const feePeriodsKnown = new WeakMap<FeeContext, Map<string, FeePeriod[]>>();

function feePeriods(timeline: Timeline, charge: RecurringCharge, context: FeeContext): FeePeriod[] {
  const stretches = inForce(timeline, charge, context.catalog.bundles);
  const { every, timing } = charge;
  const own = stretches.map(({ from, to, quantity }) => `${from} ${to} ${quantity}`);
  const key = JSON.stringify([timeline.subscription.id, every.unit, every.count, timing, own]);
  const known = feePeriodsKnown.get(context) ?? new Map<string, FeePeriod[]>();
  feePeriodsKnown.set(context, known);
  const found =
    known.get(key) ??
    periodsOf(timeline, every, context, { over: hull(stretches, context.now) }).flatMap(
      (period) => feePeriod({ timeline, charge, context, period }, stretches) ?? [],
    );
  known.set(key, found);
  return found;
}

function feePeriod(cut: Omit<Settling, 'billAt'>, stretches: readonly Segment[]): FeePeriod | undefined {
  const { timeline, charge, period, context } = cut;
  const segments = kept(withinPeriod(stretches, period), period, { timeline, charge, context });
  const first = segments[0];
  const last = segments.at(-1);
  if (first === undefined || last === undefined) return undefined;
  const billAt = charge.timing === 'ADVANCE' ? first.from : arrearsInstant(timeline, period, last);
  if (billAt > context.now) return undefined;
  const parts = new Map<string, ExplainedPart[]>();
  return {
    period,
    segments,
    service: { from: first.from, to: last.to },
    billAt,
    revisions: revisionsFor(Math.max(billAt, changedAt(timeline, period.to)), context),
    settled: whenSettled({ ...cut, billAt }),
    partsOf: (slice) => {
      const key = `${slice.from} ${slice.to}`;
      const found = parts.get(key) ?? partsOf(segments, slice, { period, context });
      parts.set(key, found);
      return found;
    },
  };
}

interface Settling {
  timeline: Timeline;
  charge: RecurringCharge;
  period: Period;
  billAt: Instant;
  context: BillingContext & { closing: ClosingInstants };
}

/** A change that reaches back is put right at once, line by line; or it waits for the next invoice. */
function whenSettled({ timeline, charge, period, billAt, context }: Settling) {
  const changed = changedAt(timeline, period.to);
  const settleAt = settleInstant({ billAt, changed }, context.closing, context.policy);
  const reaching = backdateOf(timeline, period);
  if (reaching?.backdate.policy === 'CREDIT_AND_REBILL') return { settleAt, correctAt: settleAt, rebill: true };
  if (reaching === undefined) return { settleAt, correctAt: settleAt };
  const next = periodOf(timeline, charge.every, context, reaching.recordedAt).to;
  const later = settleInstant({ billAt: next, changed: 0 }, context.closing, context.policy);
  return { settleAt: later, correctAt: later };
}

/** Once for a subscription, at the price of the day on which it begins to be billed. */
export function oneTimeLine(
  timeline: Timeline,
  charge: OneTimeCharge,
  context: BillingContext & { closing: ClosingInstants },
): Desired {
  const first = inForce(timeline, charge, context.catalog.bundles)[0];
  if (first === undefined || first.from > context.now) return { lines: [], problems: [] };
  const day = { from: first.from, to: first.from + 1 };
  if (day.to <= sinceOf(timeline, context)) return { lines: [], problems: [] };
  const changed = changedAt(timeline, day.to);
  const { slices, gaps } = pricesOver(revisionsFor(Math.max(first.from, changed), context), charge.price, day);
  const slice = slices[0];
  if (slice === undefined)
    return { lines: [], problems: gaps.map(({ from, to }) => ({ code: 'PriceGap', subject: charge.name, from, to })) };
  const period = { ...periodOf(timeline, { unit: 'DAY', count: 1 }, context, first.from), ...day };
  const parts = [{ quantity: rational(first.quantity), events: [], attributes: {}, ratio: ONE }];
  const line = asLine({ timeline, charge, period, slice, segments: [{ ...first, ...day }], parts, context });
  if (line === undefined) return { lines: [], problems: [] };
  const settleAt = settleInstant({ billAt: first.from, changed }, context.closing, context.policy);
  const key = lineKey({
    subscription: timeline.subscription.id,
    charge: charge.name,
    periodFrom: timeline.start,
    revision: '',
  });
  return { lines: [{ ...line, key, to: line.from, billAt: first.from, settleAt, correctAt: settleAt }], problems: [] };
}

interface LineInput {
  timeline: Timeline;
  charge: RecurringCharge | OneTimeCharge;
  period: Period;
  slice: Slice;
  segments: readonly Segment[];
  parts: readonly ExplainedPart[];
  context: BillingContext;
}

function asLine({ timeline, charge, period, slice, segments, parts, context }: LineInput) {
  const explanation = {
    revision: slice.revision.id,
    model: slice.model,
    parts,
    included: ZERO,
    spent: 0n,
    currency: context.currency,
    rounding: context.policy.rounding.charge,
  };
  const amount = amountOf(explanation);
  if (amount === undefined) return undefined;
  const service = intersectAll(segments, slice);
  return {
    key: lineKey({
      subscription: timeline.subscription.id,
      charge: charge.name,
      periodFrom: period.from,
      revision: slice.revision.id,
    }),
    subscription: timeline.subscription.id,
    charge: charge.name,
    product: charge.product,
    taxCode: charge.taxCode,
    kind: charge.type,
    period: { from: period.from, to: period.to },
    from: service[0]?.from ?? period.from,
    to: service.at(-1)?.to ?? period.to,
    quantity: largest(parts),
    amount,
    explanation,
    draws: [],
  };
}

/** One part for each quantity that was in force within a slice. Days without any are no part. */
function partsOf(
  segments: readonly Segment[],
  slice: Interval,
  { period, context }: { period: Period; context: BillingContext },
): ExplainedPart[] {
  return [...groupBy(segments, ({ quantity }) => `${quantity}`).values()].flatMap((same) => {
    const ratio = ratioInForce(intersectAll(same, slice), period, context.policy);
    if (compare(ratio, ZERO) === 0) return [];
    return [{ quantity: rational(same[0]?.quantity ?? 1n), events: [], attributes: {}, ratio }];
  });
}

/** A fee that is neither credited nor refunded on cancellation stays owed for the period that it was paid for. */
function kept(
  segments: Segment[],
  period: Period,
  { timeline, charge, context }: { timeline: Timeline; charge: RecurringCharge; context: BillingContext },
): Segment[] {
  const last = segments.at(-1);
  const endsHere = timeline.end >= period.from && timeline.end < period.to;
  if (
    last === undefined ||
    !endsHere ||
    charge.timing === 'ARREARS' ||
    onCancelOf(timeline.subscription, context.policy) !== 'NONE'
  )
    return segments;
  return [...segments.slice(0, -1), { ...last, to: period.to }];
}

function withinPeriod(stretches: readonly Segment[], period: Period): Segment[] {
  return stretches.flatMap((segment) => intersectAll([segment], period).map((part) => ({ ...segment, ...part })));
}

/** The end of the period, or of the service where that comes first and is for good. */
export function arrearsInstant({ end }: Timeline, period: Interval, last: Interval): number {
  if (last.to >= period.to) return end > period.from && end < period.to ? end : period.to;
  return end < period.to ? end : Math.min(last.to, period.to);
}

/** From the first day in force until just after now: a fee in advance is due when its period begins. */
export function hull(stretches: readonly Interval[], now: number): Interval {
  const from = Math.min(...stretches.map((each) => each.from));
  const to = Math.max(...stretches.map((each) => each.to));
  return { from: stretches.length === 0 ? 0 : from, to: stretches.length === 0 ? 0 : Math.min(to, now + 1) };
}

function largest(parts: readonly ExplainedPart[]): Rational {
  const quantities = parts.map(({ quantity }) => quantity);
  return quantities.reduce((most, each) => (compare(each, most) > 0 ? each : most), ZERO);
}
