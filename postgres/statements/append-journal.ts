import { statement } from '../statement.ts';

/** $1: [{uid, meter, level, attributes, run_id}], each meter of an object once: the last levels, and a row of history each. */
export const APPEND_JOURNAL = statement(
  'append_journal',
  `with levels as (
    insert into journal_levels as l (uid, meter, seq, level, attributes, run_id)
    select uid, meter, 1, level, attributes, run_id
    from jsonb_to_recordset($1::jsonb) as x(uid text, meter text, level bigint, attributes jsonb, run_id text) order by uid, meter
    on conflict (uid, meter) do update
      set seq = l.seq + 1, level = excluded.level, attributes = excluded.attributes, run_id = excluded.run_id
    returning uid, meter, seq, level, attributes, run_id
  )
  insert into journal (at, uid, kind, project, name, account, meter, seq, level, attributes, run_id, place)
  select now_ms(), o.uid, o.kind, o.project, o.name, o.metadata->>'account', l.meter, l.seq, l.level, l.attributes, l.run_id,
    coalesce((select min(b.place) from bindings b where b.uid = o.uid), '')
  from levels l join objects o on o.uid = l.uid`,
);
