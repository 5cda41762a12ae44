import { OBJECT_COLUMNS } from '../rows.ts';
import { statement } from '../statement.ts';

/** At most $2 objects of each of the kinds $1, in the order of their making. */
export const CONSULT_OBJECTS = statement(
  'consult_objects',
  `select o.* from unnest($1::text[]) as wanted(kind) cross join lateral (
    select ${OBJECT_COLUMNS} from objects o where o.kind = wanted.kind order by o.created_at, o.uid limit $2
  ) o`,
);
