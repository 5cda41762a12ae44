/**
 * The uids of those whom a change of the rows of `changed` (uid, kind, project, name, owner_uid) concerns: who pins them, who names
 * them, and their owners.
 */
export const CONCERNED = `
    select r.from_uid as uid from changed c cross join lateral (select from_uid from refs where to_uid = c.uid offset 0) r
      where r.from_uid is distinct from c.uid
    union select r.from_uid from changed c cross join lateral (
      select from_uid from refs where to_kind = c.kind and to_name = c.name and to_project = c.project offset 0
    ) r where r.from_uid is distinct from c.uid
    union select c.owner_uid from changed c where c.owner_uid is not null`;
