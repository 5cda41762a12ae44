import type { Instant } from '../calendar/interval.ts';
import { groupBy, total } from '../group.ts';
import { allocate } from '../money/allocate.ts';
import { compare, divide, multiply, ONE, type Rational, rational, roundRational, ZERO } from '../money/rational.ts';
import type { RoundingMode } from '../money/rounding.ts';

export interface Campaign {
  name: string;
  off: { percent: Rational } | { amount: bigint };
  /** Billing periods that it lasts; null: for ever. */
  periods: number | null;
  /** Charges that it is for; none: all. */
  charges: readonly string[];
  /** It is for service of so many first local days of a subscription; null: for all of it. */
  days: number | null;
  /** Who has it keeps it; it may be taken from then to then, exclusive, so often by all, and in these channels (none: in all). */
  from: Instant;
  to: Instant | null;
  redemptionsMax: number | null;
  channels: readonly string[];
  isEnabled: boolean;
}

/** A line that may be discounted: what counts is the period it belongs to, not the invoice it comes on. */
export interface DiscountableLine {
  id: string;
  charge: string;
  amount: bigint;
  periodFrom: Instant;
  campaigns: readonly string[];
  /** Days since 1970-01-01: of its service, the last exclusive, and the subscription's first. */
  service: { from: number; to: number; begun: number };
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

function eligible(lines: readonly DiscountableLine[], campaign: Campaign): DiscountableLine[] {
  const { name, charges } = campaign;
  return lines.filter(
    (line) =>
      line.campaigns.includes(name) &&
      (charges.length === 0 || charges.includes(line.charge)) &&
      compare(shareOf(line, campaign), ZERO) > 0,
  );
}

/** How much of a line's days the campaign is for. */
function shareOf({ service: { from, to, begun } }: DiscountableLine, { days }: Campaign): Rational {
  if (days === null) return ONE;
  const end = begun + days;
  if (to <= from) return from < end ? ONE : ZERO;
  return rational(BigInt(Math.max(0, Math.min(to, end) - Math.max(from, begun))), BigInt(to - from));
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
  campaign: Campaign,
  { left, used, mode }: { left: ReadonlyMap<string, bigint>; used: bigint; mode: RoundingMode },
): Map<string, bigint> {
  const { off } = campaign;
  const open = lines.map((line) => ({ line, id: line.id, weight: left.get(line.id) ?? 0n }));
  if ('percent' in off) {
    const share = divide(off.percent, rational(100n));
    return new Map(
      open.map(({ line, id, weight }) => [
        id,
        roundRational(multiply(multiply(rational(weight), share), shareOf(line, campaign)), mode),
      ]),
    );
  }
  const whole = total(open, ({ weight }) => weight);
  const rest = off.amount > used ? off.amount - used : 0n;
  return allocate(rest < whole ? rest : whole, open);
}
