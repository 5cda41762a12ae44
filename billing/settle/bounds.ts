import type { Instant } from '../calendar/interval.ts';
import { addDuration } from '../calendar/zone.ts';
import { groupBy, total } from '../group.ts';
import { toMinor } from '../money/currency.ts';
import { rational } from '../money/rational.ts';
import type { Books } from './books.ts';
import type { Difference } from './difference.ts';

export type ParkedReason = 'TooManyLines' | 'UnusualTotal' | 'BeyondHorizon';

/** Absurd output is a bug somewhere: better one account that waits than one that is charged nonsense. */
export function overflow({ additions }: Difference, books: Books, now: Instant): ParkedReason | null {
  const { policy, zone } = books.account;
  const bySubscription = groupBy(additions, ({ line }) => line.subscription);
  const most = Math.max(0, ...[...bySubscription.values()].map(({ length }) => length));
  if (most > policy.linesPerSubscriptionMax) return 'TooManyLines';
  const horizon = addDuration(now, `-P${policy.horizonMonths}M`, zone);
  if (additions.some(({ line }) => line.period.to < horizon)) return 'BeyondHorizon';
  return isUnusual(
    total(additions, ({ amount }) => amount),
    books,
  )
    ? 'UnusualTotal'
    : null;
}

const KNOWN_MIN = 3;
const KNOWN_MAX = 12;

/** Against the average of the last invoices; who has had fewer than three has no habits yet. */
function isUnusual(amount: bigint, { account: { policy, currency, approvedTotal = null }, invoices }: Books): boolean {
  const known = invoices.slice(-KNOWN_MAX);
  if (policy.unusualFactor === 0 || known.length < KNOWN_MIN) return false;
  if (approvedTotal !== null && amount <= approvedTotal) return false;
  const { num } = toMinor(rational(policy.unusualFrom), currency);
  const usual = total(known, ({ subtotal }) => subtotal) / BigInt(known.length);
  return amount >= num && amount > usual * BigInt(policy.unusualFactor);
}
