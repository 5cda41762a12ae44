import { statement } from '../statement.ts';

/**
 * New objects, $1, with their queue rows (due now) and rows of the event log. A name taken meanwhile is an error: the whole change is
 * tried again and then sees it. The rows are read from the parameter once: of many objects that costs as much as to write them.
 */
export const INSERT_OBJECTS = statement(
  'insert_objects',
  `with rows as materialized (
    select * from rows from (jsonb_to_recordset($1::jsonb) as (uid text, kind text, project text, name text, created_at text,
      owner_uid text, ready_generation int, shard smallint, sources jsonb, labels jsonb, metadata jsonb, spec jsonb, status jsonb))
    with ordinality as x(uid, kind, project, name, created_at, owner_uid, ready_generation, shard, sources, labels, metadata, spec,
      status, place)
  ),
  made as (
    insert into objects (uid, kind, project, name, created_at, owner_uid, ready_generation, sources, labels, metadata, spec, status)
    select uid, kind, project, name, created_at, owner_uid, ready_generation,
      array(select jsonb_array_elements_text(sources)), labels, metadata, spec, status
    from rows order by kind, project, name
    returning uid, resource_version
  ),
  queued as (
    insert into queue (uid, kind, shard, due_at) select uid, kind, shard, now_ms() from rows
  ),
  logged as (
    insert into event_log (uid, kind, project, name, removed) select uid, kind, project, name, false from rows order by place
  )
  select uid, resource_version from made`,
);
