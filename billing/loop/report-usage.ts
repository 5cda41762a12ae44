import type { AccountBooks } from './account-books.ts';
import type { BooksStore, IngestResult, UsageEvent } from './books-store.ts';

const DAY_MS = 86_400_000;
/** Clocks differ a little. */
const FUTURE_TOLERANCE_MS = 300_000;

/**
 * Takes usage from outside for one account. What its catalog meters is known; everything else is a dead letter. Undefined: there is no
 * such account.
 */
export async function reportUsage(
  { store, accounts }: { store: Pick<BooksStore, 'ingest'>; accounts: Pick<AccountBooks, 'find'> },
  events: readonly UsageEvent[],
  account: string,
): Promise<IngestResult[] | undefined> {
  const books = await accounts.find(account);
  if (books === undefined) return undefined;
  const meters = new Set(books.catalog.meters.flatMap(({ rules }) => rules.map(({ usage }) => usage)));
  const maxAgeMs = books.account.policy.usageMaxAgeDays * DAY_MS;
  return store.ingest(events, { meters, maxAgeMs, futureToleranceMs: FUTURE_TOLERANCE_MS });
}
