import { statement } from '../statement.ts';

/**
 * Writes statuses, $1: [{uid, status, ready_generation}], with a row of the event log each, and moves the pins of references that
 * changed. `returning` tells nothing that the engine needs.
 */
export const WRITE_STATUSES = statement(
  'write_statuses',
  `with changed as (
    select uid, status, ready_generation from jsonb_to_recordset($1::jsonb) as x(uid text, status jsonb, ready_generation int)
  ),
  pins as (select c.uid, p.key as path, p.value as to_uid from changed c cross join lateral jsonb_each_text(c.status->'refs') p),
  pinned as (
    insert into refs as r (from_uid, path, to_kind, to_project, to_name, to_uid)
    select uid, path, '', '', '', to_uid from pins order by uid, path
    on conflict (from_uid, path) do update set to_uid = excluded.to_uid where r.to_uid is distinct from excluded.to_uid
  ),
  unpinned as (
    update refs r set to_uid = null where r.from_uid in (select uid from changed) and r.to_uid is not null
      and not exists (select from pins p where p.uid = r.from_uid and p.path = r.path)
  ),
  written as (
    update objects o set status = c.status, ready_generation = greatest(o.ready_generation, c.ready_generation),
      resource_version = nextval('resource_versions')
    from changed c where o.uid = c.uid
    returning o.uid, o.kind, o.project, o.name
  )
  insert into event_log (uid, kind, project, name, removed) select uid, kind, project, name, false from written order by uid`,
);
