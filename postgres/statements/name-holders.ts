import { statement } from '../statement.ts';

/** Who holds the names $1: [{kind, project, name}]. */
export const NAME_HOLDERS = statement(
  'name_holders',
  `select o.kind, o.project, o.name, o.uid from jsonb_to_recordset($1::jsonb) as wanted(kind text, project text, name text)
  join objects o on o.key = wanted.kind || '/' || wanted.project || '/' || wanted.name`,
);
