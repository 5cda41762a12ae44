import { statement } from '../statement.ts';

/**
 * Ends claims: $1 [{uid, epoch, due_at, attempts, shard}]. A row that was woken since its claim comes due now. This is all that a pass
 * which found nothing to do ever writes, in one statement and one round trip. Answers those that were held; `due` are due already.
 */
export const RELEASE = statement(
  'release',
  `with done as (
    select uid, epoch, due_at, attempts, shard
    from jsonb_to_recordset($1::jsonb) as x(uid text, epoch bigint, due_at bigint, attempts int, shard smallint)
  ),
  held as materialized (
    select q.uid, q.epoch from queue q join done d on d.uid = q.uid and d.epoch = q.epoch
    where q.lease_until is not null order by q.uid for update of q
  )
  update queue q set
    due_at = case when q.dirty then now_ms() else d.due_at end,
    dirty = false, lease_until = null, holder = null, attempts = d.attempts,
    epoch = case when d.shard <> q.shard then q.epoch + 1 else q.epoch end,
    shard = coalesce(d.shard, q.shard)
  from held, done d where q.uid = held.uid and d.uid = held.uid and d.epoch = held.epoch
  returning q.uid, d.epoch, q.due_at <= now_ms() as due`,
);
