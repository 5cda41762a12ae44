import {
  add,
  compare,
  divide,
  greatest,
  least,
  multiply,
  type Rational,
  rational,
  roundRational,
  subtract,
  sum,
  ZERO,
} from '../money/rational.ts';
import { graduated, graduatedPercentage, stairstep, type Tier, volume } from './tiers.ts';

/** Every way to make an amount of a quantity, in the order in which people meet them. */
export const PRICE_MODELS = [
  'STANDARD',
  'GRADUATED',
  'VOLUME',
  'STAIRSTEP',
  'GRADUATED_PERCENTAGE',
  'PACKAGE',
  'PERCENTAGE',
  'MATRIX',
  'CAPACITY',
] as const satisfies readonly PriceModel['type'][];

/** How a quantity of a period becomes an exact amount of major units. Unit prices are exact decimals per unit of the product. */
export type PriceModel =
  | { type: 'STANDARD'; unitPrice: Rational }
  | { type: 'GRADUATED'; tiers: readonly Tier[]; chargeFlatOnZero: boolean }
  | { type: 'VOLUME' | 'STAIRSTEP' | 'GRADUATED_PERCENTAGE'; tiers: readonly Tier[] }
  | { type: 'PACKAGE'; size: Rational; price: Rational; free: Rational }
  | PercentageModel
  | { type: 'MATRIX'; entries: readonly MatrixEntry[]; otherwise: Rational | null }
  /** The quantity is the period's peak, in units at a price or in steps. */
  | { type: 'CAPACITY'; tiers: readonly Tier[] };

export interface PercentageModel {
  type: 'PERCENTAGE';
  percent: Rational;
  /** Per event that is not free. */
  fixed: Rational;
  freeEvents: number;
  freeAmount: Rational;
  /** Per event. */
  minimum: Rational | null;
  maximum: Rational | null;
}

export interface MatrixEntry {
  where: Readonly<Record<string, string>>;
  unitPrice: Rational;
}

export interface Priced {
  quantity: Rational;
  /** The single events behind the quantity, oldest first: only percentages look at them. */
  events: readonly Rational[];
  attributes: Readonly<Record<string, string>>;
}

/** The exact price; undefined where the model has no price for these attributes. */
export function priceOf(model: PriceModel, { quantity, events, attributes }: Priced): Rational | undefined {
  switch (model.type) {
    case 'STANDARD':
      return multiply(quantity, model.unitPrice);
    case 'GRADUATED':
      if (compare(quantity, ZERO) === 0) return model.chargeFlatOnZero ? (model.tiers[0]?.flat ?? ZERO) : ZERO;
      return graduated(quantity, model.tiers);
    case 'VOLUME':
    case 'CAPACITY':
      return volume(quantity, model.tiers);
    case 'STAIRSTEP':
      return stairstep(quantity, model.tiers);
    case 'GRADUATED_PERCENTAGE':
      return graduatedPercentage(quantity, model.tiers);
    case 'PACKAGE':
      return packages(quantity, model);
    case 'PERCENTAGE':
      return percentage(events, model);
    case 'MATRIX': {
      const unitPrice = matching(model.entries, attributes) ?? model.otherwise;
      return unitPrice === null ? undefined : multiply(quantity, unitPrice);
    }
  }
}

/** For a part of a period: bounds and flat prices of tiers are that part of themselves. Other models have nothing to prorate. */
export function proratedTiers(model: PriceModel, ratio: Rational): PriceModel {
  if (!('tiers' in model)) return model;
  return {
    ...model,
    tiers: model.tiers.map(({ upTo, unitPrice, flat }) => ({
      upTo: upTo === null ? null : multiply(upTo, ratio),
      unitPrice,
      flat: multiply(flat, ratio),
    })),
  };
}

function packages(quantity: Rational, { size, price, free }: Record<'size' | 'price' | 'free', Rational>): Rational {
  const charged = greatest(subtract(quantity, free), ZERO);
  return multiply(rational(roundRational(divide(charged, size), 'CEILING')), price);
}

/** Free events and a free amount are used up in the order of events, so that a later event never changes an earlier one's price. */
function percentage(events: readonly Rational[], model: PercentageModel): Rational {
  let freeAmount = model.freeAmount;
  const charges = events.slice(model.freeEvents).map((amount) => {
    const free = least(freeAmount, amount);
    freeAmount = subtract(freeAmount, free);
    const share = multiply(subtract(amount, free), divide(model.percent, rational(100n)));
    const charge = add(share, model.fixed);
    const bounded = model.minimum === null ? charge : greatest(charge, model.minimum);
    return model.maximum === null ? bounded : least(bounded, model.maximum);
  });
  return sum(charges);
}

/** The most particular entry wins, so that their order in the manifest does not matter. */
function matching(entries: readonly MatrixEntry[], attributes: Priced['attributes']): Rational | undefined {
  return entries
    .filter(({ where }) => Object.entries(where).every(([name, value]) => attributes[name] === value))
    .toSorted((a, b) => Object.keys(b.where).length - Object.keys(a.where).length)[0]?.unitPrice;
}
