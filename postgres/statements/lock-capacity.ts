import { statement } from '../statement.ts';

/** Locks, in the order of their keys, the capacity rows that the objects $1 hold of or want ($2: [{place, resource}]). */
export const LOCK_CAPACITY = statement(
  'lock_capacity',
  `select place, resource, wished as "limit", used from capacity
  where (place, resource) in (
    select place, resource from capacity_claims where uid = any($1::text[])
    union select place, resource from jsonb_to_recordset($2::jsonb) as x(place text, resource text)
  ) order by place, resource for update`,
);
