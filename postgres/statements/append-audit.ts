import { statement } from '../statement.ts';

/** $1: [{uid, kind, project, name, op, generation, changes}] in the order of writing; $2 actor, $3 on behalf of, $4 from, $5 request. */
export const APPEND_AUDIT = statement(
  'append_audit',
  `insert into audit (at, uid, kind, project, name, actor, on_behalf_of, from_where, request_id, op, generation, changes)
  select now_ms(), a.row->>'uid', a.row->>'kind', a.row->>'project', a.row->>'name', $2, $3, $4, $5,
    a.row->>'op', (a.row->>'generation')::int, a.row->'changes'
  from jsonb_array_elements($1::jsonb) with ordinality as a(row, place) order by a.place`,
);
