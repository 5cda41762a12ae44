import { statement } from '../statement.ts';

/** $1: [{uid, at, step}] in the order of happening. */
export const APPEND_STEPS = statement(
  'append_steps',
  `insert into steps (at, uid, kind, project, name, step)
  select (s.row->>'at')::bigint, o.uid, o.kind, o.project, o.name, s.row->'step'
  from jsonb_array_elements($1::jsonb) with ordinality as s(row, place)
  join objects o on o.uid = s.row->>'uid' order by s.place`,
);
