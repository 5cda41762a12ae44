import { type Instant, intersectAll, lengthMs } from '../calendar/interval.ts';
import type { Period, PeriodLength } from '../calendar/period.ts';
import { ratioInForce, wholePeriod } from '../calendar/proration.ts';
import { compare, divide, ONE, type Rational, rational, subtract, ZERO } from '../money/rational.ts';
import { proratedTiers } from '../price/model.ts';
import { pricesOver, type Revision, type Slice } from '../price/rate-card.ts';
import type { Draw, Need } from '../usage/entitlement.ts';
import { type Mediated, type Meter, mediate, NO_SOURCES } from '../usage/mediation.ts';
import type { UsageWindow } from '../usage/window.ts';
import type { Charge, UsageCharge } from './catalog.ts';
import {
  type BillingContext,
  type ClosingInstants,
  changedAt,
  type Problem,
  revisionsFor,
  settleInstant,
  sinceOf,
} from './context.ts';
import { periodOf, periodsOf } from './cycles.ts';
import { amountOf, type DesiredLine, lineKey } from './line.ts';
import { arrearsInstant, hull } from './recurring.ts';
import { inForce, type Segment, type Timeline } from './subscription.ts';

/** Usage of one charge, period, revision and set of discriminators, before entitlements are drawn and the rest is priced. */
export interface MeasuredUsage {
  line: Omit<DesiredLine, 'amount' | 'explanation' | 'draws'>;
  need: Need;
  slice: Slice;
  mediated: Mediated;
}

export interface Measured {
  usages: MeasuredUsage[];
  problems: Problem[];
}

export function measure(
  timeline: Timeline,
  charge: UsageCharge,
  context: BillingContext & { closing: ClosingInstants; windows: readonly UsageWindow[] },
): Measured {
  const found: Measured = { usages: [], problems: [] };
  const meters = context.catalog.meters.filter(({ product }) => product === charge.product);
  const stretches = inForce(timeline, charge, context.catalog.bundles);
  for (const { period, segments, service, billAt } of closedPeriods(timeline, charge, context)) {
    const due = settleInstant({ billAt, changed: 0 }, context.closing, context.policy);
    const { onTime, late, problems } = sorted(context.windows, { period, due, timeline, charge, context });
    found.problems.push(...problems);
    const windows = [...onTime, ...late];
    const changed = changedAt(timeline, period.to);
    const { slices, gaps } = pricesOver(revisionsFor(Math.max(billAt, changed), context), charge.price, service);
    const used = windows.some(({ meter }) => meters.some(({ rules }) => rules.some(({ usage }) => usage === meter)));
    if (used)
      found.problems.push(
        ...gaps.map(({ from, to }) => ({ code: 'PriceGap' as const, subject: charge.name, from, to })),
      );
    const correctAt = correction(late, { timeline, charge, context, due });
    for (const priced of slices) {
      const within = intersectAll(segments, priced);
      const ratio = ratioInForce(within, period, context.policy);
      const slice = charge.prorateTiers ? { ...priced, model: proratedTiers(priced.model, ratio) } : priced;
      const mediated = meters.flatMap((meter) =>
        mediate(windows, meter, { within, splitBy: charge.splitBy }).map((each) =>
          inMonths(each, meter, slice.revision, period),
        ),
      );
      for (const each of mediated.length === 0 ? evenUnused(slice, period, stretches) : mediated) {
        const line = measuredLine({ timeline, charge, period, slice, mediated: each });
        const settleAt = onTime.length > 0 || late.length === 0 ? due : correctAt;
        found.usages.push({
          ...usageOf({ ...line, billAt, settleAt, correctAt }, timeline, each),
          slice,
          mediated: each,
        });
      }
    }
  }
  return found;
}

/** What entitlements left of it, priced. Undefined where the price list has nothing for its attributes. */
export function priceUsage(
  { line, slice, mediated }: MeasuredUsage,
  { rest, draws }: { rest: Rational; draws: readonly Draw[] },
  { currency, policy }: BillingContext,
): DesiredLine | undefined {
  const explanation = {
    revision: slice.revision.id,
    model: slice.model,
    parts: [{ quantity: rest, events: mediated.events, attributes: mediated.attributes, ratio: ONE }],
    included: subtract(mediated.quantity, rest),
    sources: mediated.sources,
    spent: 0n,
    currency,
    rounding: policy.rounding.charge,
  };
  const amount = amountOf(explanation);
  return amount === undefined ? undefined : { ...line, amount, explanation, draws };
}

/** Periods whose usage is to be billed by now, with the stretches in which the charge was in force. */
export function closedPeriods(
  timeline: Timeline,
  charge: Charge & { every: PeriodLength },
  context: BillingContext,
  since = sinceOf(timeline, context),
) {
  const stretches = inForce(timeline, charge, context.catalog.bundles);
  const over = hull(stretches, context.now);
  return periodsOf(timeline, charge.every, context, { over, since }).flatMap((period) => {
    const segments = stretches.flatMap((segment) =>
      intersectAll([segment], period).map((part): Segment => ({ ...segment, ...part })),
    );
    const first = segments[0];
    const last = segments.at(-1);
    if (first === undefined || last === undefined) return [];
    const billAt = arrearsInstant(timeline, period, last);
    return billAt <= context.now ? [{ period, segments, service: { from: first.from, to: last.to }, billAt }] : [];
  });
}

interface Sorting {
  period: Period;
  due: Instant;
  timeline: Timeline;
  charge: UsageCharge;
  context: BillingContext & { closing: ClosingInstants };
}

/** Late is what came after the draft of its period was issued. The policy may not want it any more. */
function sorted(windows: readonly UsageWindow[], { period, due, timeline, charge, context }: Sorting) {
  const here = windows.filter(({ from, to }) => from < period.to && (to > period.from || from >= period.from));
  const onTime = here.filter(({ recordedAt }) => recordedAt <= due);
  const late = here.filter(({ recordedAt }) => recordedAt > due);
  const { lateUsage, lateUsagePeriods } = context.policy;
  const wanted = late.filter(
    ({ recordedAt }) =>
      lateUsage !== 'IGNORE_AND_REPORT' &&
      lateUsage !== 'FEED_ONLY' &&
      (lateUsagePeriods === null ||
        periodOf(timeline, charge.every, context, recordedAt).index - period.index <= lateUsagePeriods),
  );
  const problems = late
    .filter((window) => !wanted.includes(window))
    .map(
      ({ id, from, to }): Problem => ({
        code: lateUsage === 'FEED_ONLY' ? 'LateUsageFeed' : 'LateUsageIgnored',
        subject: id,
        from,
        to,
      }),
    );
  return { onTime, late: wanted, problems };
}

function correction(late: readonly UsageWindow[], { timeline, charge, context, due }: Omit<Sorting, 'period'>): number {
  const latest = Math.max(...late.map(({ recordedAt }) => recordedAt));
  if (late.length === 0) return due;
  if (timeline.end <= latest) return latest;
  const billAt = periodOf(timeline, charge.every, context, latest).to;
  return settleInstant({ billAt, changed: 0 }, context.closing, context.policy);
}

/** A month's worth is counted in the hours that the price revision says a month has. */
function inMonths(mediated: Mediated, { perMonth }: Meter, { hoursPerMonth }: Revision, period: Period): Mediated {
  const positive = compare(mediated.quantity, ZERO) < 0 ? { ...mediated, quantity: ZERO } : mediated;
  if (!perMonth) return positive;
  const hours =
    hoursPerMonth === 'ACTUAL' ? rational(BigInt(lengthMs(wholePeriod(period))), 3_600_000n) : hoursPerMonth;
  return { ...positive, quantity: divide(positive.quantity, hours) };
}

/** Some price lists charge their first step even where nothing was used. */
function evenUnused({ model }: Slice, period: Period, stretches: readonly Segment[]): Mediated[] {
  const charged = model.type === 'GRADUATED' && model.chargeFlatOnZero && intersectAll(stretches, period).length > 0;
  return charged ? [{ attributes: {}, quantity: ZERO, events: [], resources: [], sources: NO_SOURCES }] : [];
}

interface MeasuredLine {
  timeline: Timeline;
  charge: UsageCharge;
  period: Period;
  slice: Slice;
  mediated: Mediated;
}

function measuredLine({ timeline, charge, period, slice, mediated }: MeasuredLine) {
  return {
    key: lineKey({
      subscription: timeline.subscription.id,
      charge: charge.name,
      periodFrom: period.from,
      revision: slice.revision.id,
      attributes: mediated.attributes,
    }),
    subscription: timeline.subscription.id,
    charge: charge.name,
    product: charge.product,
    taxCode: charge.taxCode,
    kind: 'USAGE' as const,
    period: { from: period.from, to: period.to },
    from: slice.from,
    to: slice.to,
    quantity: mediated.quantity,
  };
}

function usageOf(line: MeasuredUsage['line'], { subscription }: Timeline, { quantity, resources }: Mediated) {
  const need: Need = {
    line: line.key,
    product: line.product,
    at: line.from,
    resources,
    subscription: subscription.id,
    user: subscription.user,
    quantity,
  };
  return { line, need };
}
