import { statement } from '../statement.ts';

/**
 * Takes the values $1 ([{pool, value, uid, slot}], no value twice) where they are free, in one order so that racers never wait in a
 * circle. Answers what was taken now (`fresh`) and what is held already by anybody; a value in neither was lost while we waited.
 */
export const TAKE_VALUES = statement(
  'take_values',
  `with wanted as (select pool, value, uid, slot from jsonb_to_recordset($1::jsonb) as x(pool text, value text, uid text, slot text)),
  taken as (
    insert into allocations (pool, value, uid, slot) select pool, value, uid, slot from wanted order by pool, value
    on conflict (pool, value) do nothing returning pool, value, uid
  )
  select pool, value, uid, true as fresh from taken
  union all select a.pool, a.value, a.uid, false from allocations a join wanted w on w.pool = a.pool and w.value = a.value`,
);
