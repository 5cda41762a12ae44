import { multiply, parseDecimal, type Rational, rational, roundRational } from './rational.ts';
import type { RoundingMode } from './rounding.ts';

/** Minor digits of the ISO 4217 currencies that have not two. */
const DIGITS: Readonly<Record<string, number>> = {
  ...Object.fromEntries(
    'BIF CLP DJF GNF ISK JPY KMF KRW PYG RWF UGX UYI VND VUV XAF XOF XPF'.split(' ').map((code) => [code, 0]),
  ),
  ...Object.fromEntries('BHD IQD JOD KWD LYD OMR TND'.split(' ').map((code) => [code, 3])),
  CLF: 4,
  UYW: 4,
};

export function minorDigits(currency: string): number {
  return DIGITS[currency] ?? 2;
}

/** A price or an exact amount of major units, such as `0.12`, in minor units and not rounded. */
export function toMinor(amount: Rational, currency: string): Rational {
  return multiply(amount, rational(10n ** BigInt(minorDigits(currency))));
}

/** A text such as `12.50` in minor units; undefined where it is no amount, or has more digits than the currency. */
export function parseMoney(text: string, currency: string): bigint | undefined {
  const amount = parseDecimal(text);
  if (amount === undefined) return undefined;
  const minor = toMinor(amount, currency);
  return minor.den === 1n ? minor.num : undefined;
}

/** Rounded where the input may have more digits than the currency: a top-up of 17.9699999 charges 17.97. */
export function moneyFrom(amount: Rational, currency: string, mode: RoundingMode): bigint {
  return roundRational(toMinor(amount, currency), mode);
}

export function formatMoney(minor: bigint, currency: string): string {
  const digits = minorDigits(currency);
  const text = (minor < 0n ? -minor : minor).toString().padStart(digits + 1, '0');
  const sign = minor < 0n ? '-' : '';
  return digits === 0 ? sign + text : `${sign}${text.slice(0, -digits)}.${text.slice(-digits)}`;
}
