import { contains, type Instant, type Interval } from '../calendar/interval.ts';
import { CALENDAR_ANCHOR, periodAt } from '../calendar/period.ts';
import { blockedBy } from '../dunning/dunning.ts';
import { groupBy, total } from '../group.ts';
import { formatMoney } from '../money/currency.ts';
import { walletBalance } from '../payment/wallet.ts';
import { type Books, balanceOf, creditOf } from '../settle/books.ts';
import type { Problem } from '../settle/context.ts';
import { desiredLines } from '../settle/desired.ts';
import type { DesiredLine } from '../settle/line.ts';
import { asOf, contextOf } from '../settle/settle.ts';
import { spendOf } from '../settle/spend.ts';
import { type SubscriptionState, subscriptionState } from '../settle/subscription-state.ts';

/** How an account stands at an instant: the running totals that people look at. Amounts in minor units. */
export interface Standing {
  asOf: Instant;
  /** What the periods that run now came to, before tax. */
  spend: bigint;
  /** What invoices still owe. */
  receivable: bigint;
  /** The account's credit, and what is in its wallets. */
  credit: bigint;
  wallets: ReadonlyMap<string, bigint>;
  budgets: ReadonlyMap<string, BudgetStanding>;
  subscriptions: ReadonlyMap<string, SubscriptionStanding>;
}

export interface BudgetStanding {
  spent: bigint;
  reached: readonly bigint[];
}

export interface SubscriptionStanding {
  state: SubscriptionState;
  period: Interval | null;
  nextCharge: { at: Instant; amount: bigint } | null;
  spend: bigint;
  /** Code of the first thing that cannot be priced. */
  problem: string | null;
}

/** Longer than any period, so that the next charge of each is in sight. */
const AHEAD_MS = 367 * 86_400_000;

/** The books must hold all usage that is known, written down or not. */
export function standingOf(books: Books, now: Instant): Standing {
  const context = contextOf(asOf(books, now), now + AHEAD_MS);
  const { lines, problems } = desiredLines(context);
  const held = blockedBy(books.holds);
  const bySubscription = groupBy(lines, ({ subscription }) => subscription);
  return {
    asOf: now,
    spend: spendOf(books, now, null),
    receivable: total(books.invoices, (invoice) => balanceOf(invoice, books)),
    credit: creditOf(books),
    wallets: new Map(books.wallets.map(({ name }) => [name, walletBalance(name, books.walletMoves)])),
    budgets: budgetsOf(books, now),
    subscriptions: new Map(
      context.timelines.map((timeline) => {
        const { id } = timeline.subscription;
        const state = subscriptionState(timeline, { held, facts: books, now });
        return [id, { state, ...subscriptionOf({ lines: bySubscription.get(id) ?? [], problems, now }) }];
      }),
    ),
  };
}

/** As the documents of the API show money. */
export function money(minor: bigint, currency: string): { amount: string; currency: string } {
  return { amount: formatMoney(minor, currency), currency };
}

function budgetsOf(books: Books, now: Instant): Map<string, BudgetStanding> {
  const month = periodAt(
    { anchor: CALENDAR_ANCHOR, length: { unit: 'MONTH', count: 1 }, zone: books.account.zone },
    now,
  );
  return new Map(
    books.budgets.map(({ name, user }) => {
      const reached = books.alerts.filter(({ budget, periodFrom }) => budget === name && periodFrom === month.from);
      return [name, { spent: spendOf(books, now, user), reached: reached.map(({ threshold }) => threshold) }];
    }),
  );
}

function subscriptionOf({
  lines,
  problems,
  now,
}: {
  lines: readonly DesiredLine[];
  problems: readonly Problem[];
  now: Instant;
}): Omit<SubscriptionStanding, 'state'> {
  const running = lines.filter(({ period, from }) => contains(period, now) && from <= now);
  const ahead = lines.filter(({ billAt, amount }) => billAt > now && amount > 0n);
  const at = Math.min(...ahead.map(({ billAt }) => billAt));
  const charges = new Set(lines.map(({ charge }) => charge));
  return {
    period: running[0]?.period ?? null,
    nextCharge:
      ahead.length === 0
        ? null
        : {
            at,
            amount: total(
              ahead.filter(({ billAt }) => billAt === at),
              ({ amount }) => amount,
            ),
          },
    spend: total(running, ({ amount }) => amount),
    problem: problems.find(({ subject }) => charges.has(subject))?.code ?? null,
  };
}
