import { statement } from '../statement.ts';

/** $1: [{uid, type, reason}] in the order of happening. */
export const APPEND_EVENTS = statement(
  'append_events',
  `insert into events (at, uid, kind, project, name, type, reason, actor)
  select now_ms(), o.uid, o.kind, o.project, o.name, e.event->>'type', e.event->'reason', $2
  from jsonb_array_elements($1::jsonb) with ordinality as e(event, place)
  join objects o on o.uid = e.event->>'uid' order by e.place`,
);
