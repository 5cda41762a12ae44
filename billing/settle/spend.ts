import { crossings } from '../budget.ts';
import { contains, type Instant } from '../calendar/interval.ts';
import { CALENDAR_ANCHOR, periodAt } from '../calendar/period.ts';
import { total } from '../group.ts';
import { formatMoney } from '../money/currency.ts';
import type { Books } from './books.ts';
import { desiredLines } from './desired.ts';
import { record } from './issue.ts';
import { asOf, contextOf } from './settle.ts';

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
