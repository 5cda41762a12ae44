import { statement } from '../statement.ts';
import { CONCERNED } from './concerned.ts';

/**
 * First statement of every change: locks the queue rows of all that it may touch, in the order of uids, so that two changes never wait
 * for each other in a circle. $1 uids; $2 uids that are about to change; $3 [{kind, project, name}] of objects that are about to appear
 * or change. Whoever changes an object holds its queue row.
 */
export const LOCK_ROWS = statement(
  'lock_rows',
  `with named as (select kind, project, name from jsonb_to_recordset($3::jsonb) as x(kind text, project text, name text)),
  changed as (
    select uid, kind, project, name, owner_uid from objects where uid = any($2::text[])
    union all select o.uid, n.kind, n.project, n.name, o.owner_uid from named n left join objects o using (kind, project, name)
  )
  select q.uid, q.epoch, q.lease_until is not null as leased from queue q
  where q.uid in (
    select unnest($1::text[]) union select uid from changed where uid is not null union ${CONCERNED}
  )
  order by q.uid for update`,
);
