import { type AccountEntry, type AccountHistory, ENTRIES_MAX } from '../../identity/account-history.ts';
import type { Database } from '../database.ts';
import { ACCOUNT_ENTRIES, APPEND_ACCOUNT_ENTRY } from './statements.ts';

/** Decisions about accounts, in a table whose rows are never changed. */
export function createAccountHistory(database: Pick<Database, 'run'>): AccountHistory {
  return {
    append: async ({ account, at, what, actor, detail, memo, once }) =>
      (await database.run(APPEND_ACCOUNT_ENTRY, [account, at, what, actor, detail, memo, once])).length > 0,
    of: async (account) => (await database.run<AccountEntry>(ACCOUNT_ENTRIES, [account, ENTRIES_MAX])).toReversed(),
  };
}
