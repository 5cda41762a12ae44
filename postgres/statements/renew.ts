import { statement } from '../statement.ts';

/** Extends leases by $2 ms from now; $1 is [{uid, epoch}]. Answers those that are still held. */
export const RENEW = statement(
  'renew',
  `with held as materialized (
    select locked.uid
    from (select uid, epoch from jsonb_to_recordset($1::jsonb) as x(uid text, epoch bigint) order by uid) c
    cross join lateral (
      select q.uid from queue q where q.uid = c.uid and q.epoch = c.epoch and q.lease_until is not null for update
    ) locked
  )
  update queue q set lease_until = now_ms() + $2::bigint, due_at = now_ms() + $2::bigint
  from held where q.uid = held.uid returning q.uid`,
);
