import { statement } from '../statement.ts';

/**
 * Rows of the event log after ($1 xid, $2 id), $3 at most, of the kinds $4, the project $5 and the projects $6 (null: all). Only what lies below the
 * oldest transaction that still runs is told: above it, a row may yet be committed before one that is seen. The first row of the answer
 * is always the horizon.
 */
export const READ_CHANGES = statement(
  'read_changes',
  `with horizon as materialized (
    select pg_snapshot_xmin(pg_current_snapshot()) as xmin, pg_snapshot_xmax(pg_current_snapshot()) as xmax
  ),
  log as materialized (
    select l.xid, l.id, l.uid, l.kind, l.project, l.name, l.removed from event_log l
    where (l.xid, l.id) > ($1::xid8, $2::bigint) and l.xid < (select xmin from horizon)
      and ($4::text[] is null or l.kind = any($4::text[])) and ($5::text is null or l.project = $5::text)
      and ($6::text[] is null or l.project = any($6::text[]))
    order by l.xid, l.id limit $3
  )
  select null as xid, null::bigint as id, null as uid, null as kind, null as project, null as name, null::boolean as removed,
    h.xmin::text as xmin, ($1::xid8, $2::bigint) < (f.xid, f.id) or $1::xid8 > h.xmax as too_old
  from horizon h, event_log_floor f
  union all
  select log.xid::text, log.id, log.uid, log.kind, log.project, log.name, log.removed, null, null from log`,
);
