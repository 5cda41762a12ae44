import { statement } from '../statement.ts';

/**
 * Who pins or names the objects $1 (uids), their own children left out, and for a project all that is in it: the total, and the first 20 in
 * the order of their keys. References $2 (kind and path in one text) hold nothing any more once their object has been Ready.
 */
export const LOAD_HOLDERS = statement(
  'load_holders',
  `select held.uid, found.total, found.first from unnest($1::text[]) as held(uid)
  join objects o on o.uid = held.uid
  cross join lateral (
    select count(*) as total, jsonb_agg(key order by rank) filter (where rank <= 20) as first from (
      select jsonb_build_object('kind', h.kind, 'project', nullif(h.project, ''), 'name', h.name) as key,
        row_number() over (order by h.kind, h.project, h.name) as rank
      from objects h
      where h.uid in (
        select r.from_uid from (
          select from_uid, path from refs where to_uid = o.uid
          union select from_uid, path from refs where to_kind = o.kind and to_name = o.name and to_project = o.project
        ) r join objects f on f.uid = r.from_uid
          where not (f.ready_generation > 0 and f.kind || r.path = any($2::text[]))
        union select i.uid from objects i where o.kind = 'Project' and i.project = o.name
      ) and h.uid <> o.uid and h.owner_uid is distinct from o.uid
    ) ranked
  ) found`,
);
