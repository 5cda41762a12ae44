import { statement } from '../statement.ts';

/**
 * New objects, $1, with their queue rows (due now) and rows of the event log. A name taken meanwhile is an error: the whole change is
 * tried again and then sees it.
 */
export const INSERT_OBJECTS = statement(
  'insert_objects',
  `with made as (
    insert into objects (uid, kind, project, name, created_at, owner_uid, ready_generation, sources, labels, metadata, spec, status)
    select uid, kind, project, name, created_at, owner_uid, ready_generation,
      array(select jsonb_array_elements_text(sources)), labels, metadata, spec, status
    from jsonb_to_recordset($1::jsonb) as x(uid text, kind text, project text, name text, created_at text, owner_uid text,
      ready_generation int, sources jsonb, labels jsonb, metadata jsonb, spec jsonb, status jsonb)
    order by kind, project, name
    returning uid, kind, project, name, resource_version
  ),
  queued as (
    insert into queue (uid, kind, shard, due_at)
    select uid, kind, shard, now_ms() from jsonb_to_recordset($1::jsonb) as x(uid text, kind text, shard smallint)
  ),
  logged as (
    insert into event_log (uid, kind, project, name, removed)
    select made.uid, made.kind, made.project, made.name, false
    from jsonb_array_elements($1::jsonb) with ordinality as x(row, place) join made on made.uid = x.row->>'uid' order by x.place
  )
  select uid, resource_version from made`,
);
