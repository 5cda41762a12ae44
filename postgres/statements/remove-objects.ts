import { statement } from '../statement.ts';

/** Removes the objects $1 (uids) with all they hold, and leaves a tombstone and a row of the event log each. */
export const REMOVE_OBJECTS = statement(
  'remove_objects',
  `with gone as (delete from objects where uid = any($1::text[])
    returning uid, kind, project, name, metadata, status, ready_generation),
  queued as (delete from queue where uid = any($1::text[])),
  bound as (delete from bindings where uid = any($1::text[])),
  referred as (delete from refs where from_uid = any($1::text[])),
  claimed as (delete from held_claims where uid = any($1::text[])),
  allocated as (delete from allocations where uid = any($1::text[])),
  unique_ as (delete from unique_keys where uid = any($1::text[])),
  levels as (delete from journal_levels where uid = any($1::text[])),
  amounts as (delete from capacity_claims where uid = any($1::text[]) returning place, resource, amount),
  freed as (
    update capacity c set used = c.used - a.amount, ceiling = greatest(c.wished, c.used - a.amount)
    from (select place, resource, sum(amount)::bigint as amount from amounts group by place, resource) a
    where c.place = a.place and c.resource = a.resource
  ),
  buried as (
    insert into tombstones (uid, kind, project, name, generation, ready_generation, requests, removed_at)
    select uid, kind, project, name, (metadata->>'generation')::int, ready_generation, status->'requests', now_ms() from gone
  )
  insert into event_log (uid, kind, project, name, removed) select uid, kind, project, name, true from gone order by uid`,
);
