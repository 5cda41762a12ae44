import { statement } from '../statement.ts';

export const READ_BINDINGS = statement(
  'read_bindings',
  `select uid, place, incarnation, external_id, state from bindings where uid = any($1::text[]) order by uid, place`,
);
