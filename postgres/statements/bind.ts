import { statement } from '../statement.ts';

/**
 * Puts finalizers on and bindings down: $1 [{uid, incarnation, places}]. A binding of the same incarnation stays as it is; a new one
 * is intended anew. Answers nothing; the bindings are read by the next statement.
 */
export const BIND = statement(
  'bind',
  `with wanted as (select uid, incarnation, places from jsonb_to_recordset($1::jsonb) as x(uid text, incarnation int, places jsonb)),
  bound as (
    insert into bindings as b (uid, place, incarnation, state)
    select w.uid, p.place, w.incarnation, 'intended' from wanted w cross join lateral (
      select distinct place from jsonb_array_elements_text(w.places) as place
    ) p
    on conflict (uid, place) do update set incarnation = excluded.incarnation, external_id = null, state = 'intended'
    where b.incarnation <> excluded.incarnation
  ),
  finalized as (
    update objects o set metadata = jsonb_set(o.metadata, '{finalizer}', 'true'), resource_version = nextval('resource_versions')
    from wanted w where o.uid = w.uid and o.metadata->'finalizer' <> 'true'
    returning o.uid, o.kind, o.project, o.name
  )
  insert into event_log (uid, kind, project, name, removed) select uid, kind, project, name, false from finalized`,
);
