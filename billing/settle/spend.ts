import { crossings } from '../budget.ts';
import { contains, type Instant } from '../calendar/interval.ts';
import { CALENDAR_ANCHOR, periodAt } from '../calendar/period.ts';
import type { Exposure } from '../credit-limit.ts';
import { monthOf } from '../document/document.ts';
import { groupBy, total } from '../group.ts';
import { formatMoney } from '../money/currency.ts';
import { walletBalance } from '../payment/wallet.ts';
import { type Books, balanceOf, creditOf, type Facts } from './books.ts';
import { desiredLines } from './desired.ts';
import { record } from './issue.ts';
import { asOf, contextOf, draftOf } from './settle.ts';

const YEAR_MS = 367 * 86_400_000;

/** What the periods that are running cost so far, billed or not: fees of the period, and usage as far as it is known. */
export function spendOf(books: Books, now: Instant, user: string | null): bigint {
  const { lines } = desiredLines(contextOf(asOf(books, now), now + YEAR_MS));
  const owned = new Map(books.subscriptions.map((each) => [each.id, each.user]));
  return total(
    lines.filter(
      ({ period, from, subscription }) =>
        contains(period, now) && from <= now && (user === null || owned.get(subscription) === user),
    ),
    ({ amount }) => amount,
  );
}

/** What was billed for a month's service, less what was credited of it; before discounts and tax. */
export interface BookedSpend {
  /** Null: of nobody in particular. */
  user: string | null;
  /** `2026-03`, as the account counts them. */
  month: string;
  amount: bigint;
}

/** Newest month first. The database keeps the same sums as it adds lines: so that looking at them costs nothing. */
export function bookedSpend({ invoices, creditNotes }: Pick<Facts, 'invoices' | 'creditNotes'>): BookedSpend[] {
  const zones = new Map(invoices.map(({ number, zone }) => [number, zone]));
  const parts = [
    ...invoices.flatMap(({ lines, zone }) =>
      lines.map((line) => ({ user: line.user ?? '', month: monthOf(line, zone), amount: line.amount })),
    ),
    ...creditNotes.flatMap(({ lines, invoice }) =>
      lines.map((line) => ({
        user: line.user ?? '',
        month: monthOf(line, zones.get(invoice)),
        amount: -line.gross,
      })),
    ),
  ];
  return [...groupBy(parts, ({ user, month }) => `${month} ${user}`)]
    .toSorted(([a], [b]) => (a > b ? -1 : 1))
    .map(([, own]) => ({
      user: own[0]?.user || null,
      month: own[0]?.month ?? '',
      amount: total(own, ({ amount }) => amount),
    }));
}

/** What an account owes and has begun to owe. On books with a wish in them it is what the wish would make of it. */
export function exposureOf(books: Books, now: Instant): Exposure {
  const { additions } = draftOf(books, { now, until: now + YEAR_MS });
  return {
    receivable: total(books.invoices, (invoice) => balanceOf(invoice, books)),
    unbilled: total(
      additions.filter(({ line }) => line.from <= now && line.period.from <= now),
      ({ amount }) => amount,
    ),
    credit: creditOf(books) + total(books.wallets, ({ name }) => walletBalance(name, books.walletMoves)),
  };
}

/** Tells once a month and threshold what a budget's spend has reached. */
export function alerted(books: Books, now: Instant): Books {
  const { zone, currency } = books.account;
  const month = periodAt({ anchor: CALENDAR_ANCHOR, length: { unit: 'MONTH', count: 1 }, zone }, now);
  return books.budgets.reduce((after, budget) => {
    const current = spendOf(books, now, budget.user);
    const crossed = crossings(budget, { current, periodFrom: month.from }, after.alerts);
    if (crossed.length === 0) return after;
    const texts = crossed.map((threshold) => formatMoney(threshold, currency)).join(', ');
    return record(after, {
      alerts: crossed.map((threshold) => ({ budget: budget.name, threshold, periodFrom: month.from })),
      events: [
        { at: now, code: 'BudgetAlert', subject: `${budget.name}: ${texts} at ${formatMoney(current, currency)}` },
      ],
    });
  }, books);
}
