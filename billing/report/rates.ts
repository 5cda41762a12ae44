import { FOREVER, type Instant, subtractAll } from '../calendar/interval.ts';
import { startOfDay } from '../calendar/zone.ts';
import { minorDigits } from '../money/currency.ts';
import { divide, multiply, parseDecimal, type Rational, rational } from '../money/rational.ts';
import type { RateSpan } from './facts.ts';

/** One unit of `base` is worth `rate` of `quote`, from an instant until the pair's next rate begins. */
export interface ExchangeRate {
  base: string;
  quote: string;
  from: Instant;
  /** The day it was given for, as people wrote it. */
  day: string;
  /** Exact decimal above 0. */
  rate: string;
}

/** A wish with the rates of one pair, as it stands. */
export interface RateWish {
  base: string;
  quote: string;
  zone: string;
  revisions: readonly { from: string; rate: string }[];
}

export function ratesOf({ base, quote, zone, revisions }: RateWish): ExchangeRate[] {
  return revisions.map(({ from, rate }) => ({ base, quote, from: startOfDay(from, zone), day: from, rate }));
}

/** What stands: rates that were kept stay as they are, and what is wished beside them is added. */
export function joinRates(kept: readonly ExchangeRate[], wished: readonly ExchangeRate[]): ExchangeRate[] {
  const known = new Map([...wished, ...kept].map((each) => [JSON.stringify([each.base, each.quote, each.from]), each]));
  return [...known.values()];
}

export interface UsedRate {
  /** How documents and people read it. */
  text: string;
  factor: Rational;
}

/** Conversions into one currency: spans that do not overlap, and what an amount of each is worth. */
export function conversionsInto(currency: string, rates: readonly ExchangeRate[]) {
  const used = new Map<string, UsedRate>();
  const spans: RateSpan[] = [];
  for (const [pair, own] of pairs(rates)) {
    const [base = '', quote = ''] = pair.split('/');
    const source = quote === currency ? base : base === currency ? quote : undefined;
    if (source === undefined || source === currency) continue;
    const taken = spans.filter((span) => span.currency === source);
    for (const [index, rate] of own.entries()) {
      const exact = parseDecimal(rate.rate);
      if (exact === undefined || exact.num <= 0n) continue;
      const stretch = { from: rate.from, to: own[index + 1]?.from ?? FOREVER };
      const id = `${pair}/${rate.from}`;
      const factor = quote === currency ? exact : divide(rational(1n), exact);
      used.set(id, {
        text: `1 ${base} = ${rate.rate} ${quote} (${rate.day})`,
        factor: scaled(factor, source, currency),
      });
      spans.push(...subtractAll([stretch], taken).map((span) => ({ ...span, id, currency: source })));
    }
  }
  return { spans, used };
}

/** The quoted way round comes first: it counts where both ways are there. */
function pairs(rates: readonly ExchangeRate[]): [string, ExchangeRate[]][] {
  const found = new Map<string, ExchangeRate[]>();
  for (const rate of rates.toSorted((a, b) => a.from - b.from)) {
    const key = `${rate.base}/${rate.quote}`;
    found.set(key, [...(found.get(key) ?? []), rate]);
  }
  return [...found].toSorted(([a], [b]) => (a < b ? -1 : 1));
}

/** Between minor units of both. */
function scaled(factor: Rational, source: string, target: string): Rational {
  return multiply(factor, rational(10n ** BigInt(minorDigits(target)), 10n ** BigInt(minorDigits(source))));
}
