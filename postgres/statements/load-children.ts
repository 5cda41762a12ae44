import { OBJECT_COLUMNS } from '../rows.ts';
import { statement } from '../statement.ts';

/** Children of the owners $1 (uids), in the order of their making. */
export const LOAD_CHILDREN = statement(
  'load_children',
  `select ${OBJECT_COLUMNS}, o.owner_uid from objects o where o.owner_uid = any($1::text[]) order by o.uid`,
);
