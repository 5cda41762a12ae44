import { statement } from '../statement.ts';

/** How far the object $1 has got; what is gone is remembered for $2 ms. */
export const OPERATION = statement(
  'operation',
  `select kind, project, name, (metadata->>'generation')::int as generation, ready_generation, status->'requests' as requests,
    false as gone from objects where uid = $1
  union all select kind, project, name, generation, ready_generation, requests, true from tombstones
    where uid = $1 and removed_at > now_ms() - $2::bigint`,
);
