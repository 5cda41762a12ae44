import { statement } from '../statement.ts';

/** $1: confirmed, [{uid, place, external_id}], a null id keeps the known one; $2: observed without it, [{uid, place}]. */
export const SETTLE_BINDINGS = statement(
  'settle_bindings',
  `with confirmed as (
    update bindings b set state = 'confirmed', external_id = coalesce(c.external_id, b.external_id)
    from jsonb_to_recordset($1::jsonb) as c(uid text, place text, external_id text)
    where b.uid = c.uid and b.place = c.place
  )
  delete from bindings b using jsonb_to_recordset($2::jsonb) as u(uid text, place text) where b.uid = u.uid and b.place = u.place`,
);
