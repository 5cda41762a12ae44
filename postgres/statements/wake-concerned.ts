import { statement } from '../statement.ts';
import { CONCERNED } from './concerned.ts';
import { WOKEN } from './wake.ts';

/** Wakes those whom a change of the objects $1 (uids) concerns. Their rows are locked already, but for references made meanwhile. */
export const WAKE_CONCERNED = statement(
  'wake_concerned',
  `with changed as materialized (
    select o.* from unnest($1::text[]) as c(uid) cross join lateral (
      select uid, kind, project, name, owner_uid from objects o where o.uid = c.uid offset 0
    ) o
  ),
  wanted as (select uid from (${CONCERNED}) concerned order by uid), ${WOKEN}`,
);
