import { statement } from '../statement.ts';

/** Takes unique keys, $1: [{kind, key, uid}]. One that another object got meanwhile is an error: the whole change is tried again. */
export const TAKE_UNIQUE_KEYS = statement(
  'take_unique_keys',
  `insert into unique_keys (kind, key, uid)
  select kind, key, uid from jsonb_to_recordset($1::jsonb) as w(kind text, key text, uid text)
  where not exists (select from unique_keys k where k.kind = w.kind and k.key = w.key and k.uid = w.uid)
  order by kind, key`,
);
