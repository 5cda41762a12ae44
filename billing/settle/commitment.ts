import { contains } from '../calendar/interval.ts';
import type { Period } from '../calendar/period.ts';
import { ratioInForce } from '../calendar/proration.ts';
import { total } from '../group.ts';
import { ONE, ZERO } from '../money/rational.ts';
import { pricesOver, type Slice } from '../price/rate-card.ts';
import type { CommitmentCharge } from './catalog.ts';
import {
  type BillingContext,
  type ClosingInstants,
  changedAt,
  type Problem,
  revisionsFor,
  settleInstant,
} from './context.ts';
import { amountOf, type DesiredLine, type Explanation, lineKey } from './line.ts';
import type { Desired } from './recurring.ts';
import type { Segment, Timeline } from './subscription.ts';
import { closedPeriods } from './usage-lines.ts';

/** What was promised to be spent in a period, for the days in force, less what was spent; never below 0. */
export function commitmentLines(
  timeline: Timeline,
  charge: CommitmentCharge,
  context: BillingContext & { closing: ClosingInstants; spent: readonly DesiredLine[] },
): Desired {
  const { found, problems } = promises(timeline, charge, context);
  const lines = found.flatMap((promise): DesiredLine[] => {
    const { period, segments, slice, billAt, eligible } = promise;
    const explanation = { ...promise.explanation, spent: total(eligible, ({ amount }) => amount) };
    const amount = amountOf(explanation);
    if (amount === undefined) return [];
    const subscription = timeline.subscription.id;
    const changed = changedAt(timeline, period.to);
    const settleAt = settleInstant({ billAt, changed }, context.closing, context.policy);
    const key = lineKey({
      subscription,
      charge: charge.name,
      periodFrom: period.from,
      revision: slice.revision.id,
    });
    return [
      {
        key,
        subscription,
        charge: charge.name,
        product: charge.product,
        taxCode: charge.taxCode,
        kind: 'COMMITMENT',
        period: { from: period.from, to: period.to },
        from: segments[0]?.from ?? period.from,
        to: segments.at(-1)?.to ?? period.to,
        quantity: ONE,
        amount,
        billAt,
        settleAt,
        correctAt: Math.max(settleAt, ...eligible.map(({ correctAt }) => correctAt)),
        explanation,
        draws: [],
      },
    ];
  });
  return { lines, problems };
}

/** A sum that a period's spending is held against: the least of it, or the most. */
interface SpendPromise {
  period: Period;
  segments: readonly Segment[];
  slice: Slice;
  billAt: number;
  /** For the days in force. */
  amount: bigint;
  explanation: Explanation;
  /** What counts towards it. */
  eligible: readonly DesiredLine[];
}

export function promises(
  timeline: Timeline,
  charge: CommitmentCharge,
  context: BillingContext & { spent: readonly DesiredLine[] },
): { found: SpendPromise[]; problems: Problem[] } {
  const problems: Problem[] = [];
  const found = closedPeriods(timeline, charge, context).flatMap(({ period, segments, service, billAt }) => {
    const changed = changedAt(timeline, period.to);
    const { slices, gaps } = pricesOver(revisionsFor(Math.max(billAt, changed), context), charge.price, service);
    problems.push(...gaps.map(({ from, to }) => ({ code: 'PriceGap' as const, subject: charge.name, from, to })));
    // The revision in force when the period began holds for the whole promise: half a promise at each price is none.
    const slice = slices[0];
    if (slice === undefined) return [];
    const ratio = ratioInForce(segments, period, context.policy);
    const explanation = {
      revision: slice.revision.id,
      model: slice.model,
      parts: [{ quantity: ONE, events: [], attributes: {}, ratio }],
      included: ZERO,
      spent: 0n,
      currency: context.currency,
      rounding: context.policy.rounding.charge,
    };
    const amount = amountOf(explanation);
    const eligible = context.spent.filter(
      (line) =>
        line.subscription === timeline.subscription.id &&
        charge.of.includes(line.charge) &&
        contains(period, line.from),
    );
    return amount === undefined ? [] : [{ period, segments, slice, billAt, amount, explanation, eligible }];
  });
  return { found, problems };
}
