import { statement } from '../statement.ts';

/**
 * The end of a statement that makes the rows of `wanted` (uid, ordered) due now; one that is leased is marked dirty instead and comes due
 * when its claim completes.
 */
export const WOKEN = `woken as materialized (
    select locked.uid from wanted cross join lateral (select q.uid from queue q where q.uid = wanted.uid for update) locked
  )
  update queue q set dirty = q.lease_until is not null,
    due_at = case when q.lease_until is null then least(q.due_at, now_ms()) else q.due_at end
  from woken where q.uid = woken.uid returning q.uid`;

/** Makes the objects $1 (uids) due now. */
export const WAKE = statement(
  'wake',
  `with wanted as (select distinct uid from unnest($1::text[]) as uid order by uid), ${WOKEN}`,
);
