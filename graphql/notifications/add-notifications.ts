import { iso } from '../../reconciler/clock.ts';
import { type Builder, objectRef } from '../builder.ts';
import type { Context } from '../context.ts';
import type { Derived } from '../derive/derived.ts';
import { PAGE_MAX, pageSize, UserError } from '../derive/list.ts';
import { type CommonTypes, pageInfoOf } from '../types/metadata.ts';
import { readerOf } from './notification-reader.ts';
import {
  NOTIFICATION_CATEGORIES,
  NOTIFICATION_SEVERITIES,
  type NotificationReader,
  type NotificationsApi,
  type ShownNotification,
} from './notifications-api.ts';

interface NotificationPage {
  items: { row: ShownNotification; cursor: string }[];
  hasMore: boolean;
  reader: NotificationReader;
}

const ACCOUNT = 'Name of the account; the caller’s own without it.';

/** What people were told, and what of it they have read. */
export function addNotifications(builder: Builder, common: CommonTypes): void {
  const category = builder.enumType('NotificationCategory', { values: NOTIFICATION_CATEGORIES });
  const severity = builder.enumType('NotificationSeverity', { values: NOTIFICATION_SEVERITIES });
  const connection = connectionType(builder, common, notificationType(builder, { category, severity }));
  builder.queryField('notifications', (t) =>
    t.field({
      type: connection,
      description: 'What the caller, and their account as far as their role says, were told; newest first.',
      args: {
        first: t.arg.int({ description: `At most ${PAGE_MAX}.` }),
        after: t.arg.string({ description: 'Cursor of the last item of the page before.' }),
        account: t.arg.string({ description: ACCOUNT }),
        categories: t.arg({ type: [category], description: 'Only these; all without it.' }),
        severities: t.arg({ type: [severity], description: 'Only these; all without it.' }),
        unread: t.arg.boolean({ description: 'Only what the caller has not read.' }),
      },
      resolve: async (_root, { first, after, account, categories, severities, unread }, context) => {
        const reader = await readerOf(context, account ?? null);
        const page = await notificationsOf(context).list(reader, {
          categories: categories ?? NOTIFICATION_CATEGORIES,
          severities: severities ?? NOTIFICATION_SEVERITIES,
          unreadOnly: unread ?? false,
          limit: pageSize(first),
          ...(after ? { after: placeOf(after) } : {}),
        });
        return { ...page, reader, items: page.items.map((row) => ({ row, cursor: `${row.at}/${row.id}` })) };
      },
    }),
  );
  builder.mutationField('markNotificationsRead', (t) =>
    t.int({
      description:
        'Marks notifications as read by the caller; ids that are not theirs to read do nothing. Answers how many are so anew.',
      args: {
        ids: t.arg.idList({ required: true, description: `At most ${PAGE_MAX}.` }),
        account: t.arg.string({ description: ACCOUNT }),
      },
      resolve: async (_root, { ids, account }, context) => {
        if (ids.length > PAGE_MAX) throw new UserError(`ids: ${ids.length} are too many; give at most ${PAGE_MAX}.`);
        const reader = await readerOf(context, account ?? null);
        return notificationsOf(context).markRead(reader, ids.map(String));
      },
    }),
  );
}

function notificationType(builder: Builder, { category, severity }: Record<'category' | 'severity', Derived>) {
  return objectRef<ShownNotification>(builder, 'Notification').implement({
    description: 'Something that people are told without having asked. It is kept for a year.',
    fields: (t) =>
      ({
        id: t.exposeID('id'),
        at: t.field({ type: 'DateTime', resolve: (one: ShownNotification) => iso(one.at) }),
        type: t.exposeString('type', { description: 'A code, such as InvoiceIssued.' }),
        scope: t.exposeString('scope', { description: 'USER, ACCOUNT or SYSTEM.' }),
        category: t.field({ type: category, resolve: (one: ShownNotification) => one.category } as Derived),
        severity: t.field({ type: severity, resolve: (one: ShownNotification) => one.severity } as Derived),
        account: t.exposeString('account', { nullable: true }),
        title: t.exposeString('title', { description: 'What happened, in the caller’s language.' }),
        read: t.exposeBoolean('isRead', { description: 'By the caller.' }),
      }) as Derived,
  });
}

function connectionType(builder: Builder, common: CommonTypes, node: Derived) {
  const edge = objectRef<NotificationPage['items'][number]>(builder, 'NotificationEdge').implement({
    fields: (t) =>
      ({
        cursor: t.exposeString('cursor'),
        node: t.field({ type: node, resolve: (item: NotificationPage['items'][number]) => item.row } as Derived),
      }) as Derived,
  });
  return objectRef<NotificationPage>(builder, 'NotificationConnection').implement({
    fields: (t) =>
      ({
        edges: t.field({ type: [edge], resolve: (page) => page.items }),
        nodes: t.field({
          type: [node],
          resolve: (page: NotificationPage) => page.items.map(({ row }) => row),
        } as Derived),
        pageInfo: t.field({ type: common.pageInfo, resolve: pageInfoOf as Derived }),
        unreadCount: t.int({
          description: 'How many the caller has not read, whatever was asked for; counted up to 1000.',
          resolve: ({ reader }: NotificationPage, _args: unknown, context: Context) =>
            notificationsOf(context).unread(reader),
        }),
      }) as Derived,
  });
}

function notificationsOf({ api }: Context): NotificationsApi {
  if (api.notifications === undefined) throw new UserError('Nobody is told anything here.');
  return api.notifications;
}

function placeOf(cursor: string): { at: number; id: string } {
  const [, at, id] = /^(\d{1,15})\/([\w-]{1,64})$/.exec(cursor) ?? [];
  if (at === undefined || id === undefined) throw new UserError(`after: "${cursor}" is no cursor of this list.`);
  return { at: Number(at), id };
}
