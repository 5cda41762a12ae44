import { statement } from '../statement.ts';

/** Puts down what objects refer to: $1 uids, $2 all their references. Those that stay as they are are not written. */
export const REPLACE_REFS = statement(
  'replace_refs',
  `with wanted as (
    select from_uid, path, to_kind, to_project, to_name, to_uid
    from jsonb_to_recordset($2::jsonb) as x(from_uid text, path text, to_kind text, to_project text, to_name text, to_uid text)
  ),
  dropped as (
    delete from refs r where r.from_uid = any($1::text[])
      and not exists (select from wanted w where w.from_uid = r.from_uid and w.path = r.path)
  )
  insert into refs as r (from_uid, path, to_kind, to_project, to_name, to_uid)
  select from_uid, path, to_kind, to_project, to_name, to_uid from wanted
  on conflict (from_uid, path) do update
    set to_kind = excluded.to_kind, to_project = excluded.to_project, to_name = excluded.to_name, to_uid = excluded.to_uid
  where (r.to_kind, r.to_project, r.to_name, r.to_uid) is distinct from
    (excluded.to_kind, excluded.to_project, excluded.to_name, excluded.to_uid)`,
);
