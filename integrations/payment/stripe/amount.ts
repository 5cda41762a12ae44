import { minorDigits } from '../../../billing/money/currency.ts';

/** Where Stripe counts otherwise than ISO 4217: digits behind the point in its amounts, and what must be a multiple of what. */
const STRIPE_DIGITS: Readonly<Record<string, number>> = { ISK: 2, UGX: 2, MGA: 0, CLF: 4, UYW: 4 };

/** Null where Stripe cannot take exactly that: amounts of three digits must end with 0, those of whole units with 00. */
export function toStripeAmount(minor: bigint, currency: string): number | null {
  const ours = minorDigits(currency);
  const theirs = STRIPE_DIGITS[currency] ?? ours;
  const scaled = theirs >= ours ? minor * 10n ** BigInt(theirs - ours) : minor / 10n ** BigInt(ours - theirs);
  if (theirs < ours && scaled * 10n ** BigInt(ours - theirs) !== minor) return null;
  if (theirs === 3 && scaled % 10n !== 0n) return null;
  return scaled > 0n && scaled <= BigInt(Number.MAX_SAFE_INTEGER) ? Number(scaled) : null;
}

export function fromStripeAmount(amount: number, currency: string): bigint {
  const ours = minorDigits(currency);
  const theirs = STRIPE_DIGITS[currency] ?? ours;
  const units = BigInt(amount);
  return theirs >= ours ? units / 10n ** BigInt(theirs - ours) : units * 10n ** BigInt(ours - theirs);
}
