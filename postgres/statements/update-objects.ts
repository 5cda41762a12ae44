import { statement } from '../statement.ts';

/** Replaces spec and metadata of the objects $1 that still have the version `expect`, with a row of the event log each. */
export const UPDATE_OBJECTS = statement(
  'update_objects',
  `with written as (
    update objects o set name = u.name, project = u.project, owner_uid = u.owner_uid,
      sources = array(select jsonb_array_elements_text(u.sources)), labels = u.labels, metadata = u.metadata, spec = u.spec,
      resource_version = nextval('resource_versions')
    from jsonb_to_recordset($1::jsonb) as u(uid text, project text, name text, owner_uid text, sources jsonb, labels jsonb,
      metadata jsonb, spec jsonb, expect bigint)
    where o.uid = u.uid and o.resource_version = u.expect
    returning o.uid, o.kind, o.project, o.name, o.resource_version
  ),
  logged as (
    insert into event_log (uid, kind, project, name, removed)
    select written.uid, written.kind, written.project, written.name, false
    from jsonb_array_elements($1::jsonb) with ordinality as x(row, place)
    join written on written.uid = x.row->>'uid' order by x.place
  )
  select uid, resource_version from written`,
);
