import { OBJECT_COLUMNS } from '../rows.ts';
import { statement } from '../statement.ts';

/** Objects $1 (uids) with what the engine keeps beside them; each part is one index probe an object. */
export const LOAD_OBJECTS = statement(
  'load_objects',
  `select ${OBJECT_COLUMNS}, h.claims,
    (select jsonb_agg(jsonb_build_object('place', b.place, 'incarnation', b.incarnation, 'externalId', b.external_id, 'state', b.state)
      order by b.place) from bindings b where b.uid = o.uid) as bindings,
    (select jsonb_object_agg(l.meter, jsonb_build_object('meter', l.meter, 'level', l.level, 'attributes', l.attributes, 'runId', l.run_id))
      from journal_levels l where l.uid = o.uid) as levels
  from objects o left join held_claims h on h.uid = o.uid where o.uid = any($1::text[])`,
);
