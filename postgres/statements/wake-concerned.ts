import { statement } from '../statement.ts';
import { CONCERNED } from './concerned.ts';

/** Wakes those whom a change of the objects $1 (uids) concerns. Their rows are locked already, but for references made meanwhile. */
export const WAKE_CONCERNED = statement(
  'wake_concerned',
  `with changed as (select uid, kind, project, name, owner_uid from objects where uid = any($1::text[])),
  woken as materialized (
    select q.uid from queue q where q.uid in (${CONCERNED}) order by q.uid for update
  )
  update queue q set dirty = q.lease_until is not null,
    due_at = case when q.lease_until is null then least(q.due_at, now_ms()) else q.due_at end
  from woken where q.uid = woken.uid returning q.uid`,
);
