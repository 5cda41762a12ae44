/** What people were told, as the API shows it. */
export interface NotificationsApi {
  /** Newest first. */
  list(
    reader: NotificationReader,
    query: NotificationPageQuery,
  ): Promise<{ items: ShownNotification[]; hasMore: boolean }>;
  /** Counted up to 1000. */
  unread(reader: NotificationReader): Promise<number>;
  /** How many are read anew. */
  markRead(reader: NotificationReader, ids: readonly string[]): Promise<number>;
}

/** Who reads, as roles and sessions say. */
export interface NotificationReader {
  /** Uid of the user, or the name of a principal that is none. */
  reader: string;
  /** Name of the user, whose language it is; null for a principal that is none. */
  user: string | null;
  /** Whose notices are read as well; null: no account's. */
  account: string | null;
  /** May read what the account is told about itself and its money, not only what the provider publishes. */
  knowsAccount: boolean;
  /** Reads what the provider's people are told. */
  isProvider: boolean;
}

export const NOTIFICATION_CATEGORIES = ['SYSTEM', 'SERVICES', 'ACCOUNT', 'ACCOUNT_SPEND'] as const;
export const NOTIFICATION_SEVERITIES = ['CRITICAL', 'ALERT', 'INFORMATION'] as const;

export interface NotificationPageQuery {
  categories: readonly (typeof NOTIFICATION_CATEGORIES)[number][];
  severities: readonly (typeof NOTIFICATION_SEVERITIES)[number][];
  unreadOnly: boolean;
  limit: number;
  after?: { at: number; id: string };
}

export interface ShownNotification {
  id: string;
  /** Epoch ms. */
  at: number;
  type: string;
  scope: 'USER' | 'ACCOUNT' | 'SYSTEM';
  category: (typeof NOTIFICATION_CATEGORIES)[number];
  severity: (typeof NOTIFICATION_SEVERITIES)[number];
  account: string | null;
  /** What happened, in the reader's language. */
  title: string;
  isRead: boolean;
}
