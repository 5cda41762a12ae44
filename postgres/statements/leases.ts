import { statement } from '../statement.ts';

/** Whoever shares out shards waits here; a heartbeat holds it for a millisecond or two. */
export const LOCK_LEASES = statement('lock_leases', `select pg_advisory_xact_lock(7236837232)`);

/** "$1 lives until $2 ms from now." Forgets those that have not been seen for an hour. */
export const BEAT = statement(
  'beat',
  `with forgotten as (delete from instances where seen_until < now_ms() - 3600000 and id <> $1)
  insert into instances (id, seen_until) values ($1, clock_ms() + $2::bigint)
  on conflict (id) do update set seen_until = excluded.seen_until`,
);

export const LEAVE = statement(
  'leave',
  `with left_shards as (update shard_leases set holder = null, lease_until = 0 where holder = $1),
  left_names as (update named_leases set holder = null, lease_until = 0 where holder = $1)
  delete from instances where id = $1`,
);

export const LIVE_INSTANCES = statement(
  'live_instances',
  `select id, clock_ms() as now from instances where seen_until > clock_ms() order by id collate "C"`,
);

export const READ_SHARDS = statement(
  'read_shards',
  `select shard, holder, epoch, lease_until from shard_leases order by shard`,
);

/** $1 holder, $2 lease in ms, $3 shards kept, $4 shards taken (a new epoch each), $5 shards given up. */
export const WRITE_SHARDS = statement(
  'write_shards',
  `update shard_leases set
    holder = case when shard = any($5::int[]) then null else $1 end,
    epoch = case when shard = any($4::int[]) then epoch + 1 else epoch end,
    lease_until = case when shard = any($5::int[]) then 0 else clock_ms() + $2::bigint end
  where shard = any($3::int[]) or shard = any($4::int[]) or shard = any($5::int[])
  returning shard, holder, epoch`,
);

/** $1 name, $2 holder, $3 lease in ms. Answers the epoch if the lease is ours now; a new holder gets a new epoch. */
export const HOLD_NAME = statement(
  'hold_name',
  `insert into named_leases as l (name, holder, epoch, lease_until) values ($1, $2, 1, clock_ms() + $3::bigint)
  on conflict (name) do update set holder = $2, lease_until = clock_ms() + $3::bigint,
    epoch = case when l.holder = $2 then l.epoch else l.epoch + 1 end
  where l.holder is null or l.holder = $2 or l.lease_until <= clock_ms()
  returning epoch`,
);

export const LEAVE_NAME = statement(
  'leave_name',
  `update named_leases set holder = null, lease_until = 0 where name = $1 and holder = $2`,
);
