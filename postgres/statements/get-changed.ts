import { OBJECT_COLUMNS } from '../rows.ts';
import { statement } from '../statement.ts';

/** $1 is [{uid, version}], without doubles. An object that is still at its version comes without its content: all null but the uid. */
export const GET_CHANGED = statement(
  'get_changed',
  `select o.uid, changed.* from jsonb_to_recordset($1::jsonb) as wanted(uid text, version bigint)
  join objects o on o.uid = wanted.uid
  left join lateral (select ${OBJECT_COLUMNS} where o.resource_version is distinct from wanted.version) changed on true`,
);
