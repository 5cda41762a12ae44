import { statement } from '../statement.ts';

/** Makes objects due now; one that is leased is marked dirty instead and comes due when its claim completes. $1 is uids. */
export const WAKE = statement(
  'wake',
  `with woken as materialized (select uid from queue where uid = any($1::text[]) order by uid for update)
  update queue q set dirty = q.lease_until is not null,
    due_at = case when q.lease_until is null then least(q.due_at, now_ms()) else q.due_at end
  from woken where q.uid = woken.uid`,
);
