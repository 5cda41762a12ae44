import { statement } from '../statement.ts';
import { CONCERNED } from './concerned.ts';

/**
 * First statement of every change: locks the queue rows of all that it may touch, in the order of uids, so that two changes never wait
 * for each other in a circle. $1 uids; $2 uids that are about to change; $3 [{kind, project, name}] of objects that are about to appear
 * or change. Whoever changes an object holds its queue row. Locking inside of `lateral` makes it one index probe a row whatever the
 * planner believes about the size of the tables; it chose to read all of them otherwise, 8 ms at 10,000 rows and rising.
 */
export const LOCK_ROWS = statement(
  'lock_rows',
  `with named as (select kind, project, name from jsonb_to_recordset($3::jsonb) as x(kind text, project text, name text)),
  changed as materialized (
    select o.* from unnest($2::text[]) as c(uid) cross join lateral (
      select uid, kind, project, name, owner_uid from objects o where o.uid = c.uid offset 0
    ) o
    union all select o.uid, n.kind, n.project, n.name, o.owner_uid from named n left join lateral (
      select uid, owner_uid from objects o where o.key = n.kind || '/' || n.project || '/' || n.name offset 0
    ) o on true
  )
  select locked.* from (
    select unnest($1::text[]) as uid union select uid from changed where uid is not null union ${CONCERNED} order by uid
  ) wanted
  cross join lateral (
    select q.uid, q.epoch, q.lease_until is not null as leased from queue q where q.uid = wanted.uid for update
  ) locked`,
);
