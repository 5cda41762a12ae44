import { OBJECT_COLUMNS } from '../rows.ts';
import { statement } from '../statement.ts';

export const GET_BY_UID = statement(
  'get_by_uid',
  `select o.uid, ${OBJECT_COLUMNS} from objects o where o.uid = any($1::text[])`,
);
