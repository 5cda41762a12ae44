import { statement } from '../statement.ts';

/** Versions of the objects $1 (uids) and of their children, in the order of their making: nothing that a version stands for is read. */
export const VERSIONS = statement(
  'versions',
  `select o.uid, o.resource_version as version, null as owner from objects o where o.uid = any($1::text[])
  union all
  (select o.uid, o.resource_version, o.owner_uid from objects o where o.owner_uid = any($1::text[]) order by o.uid)`,
);
