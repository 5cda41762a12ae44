import { contains } from '../calendar/interval.ts';
import { ratioInForce } from '../calendar/proration.ts';
import { total } from '../group.ts';
import { ONE, ZERO } from '../money/rational.ts';
import { pricesOver } from '../price/rate-card.ts';
import type { CommitmentCharge } from './catalog.ts';
import { type BillingContext, type ClosingInstants, changedAt, revisionsFor, settleInstant } from './context.ts';
import { amountOf, type DesiredLine, lineKey } from './line.ts';
import type { Desired } from './recurring.ts';
import type { Timeline } from './subscription.ts';
import { closedPeriods } from './usage-lines.ts';

/** What was promised to be spent in a period, for the days in force, less what was spent; never below 0. */
export function commitmentLines(
  timeline: Timeline,
  charge: CommitmentCharge,
  context: BillingContext & { closing: ClosingInstants; spent: readonly DesiredLine[] },
): Desired {
  const desired: Desired = { lines: [], problems: [] };
  for (const { period, segments, service, billAt } of closedPeriods(timeline, charge, context)) {
    const changed = changedAt(timeline, period.to);
    const { slices, gaps } = pricesOver(revisionsFor(Math.max(billAt, changed), context), charge.price, service);
    desired.problems.push(
      ...gaps.map(({ from, to }) => ({ code: 'PriceGap' as const, subject: charge.name, from, to })),
    );
    // The revision in force when the period began holds for the whole promise: half a promise at each price is none.
    const slice = slices[0];
    if (slice === undefined) continue;
    const ratio = ratioInForce(segments, period, { ...context.policy, zone: context.zone });
    const eligible = context.spent.filter(
      (line) =>
        line.subscription === timeline.subscription.id &&
        charge.of.includes(line.charge) &&
        contains(period, line.from),
    );
    const explanation = {
      revision: slice.revision.id,
      model: slice.model,
      parts: [{ quantity: ONE, events: [], attributes: {}, ratio }],
      included: ZERO,
      spent: total(eligible, ({ amount }) => amount),
      currency: context.currency,
      rounding: context.policy.rounding.charge,
    };
    const amount = amountOf(explanation);
    if (amount === undefined) continue;
    const subscription = timeline.subscription.id;
    const settleAt = settleInstant({ billAt, changed }, context.closing, context.policy);
    desired.lines.push({
      key: lineKey({ subscription, charge: charge.name, periodFrom: period.from, revision: slice.revision.id }),
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
    });
  }
  return desired;
}
