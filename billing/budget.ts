import type { Instant } from './calendar/interval.ts';
import { total } from './group.ts';

/** What an account, or one of its users, wants to spend in a period. It warns; credit limits refuse. */
export interface Budget {
  name: string;
  amount: bigint;
  /** Null: the account's. */
  user: string | null;
  /** Amounts at which to tell somebody, each once a period. */
  thresholds: readonly bigint[];
}

export interface BudgetAlert {
  budget: string;
  threshold: bigint;
  periodFrom: Instant;
}

/** The thresholds that the spend reached since it was last looked at: one message, however many they are, and never again. */
export function crossings(
  { name, thresholds }: Budget,
  { current, periodFrom }: { current: bigint; periodFrom: Instant },
  fired: readonly BudgetAlert[],
): bigint[] {
  const known = new Set(
    fired.filter((alert) => alert.budget === name && alert.periodFrom === periodFrom).map(({ threshold }) => threshold),
  );
  return thresholds
    .filter((threshold) => threshold <= current && !known.has(threshold))
    .toSorted((a, b) => (a < b ? -1 : 1));
}

/** How much of the account's budget a user's may take; null where the account has none, or for the account's own. */
export function availableFor(budget: Budget, others: readonly Budget[]): bigint | null {
  const account = others.find(({ user }) => user === null);
  if (budget.user === null || account === undefined) return null;
  const given = others.filter(({ user }) => user !== null);
  return account.amount - total(given, ({ amount }) => amount);
}
