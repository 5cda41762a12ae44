import type { NotificationReader, NotificationsApi } from '../../graphql/notifications/notifications-api.ts';
import { noticeTitle } from '../../letters/notice-titles.ts';
import { NOTICE_TYPES, NOTICES } from '../../letters/notices.ts';
import type { Audience, Notifications } from '../../letters/notification.ts';
import { readerOf } from '../../letters/reader.ts';
import type { ObjectStore } from '../../reconciler/store.ts';

const SERVICES = NOTICE_TYPES.filter((type) => NOTICES[type].category === 'SERVICES');

/** What people were told, in their own language and time zone. */
export function notificationsApi(notifications: Notifications, store: Pick<ObjectStore, 'getByKey'>): NotificationsApi {
  return {
    list: async (who, { categories, severities, unreadOnly, limit, after }) => {
      const types = NOTICE_TYPES.filter(
        (type) => categories.includes(NOTICES[type].category) && severities.includes(NOTICES[type].severity),
      );
      const query = { types, unreadOnly, limit: limit + 1, ...(after && { after }) };
      const [rows, reader] = await Promise.all([notifications.list(audience(who), query), readerNamed(store, who)]);
      const items = rows.slice(0, limit).map(({ id, at, type, account, detail, isRead }) => ({
        id,
        at,
        type,
        ...NOTICES[type],
        account,
        title: noticeTitle({ type, account: account ?? '', detail }, reader),
        isRead,
      }));
      return { items, hasMore: rows.length > limit };
    },
    unread: (who) => notifications.unread(audience(who)),
    markRead: (who, ids) => notifications.markRead(audience(who), ids),
  };
}

function audience({ reader, account, knowsAccount, isProvider }: NotificationReader): Audience {
  return {
    reader,
    accounts: account === null ? [] : [account],
    accountTypes: knowsAccount ? NOTICE_TYPES : SERVICES,
    system: isProvider,
  };
}

async function readerNamed(store: Pick<ObjectStore, 'getByKey'>, { user }: NotificationReader) {
  const [found] = user === null ? [] : await store.getByKey([{ kind: 'User', project: null, name: user }]);
  const { locale, zone } = found?.spec ?? {};
  return readerOf({
    locale: typeof locale === 'string' ? locale : undefined,
    zone: typeof zone === 'string' ? zone : undefined,
  });
}
