import type { Instant } from '../calendar/interval.ts';
import type { DunningPolicy } from '../dunning/dunning.ts';
import { type Books, balanceOf } from '../settle/books.ts';
import { type Attempt, isOpen, type Purpose } from './attempt.ts';
import { walletBalance } from './wallet.ts';

/** With what an account pays by itself. */
export interface Payer {
  gateway: string;
  customer: string;
  /** The gateway's token of the method. */
  method: string;
  topUps: readonly TopUp[];
}

/** Bought again as soon as less than `below` is left. */
export interface TopUp {
  wallet: string;
  below: bigint;
  amount: bigint;
}

export interface Wanted {
  purpose: Purpose;
  amount: bigint;
  /** How many attempts for the same thing there were, and this one. */
  generation: number;
}

const DAY_MS = 86_400_000;
/** A day: a wallet whose top-up is smaller than what it lacks must not empty the card. */
const TOP_UPS_MAX = 10;
/** Far more than any retry schedule has. */
const ATTEMPTS_MAX = 50;

/**
 * What should be charged by itself now: open invoices and wallets that run low, each while no other attempt stands for it. `attempts` must
 * have been read before the books: then whatever was charged is in one of them.
 */
export function wantedCharges(
  books: Books,
  { attempts, payer, now }: { attempts: readonly Attempt[]; payer: Payer; now: Instant },
): Wanted[] {
  return [
    ...books.invoices.flatMap(({ number }) => {
      const amount = collectable(books, number);
      const before = chargesFor(attempts, { type: 'INVOICE', invoice: number });
      const retries = retriesOf(books, number);
      const isTime = amount > 0n && mayTry(before, { method: payer.method, retries, now });
      const purpose: Purpose = { type: 'INVOICE', invoice: number, adjust: false };
      return isTime ? [{ purpose, amount, generation: generationAfter(before) }] : [];
    }),
    ...payer.topUps.flatMap(({ wallet, below, amount }) => {
      const before = chargesFor(attempts, { type: 'TOP_UP', wallet });
      const recent = before.filter(({ createdAt }) => createdAt > now - DAY_MS);
      const isTime = isLow(books, { wallet, below, now }) && recent.length < TOP_UPS_MAX;
      const purpose: Purpose = { type: 'TOP_UP', wallet };
      if (!isTime || !mayTry(recent, { method: payer.method, retries: [], now })) return [];
      return before.some(isOpen) ? [] : [{ purpose, amount, generation: generationAfter(before) }];
    }),
  ];
}

/** One more than the newest has: old ones may not be read any more. */
export function generationAfter(before: readonly Pick<Attempt, 'key'>[]): number {
  return 1 + Math.max(0, ...before.map(({ key }) => Number(/\/(\d+)\/[a-z]+$/.exec(key)?.[1] ?? 0)));
}

/** A wallet that is there, not over, and nearly empty. */
function isLow(
  { wallets, walletMoves }: Books,
  { wallet, below, now }: { wallet: string; below: bigint; now: Instant },
): boolean {
  const found = wallets.find(({ name }) => name === wallet);
  const lasts = found !== undefined && (found.expiresAt === null || now < found.expiresAt);
  return lasts && walletBalance(wallet, walletMoves) < below;
}

/** Attempts to charge for the same invoice or wallet, oldest first. */
export function chargesFor(
  attempts: readonly Attempt[],
  purpose: { type: 'INVOICE'; invoice: string } | { type: 'TOP_UP'; wallet: string },
): Attempt[] {
  const name = subjectOf(purpose);
  return attempts.filter(
    (each) => each.verb === 'CHARGE' && each.purpose.type === purpose.type && subjectOf(each.purpose) === name,
  );
}

/** The invoice, the wallet or the subscription that it is about. */
export function subjectOf(
  purpose:
    | { type: 'INVOICE' | 'NOTE'; invoice: string }
    | { type: 'TOP_UP' | 'WALLET'; wallet: string }
    | { type: 'SUBSCRIPTION'; subscription: string },
): string {
  if ('subscription' in purpose) return purpose.subscription;
  return 'wallet' in purpose ? purpose.wallet : purpose.invoice;
}

/** What the payer took back, or was given back, is not charged again by itself. */
export function collectable(books: Books, number: string): bigint {
  const invoice = books.invoices.find((each) => each.number === number);
  const movedBack = books.payments.some((each) => each.invoice === number && each.kind !== 'PAYMENT');
  return invoice === undefined || movedBack ? 0n : balanceOf(invoice, books);
}

/** When dunning asked for another try. */
function retriesOf(books: Books, number: string): Instant[] {
  const policy: DunningPolicy | null = books.account.dunning;
  return books.dunningDone
    .filter(({ invoice, step }) => invoice === number && policy?.steps[step]?.actions.includes('RETRY') === true)
    .map(({ at }) => at);
}

/** A soft decline waits for the schedule or another method, a hard one for another method only. */
export function mayTry(
  before: readonly Attempt[],
  { method, retries, now }: { method: string; retries: readonly Instant[]; now: Instant },
): boolean {
  if (before.some(isOpen) || before.length >= ATTEMPTS_MAX) return false;
  const last = before.at(-1);
  if (last === undefined || last.state === 'SUCCEEDED') return true;
  if (last.state === 'LAPSED') return now >= last.calledAt + DAY_MS;
  if (last.method !== method) return true;
  return last.state === 'DECLINED_SOFT' && retries.some((at) => at > last.createdAt);
}
