import { statement } from '../statement.ts';

/** The earliest due instant of the shards $1: one index probe a shard. */
export const NEXT_DUE = statement(
  'next_due',
  `select min(due.due_at) as due_at from unnest($1::int[]) as wanted(shard)
  cross join lateral (select q.due_at from queue q where q.shard = wanted.shard order by q.due_at limit 1) due`,
);
