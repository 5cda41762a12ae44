import { OBJECT_COLUMNS } from '../rows.ts';
import { statement } from '../statement.ts';

/** $1 is [{kind, project, name}], without doubles. */
export const GET_BY_KEY = statement(
  'get_by_key',
  `select o.uid, o.project, o.name, ${OBJECT_COLUMNS}
  from jsonb_to_recordset($1::jsonb) as wanted(kind text, project text, name text)
  join objects o on o.key = wanted.kind || '/' || wanted.project || '/' || wanted.name`,
);
