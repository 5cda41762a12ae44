import { NOTICES, type Notice } from './notices.ts';
import { type Audience, type Notification, type Notifications, UNREAD_MAX } from './notification.ts';

interface Row extends Notice {
  id: string;
  at: number;
  readers: Set<string>;
}

const KEPT_MAX = 10_000;

/** Notifications that end with the process; of more than ten thousand the oldest are forgotten. */
export function createMemoryNotifications(now: () => number): Notifications {
  const rows = new Map<string, Row>();
  let count = 0;
  const seen = (audience: Audience) => [...rows.values()].filter((row) => isFor(row, audience)).toReversed();
  return {
    put: async (notices) => {
      for (const notice of notices) {
        const key = JSON.stringify([notice.type, notice.target, notice.event]);
        if (rows.has(key)) continue;
        count += 1;
        rows.set(key, { ...notice, id: String(count).padStart(12, '0'), at: now(), readers: new Set() });
        const [oldest] = rows.keys();
        if (rows.size > KEPT_MAX && oldest !== undefined) rows.delete(oldest);
      }
    },
    list: async (audience, { types, unreadOnly, limit, after }) =>
      seen(audience)
        .filter(({ type, readers }) => types.includes(type) && !(unreadOnly && readers.has(audience.reader)))
        .filter(({ at, id }) => after === undefined || at < after.at || (at === after.at && id < after.id))
        .slice(0, limit)
        .map((row) => shown(row, audience)),
    unread: async (audience) =>
      Math.min(seen(audience).filter(({ readers }) => !readers.has(audience.reader)).length, UNREAD_MAX),
    markRead: async (audience, ids) => {
      const fresh = seen(audience).filter(({ id, readers }) => ids.includes(id) && !readers.has(audience.reader));
      for (const { readers } of fresh) readers.add(audience.reader);
      return fresh.length;
    },
  };
}

function isFor({ type, target }: Row, { reader, accounts, accountTypes, system }: Audience): boolean {
  const { scope } = NOTICES[type];
  if (scope === 'SYSTEM') return system;
  return scope === 'USER' ? target === reader : accounts.includes(target) && accountTypes.includes(type);
}

function shown({ id, at, type, target, detail, readers }: Row, { reader }: Audience): Notification {
  const account = NOTICES[type].scope === 'ACCOUNT' ? target : null;
  return { id, at, type, account, detail, isRead: readers.has(reader) };
}
