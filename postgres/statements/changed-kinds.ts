import { statement } from '../statement.ts';

/**
 * The kinds of which something was changed by a transaction from $1 on, as far as $2 rows of the event log tell, and the oldest
 * transaction that still runs: whatever is not visible to this very statement will have been written by that one or a later one.
 */
export const CHANGED_KINDS = statement(
  'changed_kinds',
  `with recent as materialized (select l.kind from event_log l where l.xid >= $1::xid8 limit $2)
  select pg_snapshot_xmin(pg_current_snapshot())::text as xmin, (select count(*) from recent) as rows,
    array(select distinct kind from recent) as kinds`,
);
