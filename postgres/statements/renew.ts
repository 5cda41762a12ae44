import { statement } from '../statement.ts';

/** Extends leases by $2 ms from now; $1 is [{uid, epoch}]. Answers those that are still held. */
export const RENEW = statement(
  'renew',
  `with claimed as (select uid, epoch from jsonb_to_recordset($1::jsonb) as x(uid text, epoch bigint)),
  held as materialized (
    select q.uid from queue q join claimed c on c.uid = q.uid and c.epoch = q.epoch
    where q.lease_until is not null order by q.uid for update of q
  )
  update queue q set lease_until = now_ms() + $2::bigint, due_at = now_ms() + $2::bigint
  from held where q.uid = held.uid returning q.uid`,
);
