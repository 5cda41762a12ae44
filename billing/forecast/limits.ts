import type { Budget } from '../budget.ts';
import type { Instant } from '../calendar/interval.ts';
import { creditCheck } from '../credit-limit.ts';
import type { Books } from '../settle/books.ts';
import { exposureOf } from '../settle/spend.ts';

/** A budget that the change would spend more than. */
export interface BudgetWarning {
  code: 'BudgetExceeded';
  budget: string;
  amount: bigint;
  /** What the current period comes to. */
  spend: bigint;
}

/** A credit limit that the change would go beyond. Refused: it takes nothing new. */
export interface CreditWarning {
  code: 'CreditLimitReached' | 'CreditLimitExceeded';
  amount: bigint;
  exposure: bigint;
}

/** Only what the change itself brings about: who spends too much already is told so elsewhere. */
export function budgetWarnings(
  budgets: readonly Budget[],
  { before, after }: { before: bigint; after: bigint },
): BudgetWarning[] {
  return budgets
    .filter(({ user, amount }) => user === null && after > amount && after > before)
    .map(({ name, amount }) => ({ code: 'BudgetExceeded', budget: name, amount, spend: after }));
}

/** What the limit says to the books as they would be. Books that refused a subscription are as they were, and their events say so. */
export function creditWarning({ before, after }: { before: Books; after: Books }, now: Instant): CreditWarning[] {
  const limit = after.account.creditLimit;
  if (limit === null) return [];
  const refusedAlready = after.events.slice(before.events.length).some(({ code }) => code === 'CreditLimitExceeded');
  const { outcome, exposure } = creditCheck(limit, exposureOf(after, now));
  if (refusedAlready) return [{ code: 'CreditLimitExceeded', amount: limit.amount, exposure }];
  const stood = creditCheck(limit, exposureOf(before, now)).exposure;
  if (outcome === 'within' || exposure <= stood) return [];
  const code = outcome === 'refused' ? 'CreditLimitExceeded' : 'CreditLimitReached';
  return [{ code, amount: limit.amount, exposure }];
}
