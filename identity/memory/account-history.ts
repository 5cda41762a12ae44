import { type AccountEntry, type AccountHistory, ENTRIES_MAX } from '../account-history.ts';

/** Decisions that end with the process. */
export function createMemoryAccountHistory(): AccountHistory {
  const entries = new Map<string, AccountEntry[]>();
  return {
    append: async (entry) => {
      const known = entries.get(entry.account) ?? [];
      if (entry.once !== null && known.some(({ once }) => once === entry.once)) return false;
      entries.set(entry.account, [...known, { ...entry }]);
      return true;
    },
    of: async (account) => structuredClone((entries.get(account) ?? []).slice(-ENTRIES_MAX)),
  };
}
