import { statement } from '../statement.ts';

/** $1: [{scope, target, event, type, detail}]. */
export const PUT_NOTICES = statement(
  'put_notices',
  `insert into notifications (scope, target, event, type, detail)
   select scope, target, event, type, detail
     from jsonb_to_recordset($1::jsonb) as n(scope text, target text, event text, type text, detail text)
   on conflict do nothing`,
);

/** $1 reader, $2 accounts, $3 types that are told accounts, $4 whether the provider's are read. */
const THEIRS = `(
    (n.scope = 'USER' and n.target = $1)
    or (n.scope = 'ACCOUNT' and n.target = any($2::text[]) and n.type = any($3::text[]))
    or (n.scope = 'SYSTEM' and n.target = '' and $4))`;
const IS_READ = 'exists (select from notification_reads r where r.notification = n.id and r.reader = $1)';

/** $5 types, $6 unread only, $7 and $8 the last of the page before, $9 how many. */
export const LIST_NOTIFICATIONS = statement(
  'list_notifications',
  `select n.id, n.at, n.type, n.scope, n.target, n.detail, ${IS_READ} as is_read
     from notifications n
    where ${THEIRS} and n.type = any($5::text[]) and not ($6 and ${IS_READ})
      and ($7::bigint is null or (n.at, n.id) < ($7, $8))
    order by n.at desc, n.id desc limit $9`,
);

/** $5: at most so many are counted. */
export const UNREAD_NOTIFICATIONS = statement(
  'unread_notifications',
  `select count(*)::int as count from (select from notifications n where ${THEIRS} and not ${IS_READ} limit $5) x`,
);

/** $5 ids. */
export const MARK_READ = statement(
  'mark_notifications_read',
  `insert into notification_reads (notification, reader)
   select n.id, $1 from notifications n where n.id = any($5::text[]) and ${THEIRS}
   on conflict do nothing returning notification`,
);
