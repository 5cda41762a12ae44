/** What people and loops decided about an account, each for ever. Holds are facts of the books, and stand there. */
export interface AccountHistory {
  /** False when an entry of the same `once` is there already: of many who decide at once, one is kept. */
  append(entry: AccountEntry): Promise<boolean>;
  /** Of an account's uid, oldest first, at most the newest thousand. */
  of(account: string): Promise<AccountEntry[]>;
}

export interface AccountEntry {
  /** Uid of the Account. */
  account: string;
  /** Epoch ms. */
  at: number;
  what: 'Activated' | 'Approved' | 'Declined' | 'Converted' | 'Terminated' | 'Erased';
  actor: string;
  /** The type that was approved, `trial → retail`, or empty. */
  detail: string;
  /** Why, for the provider's people; at most `MEMO_MAX` characters. */
  memo: string;
  /** Null: it may happen many times. */
  once: string | null;
}

export const MEMO_MAX = 4_000;
export const ENTRIES_MAX = 1_000;

/** One thing that was decided about an account, the books' and people's holds among it, with the states before it and after. */
export interface HistoryRow extends Pick<AccountEntry, 'at' | 'actor' | 'detail' | 'memo'> {
  what: string;
  oldState: string;
  newState: string;
  /** Of a hold. */
  source: string | null;
  severity: string | null;
  /** A code. */
  reason: string;
}
