import type { Instant } from '../calendar/interval.ts';
import { groupBy, total } from '../group.ts';
import { allocate } from '../money/allocate.ts';
import { divide, multiply, type Rational, rational, roundRational } from '../money/rational.ts';
import type { RoundingMode } from '../money/rounding.ts';

export interface Campaign {
  name: string;
  off: { percent: Rational } | { amount: bigint };
  /** Billing periods that it lasts; null: for ever. */
  periods: number | null;
  /** Charges that it is for; none: all. */
  charges: readonly string[];
}

/** A line that may be discounted: what counts is the period it belongs to, not the invoice it comes on. */
export interface DiscountableLine {
  id: string;
  charge: string;
  amount: bigint;
  periodFrom: Instant;
  campaigns: readonly string[];
}

export interface Discount {
  line: string;
  campaign: string;
  amount: bigint;
}

/** What issued lines have had already. */
export interface GivenDiscount {
  campaign: string;
  periodFrom: Instant;
  amount: bigint;
}

export interface DiscountRules {
  /** In the order in which they are applied. */
  campaigns: ReadonlyMap<string, Campaign>;
  given: readonly GivenDiscount[];
  mode: RoundingMode;
}

/** Campaign after campaign, each on what the ones before it left. */
export function discounts(lines: readonly DiscountableLine[], { campaigns, given, mode }: DiscountRules): Discount[] {
  const left = new Map(lines.map(({ id, amount }) => [id, amount]));
  const found: Discount[] = [];
  for (const campaign of campaigns.values()) {
    const before = given.filter((each) => each.campaign === campaign.name);
    for (const period of periodsReached(eligible(lines, campaign), campaign, before)) {
      for (const [line, amount] of offPeriod(period.lines, campaign, { left, used: period.used, mode })) {
        if (amount === 0n) continue;
        found.push({ line, campaign: campaign.name, amount });
        left.set(line, (left.get(line) ?? 0n) - amount);
      }
    }
  }
  return found;
}

function eligible(lines: readonly DiscountableLine[], { name, charges }: Campaign): DiscountableLine[] {
  return lines.filter(
    (line) => line.campaigns.includes(name) && (charges.length === 0 || charges.includes(line.charge)),
  );
}

/** The periods that the campaign still reaches: those it was given in, and then the earliest others. */
function periodsReached(
  lines: readonly DiscountableLine[],
  { periods }: Campaign,
  given: readonly GivenDiscount[],
): { lines: DiscountableLine[]; used: bigint }[] {
  const reached = new Set(given.map(({ periodFrom }) => periodFrom));
  const byPeriod = [...groupBy(lines, ({ periodFrom }) => `${periodFrom}`)].toSorted(
    ([a], [b]) => Number(a) - Number(b),
  );
  return byPeriod.flatMap(([key, own]) => {
    const periodFrom = Number(key);
    if (!reached.has(periodFrom) && periods !== null && reached.size >= periods) return [];
    reached.add(periodFrom);
    const used = total(
      given.filter((each) => each.periodFrom === periodFrom),
      ({ amount }) => amount,
    );
    return [{ lines: own, used }];
  });
}

/** A percentage rounds once a line; an amount is split over the lines, and is never more than they are. */
function offPeriod(
  lines: readonly DiscountableLine[],
  { off }: Campaign,
  { left, used, mode }: { left: ReadonlyMap<string, bigint>; used: bigint; mode: RoundingMode },
): Map<string, bigint> {
  const open = lines.map(({ id }) => ({ id, weight: left.get(id) ?? 0n }));
  if ('percent' in off) {
    const share = divide(off.percent, rational(100n));
    return new Map(open.map(({ id, weight }) => [id, roundRational(multiply(rational(weight), share), mode)]));
  }
  const whole = total(open, ({ weight }) => weight);
  const rest = off.amount > used ? off.amount - used : 0n;
  return allocate(rest < whole ? rest : whole, open);
}
