import type { Instant, Interval } from '../calendar/interval.ts';
import { toMinor } from '../money/currency.ts';
import { add, multiply, type Rational, roundRational, ZERO } from '../money/rational.ts';
import type { RoundingMode } from '../money/rounding.ts';
import { type Priced, type PriceModel, priceOf } from '../price/model.ts';
import type { Draw } from '../usage/entitlement.ts';
import type { Sources } from '../usage/mediation.ts';

export type LineKind = 'RECURRING' | 'ONE_TIME' | 'USAGE' | 'COMMITMENT';

/** What should stand in the books for one charge, period, price revision and set of discriminators. */
export interface DesiredLine extends Interval {
  /** Natural key: two lines with one key are the same charge, so a retry can only change an amount, never double it. */
  key: string;
  subscription: string;
  charge: string;
  product: string;
  taxCode: string;
  kind: LineKind;
  period: Interval;
  quantity: Rational;
  amount: bigint;
  /** When it should be on a document. */
  billAt: Instant;
  /** When the draft that carries it is issued. */
  settleAt: Instant;
  /** When a difference to what is booked already is issued: late usage waits for the next invoice. */
  correctAt: Instant;
  /** A difference to what is booked is not adjusted: the booked line is credited whole, and this one billed. */
  rebill?: boolean;
  explanation: Explanation;
  draws: readonly Draw[];
}

/** Everything that the amount was computed from: `amountOf` computes it again, today and in ten years. */
export interface Explanation {
  revision: string;
  model: PriceModel;
  parts: readonly ExplainedPart[];
  /** Units that an entitlement covered. */
  included: Rational;
  /** Of usage: what was measured. */
  sources?: Sources;
  /** Of a commitment: what was spent towards it, in minor units. */
  spent: bigint;
  /** Beyond the most that is to be spent, in minor units. */
  capped?: bigint;
  currency: string;
  rounding: RoundingMode;
}

export interface ExplainedPart extends Priced {
  /** How much of the period. */
  ratio: Rational;
}

/** Sum of the parts, one rounding, less what was spent towards it and what is beyond a maximum; undefined where the model has no price for a part. */
export function amountOf({ model, parts, spent, capped = 0n, currency, rounding }: Explanation): bigint | undefined {
  let exact = ZERO;
  for (const part of parts) {
    const price = priceOf(model, part);
    if (price === undefined) return undefined;
    exact = add(exact, multiply(price, part.ratio));
  }
  const amount = roundRational(toMinor(exact, currency), rounding);
  const off = spent + capped;
  return amount > off ? amount - off : 0n;
}

export function lineKey(parts: {
  subscription: string;
  charge: string;
  periodFrom: Instant;
  revision: string;
  attributes?: Readonly<Record<string, string>>;
}): string {
  const attributes = Object.entries(parts.attributes ?? {}).toSorted(([a], [b]) => (a < b ? -1 : 1));
  const head = [parts.subscription, parts.charge, parts.periodFrom, parts.revision];
  return JSON.stringify(attributes.length === 0 ? head : [...head, attributes]);
}
