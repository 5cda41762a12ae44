import { statement } from '../statement.ts';

/** Makes everything due that has a binding at the place $1. */
export const WAKE_PLACE = statement(
  'wake_place',
  `with woken as materialized (
    select uid from queue where uid in (select uid from bindings where place = $1) order by uid for update
  )
  update queue q set dirty = q.lease_until is not null,
    due_at = case when q.lease_until is null then least(q.due_at, now_ms()) else q.due_at end
  from woken where q.uid = woken.uid`,
);
