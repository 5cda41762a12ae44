import { statement } from '../statement.ts';

/**
 * Ends claims: $1 [{uid, epoch, due_at, attempts, shard}]. A row that was woken since its claim comes due now. This is all that a pass
 * which found nothing to do ever writes. Answers those that were held; `due` are due already.
 */
export const RELEASE = statement(
  'release',
  `with held as materialized (
    select d.uid, d.epoch, d.due_at, d.attempts, d.shard
    from (
      select uid, epoch, due_at, attempts, shard
      from jsonb_to_recordset($1::jsonb) as x(uid text, epoch bigint, due_at bigint, attempts int, shard smallint) order by uid
    ) d
    cross join lateral (
      select q.uid from queue q where q.uid = d.uid and q.epoch = d.epoch and q.lease_until is not null for update
    ) locked
  )
  update queue q set
    due_at = case when q.dirty then now_ms() else h.due_at end,
    dirty = false, lease_until = null, holder = null, attempts = h.attempts,
    epoch = case when h.shard <> q.shard then q.epoch + 1 else q.epoch end,
    shard = coalesce(h.shard, q.shard)
  from held h where q.uid = h.uid
  returning q.uid, h.epoch, q.due_at <= now_ms() as due`,
);
