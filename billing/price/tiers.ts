import { add, compare, greatest, least, multiply, type Rational, rational, subtract, ZERO } from '../money/rational.ts';

/** A step of a price list. `upTo` belongs to the tier; null is the last, open one. */
export interface Tier {
  upTo: Rational | null;
  unitPrice: Rational;
  flat: Rational;
}

/** Units inside each tier at its price, and the flat price of every tier entered. */
export function graduated(quantity: Rational, tiers: readonly Tier[]): Rational {
  return inside(quantity, tiers).reduce((total, { tier, units }) => add(total, priced(units, tier)), ZERO);
}

/** The whole quantity at the price of the tier that it reaches, and that tier's flat price. */
export function volume(quantity: Rational, tiers: readonly Tier[]): Rational {
  const tier = reached(quantity, tiers);
  return tier === undefined ? ZERO : priced(quantity, tier);
}

/** Only the flat price of the tier reached. */
export function stairstep(quantity: Rational, tiers: readonly Tier[]): Rational {
  return reached(quantity, tiers)?.flat ?? ZERO;
}

/** As `graduated`, where the quantity is money and the unit price a percentage of it. */
export function graduatedPercentage(amount: Rational, tiers: readonly Tier[]): Rational {
  const hundredth = rational(1n, 100n);
  return graduated(
    amount,
    tiers.map((tier) => ({ ...tier, unitPrice: multiply(tier.unitPrice, hundredth) })),
  );
}

/** What is wrong with a list of tiers, as a sentence; undefined where nothing is. */
export function tierFault(tiers: readonly Tier[]): string | undefined {
  if (tiers.length === 0) return 'there is no tier';
  if (tiers.at(-1)?.upTo !== null) return 'the last tier must be open: leave out its upTo';
  let before = ZERO;
  for (const { upTo } of tiers.slice(0, -1)) {
    if (upTo === null) return 'only the last tier may be open';
    if (compare(upTo, before) <= 0) return 'each upTo must be above the one before';
    before = upTo;
  }
  return undefined;
}

function priced(units: Rational, { unitPrice, flat }: Tier): Rational {
  return add(multiply(units, unitPrice), flat);
}

function reached(quantity: Rational, tiers: readonly Tier[]): Tier | undefined {
  if (compare(quantity, ZERO) <= 0) return undefined;
  return tiers.find(({ upTo }) => upTo === null || compare(quantity, upTo) <= 0);
}

function inside(quantity: Rational, tiers: readonly Tier[]): { tier: Tier; units: Rational }[] {
  return tiers.flatMap((tier, index) => {
    const below = tiers[index - 1]?.upTo ?? ZERO;
    const top = tier.upTo === null ? quantity : least(quantity, tier.upTo);
    const units = greatest(subtract(top, below), ZERO);
    return compare(units, ZERO) > 0 ? [{ tier, units }] : [];
  });
}
