import { statement } from '../statement.ts';

/** Frees the keys of the objects $1 (uids) that are not among $2 ([{kind, key, uid}]). */
export const FREE_UNIQUE_KEYS = statement(
  'free_unique_keys',
  `delete from unique_keys k where k.uid = any($1::text[]) and not exists (
    select from jsonb_to_recordset($2::jsonb) as w(kind text, key text, uid text)
    where w.uid = k.uid and w.kind = k.kind and w.key = k.key
  )`,
);
