import { NOTICES, type Notice, type NoticeType } from '../../letters/notices.ts';
import { type Audience, type Notifications, UNREAD_MAX } from '../../letters/notification.ts';
import type { Database, Transaction } from '../database.ts';
import { json } from '../statement.ts';
import { LIST_NOTIFICATIONS, MARK_READ, PUT_NOTICES, UNREAD_NOTIFICATIONS } from './statements.ts';

interface Row {
  id: string;
  at: number;
  type: NoticeType;
  scope: string;
  target: string;
  detail: string;
  is_read: boolean;
}

export function createNotifications(database: Pick<Database, 'run'>): Notifications {
  return {
    put: (notices) => putNotices(database, notices),
    list: async (audience, { types, unreadOnly, limit, after }) => {
      const values = [...whose(audience), [...types], unreadOnly, after?.at ?? null, after?.id ?? null, limit];
      const rows = await database.run<Row>(LIST_NOTIFICATIONS, values);
      return rows.map(({ id, at, type, scope, target, detail, is_read }) => ({
        id,
        at,
        type,
        account: scope === 'ACCOUNT' ? target : null,
        detail,
        isRead: is_read,
      }));
    },
    unread: async (audience) =>
      (await database.run<{ count: number }>(UNREAD_NOTIFICATIONS, [...whose(audience), UNREAD_MAX]))[0]?.count ?? 0,
    markRead: async (audience, ids) => (await database.run(MARK_READ, [...whose(audience), [...ids]])).length,
  };
}

/** In the transaction of what they tell: both are there, or neither. */
export async function putNotices(database: Pick<Transaction, 'run'>, notices: readonly Notice[]): Promise<void> {
  if (notices.length > 0) await database.run(PUT_NOTICES, [json(noticeRows(notices))]);
}

export function noticeRows(notices: readonly Notice[]) {
  return notices.map((notice) => ({ scope: NOTICES[notice.type].scope, ...notice }));
}

function whose({ reader, accounts, accountTypes, system }: Audience): unknown[] {
  return [reader, [...accounts], [...accountTypes], system];
}
