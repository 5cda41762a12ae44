import { intersectAll } from '../calendar/interval.ts';
import { ratioInForce } from '../calendar/proration.ts';
import { multiply, ZERO } from '../money/rational.ts';
import { drawDown, type Grant } from '../usage/entitlement.ts';
import { attribute } from './attribution.ts';
import { capped } from './cap.ts';
import type { Bundle } from './catalog.ts';
import { commitmentLines } from './commitment.ts';
import { type BillingContext, type ClosingInstants, type Problem, sinceOf } from './context.ts';
import { periodsOf } from './cycles.ts';
import type { DesiredLine } from './line.ts';
import { type Desired, hull, oneTimeLine, recurringLines } from './recurring.ts';
import { chargesOf, grantCycle, type Timeline } from './subscription.ts';
import { closedPeriods, type MeasuredUsage, measure, priceUsage } from './usage-lines.ts';

/** Everything that should stand in the books by now: a function of what was wished, observed and priced, and of nothing else. */
export function desiredLines(input: BillingContext): Desired {
  const context = { ...input, closing: closingInstants(input) };
  const fees = context.timelines.flatMap((timeline) =>
    chargesOf(timeline, context.catalog.bundles).map((charge) => {
      if (charge.type === 'RECURRING') return recurringLines(timeline, charge, context);
      if (charge.type === 'ONE_TIME') return oneTimeLine(timeline, charge, context);
      return { lines: [], problems: [] };
    }),
  );
  const usage = usageDesired(context);
  const spent = capped(
    [...fees, usage].flatMap(({ lines }) => lines),
    context,
  );
  const commitments = context.timelines.flatMap((timeline) =>
    chargesOf(timeline, context.catalog.bundles).flatMap((charge) =>
      charge.type === 'COMMITMENT' && charge.bound === 'MINIMUM'
        ? [commitmentLines(timeline, charge, { ...context, spent })]
        : [],
    ),
  );
  return {
    lines: [...spent, ...commitments.flatMap(({ lines }) => lines)],
    problems: [...fees, usage, ...commitments].flatMap(({ problems }) => problems),
  };
}

function usageDesired(context: BillingContext & { closing: ClosingInstants }): Desired {
  const { bySubscription, problems } = attribute(context);
  const measured = context.timelines.flatMap((timeline) =>
    chargesOf(timeline, context.catalog.bundles).flatMap((charge) =>
      charge.type === 'USAGE'
        ? [measure(timeline, charge, { ...context, windows: bySubscription.get(timeline.subscription.id) ?? [] })]
        : [],
    ),
  );
  const usages = measured.flatMap((each) => each.usages).toSorted(byNeed);
  const { draws, rest } = drawDown(
    usages.map(({ need }) => need),
    grantsOf(context),
  );
  const lines: DesiredLine[] = [];
  const unpriced: Problem[] = [];
  for (const each of usages) {
    const { key, from, to, charge } = each.line;
    const line = priceUsage(
      each,
      { rest: rest.get(key) ?? ZERO, draws: draws.filter((draw) => draw.line === key) },
      context,
    );
    if (line === undefined) unpriced.push({ code: 'NoMatchingPrice', subject: charge, from, to });
    else lines.push(line);
  }
  return { lines, problems: [...problems, ...measured.flatMap((each) => each.problems), ...unpriced] };
}

/** A fixed order, so that the order in which usage arrived never decides who draws first. */
function byNeed(a: MeasuredUsage, b: MeasuredUsage): number {
  return a.need.at - b.need.at || (a.line.key < b.line.key ? -1 : 1);
}

/** Included units of every period, for the days that their bundle was in force. */
function grantsOf(context: BillingContext): Grant[] {
  return context.timelines.flatMap((timeline) =>
    [...new Set(timeline.segments.map(({ bundle }) => bundle))].flatMap((name) => {
      const bundle = context.catalog.bundles.get(name);
      return bundle === undefined ? [] : grantsOfBundle(timeline, bundle, context);
    }),
  );
}

function grantsOfBundle(timeline: Timeline, bundle: Bundle, context: BillingContext): Grant[] {
  const segments = timeline.segments.filter((segment) => segment.bundle === bundle.name);
  if (bundle.entitlements.length === 0) return [];
  const over = hull(segments, context.now);
  return periodsOf(timeline, grantCycle(bundle), context, { over }).flatMap((period) => {
    const ratio = ratioInForce(intersectAll(segments, period), period, context.policy);
    return bundle.entitlements.flatMap(({ product, included, scope, rollover }) =>
      ownersOf(timeline, scope).map(
        (owner): Grant => ({
          id: JSON.stringify([timeline.subscription.id, bundle.name, product, scope, owner, period.from]),
          rollover,
          next: JSON.stringify([timeline.subscription.id, bundle.name, product, scope, owner, period.to]),
          product,
          scope,
          owner,
          from: period.from,
          expiresAt: period.to,
          left: included === 'UNLIMITED' ? included : multiply(included, ratio),
        }),
      ),
    );
  });
}

function ownersOf({ subscription }: Timeline, scope: Grant['scope']): (string | null)[] {
  switch (scope) {
    case 'RESOURCE':
      return [...subscription.resources];
    case 'SUBSCRIPTION':
      return [subscription.id];
    case 'USER':
      return [subscription.user];
    case 'ACCOUNT':
      return [null];
  }
}

function closingInstants(context: BillingContext): ClosingInstants {
  return new Set(
    context.timelines.flatMap((timeline) =>
      chargesOf(timeline, context.catalog.bundles).flatMap((charge) =>
        charge.type === 'USAGE'
          ? // One that ends just then decides about those that begin there.
            closedPeriods(timeline, charge, context, sinceOf(timeline, context) - 1).map(({ billAt }) => billAt)
          : [],
      ),
    ),
  );
}
