import { statement } from '../statement.ts';

/** Who holds the unique keys $1 ([{kind, key}]), and all keys of the objects $2 (uids). */
export const UNIQUE_HOLDERS = statement(
  'unique_holders',
  `select k.kind, k.key, k.uid from jsonb_to_recordset($1::jsonb) as wanted(kind text, key text)
  join unique_keys k on k.kind = wanted.kind and k.key = wanted.key
  union select kind, key, uid from unique_keys where uid = any($2::text[])`,
);
