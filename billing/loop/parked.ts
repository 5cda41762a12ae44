import type { Instant } from '../calendar/interval.ts';
import type { BooksChange, KeptBooks } from './books-store.ts';

/** The change that books nothing and says why: the account waits until somebody wakes it. */
export function parkedChange(
  { account, version }: KeptBooks,
  { reason, now, currency }: { reason: string; now: Instant; currency: string | null },
): BooksChange {
  return {
    ...unchanged({ account, version }),
    currency,
    problems: [{ at: now, code: 'Parked', subject: reason }],
    parked: reason,
  };
}

/** A change of nothing, to add to. */
export function unchanged({ account, version }: Pick<KeptBooks, 'account' | 'version'>): BooksChange {
  return {
    account,
    version,
    currency: null,
    facts: {},
    numbers: [],
    subscriptions: [],
    adjustments: [],
    redemptions: [],
    problems: [],
    mail: [],
    settledAt: null,
    dueAt: null,
    parked: null,
    checkpoint: null,
  };
}
