import { divideRounded, type RoundingMode } from './rounding.ts';

/** An exact number: `num / den` in lowest terms, `den` above 0. Quantities, prices and amounts stay so until they are booked. */
export interface Rational {
  readonly num: bigint;
  readonly den: bigint;
}

export const ZERO: Rational = { num: 0n, den: 1n };
export const ONE: Rational = { num: 1n, den: 1n };

export function rational(num: bigint, den = 1n): Rational {
  if (den === 0n) throw new RangeError('rational: the denominator is 0');
  const divisor = greatestCommonDivisor(num, den) * (den < 0n ? -1n : 1n);
  return { num: num / divisor, den: den / divisor };
}

/** A decimal text such as `-12.50`, exactly; undefined where it is none. At most 38 digits, as the database holds. */
export function parseDecimal(text: string): Rational | undefined {
  const found = /^([+-]?)(\d{1,26})(?:\.(\d{1,12}))?$/.exec(text);
  if (found === null) return undefined;
  const [, sign, whole = '', fraction = ''] = found;
  const num = BigInt(whole + fraction);
  return rational(sign === '-' ? -num : num, 10n ** BigInt(fraction.length));
}

export const add = (a: Rational, b: Rational): Rational => rational(a.num * b.den + b.num * a.den, a.den * b.den);
export const subtract = (a: Rational, b: Rational): Rational => add(a, negate(b));
export const multiply = (a: Rational, b: Rational): Rational => rational(a.num * b.num, a.den * b.den);
export const divide = (a: Rational, b: Rational): Rational => rational(a.num * b.den, a.den * b.num);
export const negate = (a: Rational): Rational => ({ num: -a.num, den: a.den });

/** Below, at or above 0, as `a` is below, at or above `b`. */
export function compare(a: Rational, b: Rational): -1 | 0 | 1 {
  const difference = a.num * b.den - b.num * a.den;
  if (difference === 0n) return 0;
  return difference < 0n ? -1 : 1;
}

export const least = (a: Rational, b: Rational): Rational => (compare(a, b) <= 0 ? a : b);
export const greatest = (a: Rational, b: Rational): Rational => (compare(a, b) >= 0 ? a : b);
export const sum = (all: readonly Rational[]): Rational => all.reduce(add, ZERO);

/** The one rounding, last. */
export const roundRational = (a: Rational, mode: RoundingMode): bigint => divideRounded(a.num, a.den, mode);

/** For people and documents: at most `digits` decimals, rounded half up, without trailing zeros. Never computed with again. */
export function decimalText(a: Rational, digits = 12): string {
  const scaled = divideRounded(a.num * 10n ** BigInt(digits), a.den, 'HALF_UP');
  const text = (scaled < 0n ? -scaled : scaled).toString().padStart(digits + 1, '0');
  const whole = text.slice(0, text.length - digits);
  const fraction = text.slice(text.length - digits).replace(/0+$/, '');
  return `${scaled < 0n ? '-' : ''}${whole}${fraction === '' ? '' : `.${fraction}`}`;
}

function greatestCommonDivisor(a: bigint, b: bigint): bigint {
  let [x, y] = [a < 0n ? -a : a, b < 0n ? -b : b];
  while (y !== 0n) [x, y] = [y, x % y];
  return x;
}
