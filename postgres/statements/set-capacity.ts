import { statement } from '../statement.ts';

/** Sets limits, $1: [{place, resource, limit}]. Below the use, the ceiling stays at the use and comes down with it. */
export const SET_CAPACITY = statement(
  'set_capacity',
  `insert into capacity as c (place, resource, wished, ceiling)
  select place, resource, "limit", "limit" from jsonb_to_recordset($1::jsonb) as x(place text, resource text, "limit" bigint)
  order by place, resource
  on conflict (place, resource) do update set wished = excluded.wished, ceiling = greatest(excluded.wished, c.used)
  where c.wished <> excluded.wished`,
);
