/**
 * The uids of those whom a change of the rows of `changed` (uid, kind, project, name, owner_uid) concerns: who pins them, who names
 * them, and their owners.
 */
export const CONCERNED = `
    select r.from_uid from changed c join refs r on r.to_uid = c.uid where r.from_uid is distinct from c.uid
    union select r.from_uid from changed c
      join refs r on r.to_kind = c.kind and r.to_name = c.name and r.to_project = c.project where r.from_uid is distinct from c.uid
    union select c.owner_uid from changed c where c.owner_uid is not null`;
