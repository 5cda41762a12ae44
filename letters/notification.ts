import type { Notice, NoticeType } from './notices.ts';

/** A notice as it was written. */
export interface Notification {
  id: string;
  /** Epoch ms. */
  at: number;
  type: NoticeType;
  /** Name of the account; null for what is told one user or the provider's people. */
  account: string | null;
  detail: string;
  /** By this reader. */
  isRead: boolean;
}

/** Who reads, and what is theirs to read. */
export interface Audience {
  /** Uid of the user, or the name of a principal that is none. */
  reader: string;
  /** Names of accounts. */
  accounts: readonly string[];
  /** Of what is told accounts, only these types. */
  accountTypes: readonly NoticeType[];
  /** Reads what is told the provider's people. */
  system: boolean;
}

export interface NotificationQuery {
  /** Only these types. */
  types: readonly NoticeType[];
  unreadOnly: boolean;
  limit: number;
  /** The last of the page before. */
  after?: { at: number; id: string };
}

/** What people were told. A notice of the books is written by their commit, one of signing in with its row of the audit. */
export interface Notifications {
  /** Writes each that is not there yet. */
  put(notices: readonly Notice[]): Promise<void>;
  /** Newest first. */
  list(audience: Audience, query: NotificationQuery): Promise<Notification[]>;
  /** How many the reader has not read, counted up to `UNREAD_MAX`. */
  unread(audience: Audience): Promise<number>;
  /** Those among them that the audience may read are read from now on. Answers how many are so anew. */
  markRead(audience: Audience, ids: readonly string[]): Promise<number>;
}

export const UNREAD_MAX = 1_000;
