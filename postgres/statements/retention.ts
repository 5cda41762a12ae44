import { statement } from '../statement.ts';

/** Names of the partitions of the table $1, the default one among them. */
export const PARTITIONS_OF = statement(
  'partitions_of',
  `select c.relname as name from pg_inherits i join pg_class c on c.oid = i.inhrelid where i.inhparent = $1::regclass`,
);

/** Only one instance tidies at a time; another one has nothing to do then. */
export const TRY_TIDY = statement('try_tidy', `select pg_try_advisory_xact_lock(7236837233) as mine`);

/** Forgets, $1 rows at most of each table: tombstones after $2 ms, receipts after an hour, saved plans after a week, notifications after a year. */
export const FORGET = statement(
  'forget',
  `with tombs as (
    delete from tombstones where uid in (select uid from tombstones where removed_at < now_ms() - $2::bigint order by removed_at limit $1)
    returning 1
  ),
  receipt as (
    delete from receipts where id in (select id from receipts where at < now_ms() - 3600000 order by at limit $1) returning 1
  ),
  plans as (
    delete from saved_plans where id in (select id from saved_plans where created_at < now_ms() - 604800000 order by created_at limit $1)
    returning 1
  ),
  told as (
    delete from notifications where id in (select id from notifications where at < now_ms() - 31536000000 order by at limit $1)
    returning 1
  )
  select (select count(*) from told) + (select count(*) from tombs) + (select count(*) from receipt) + (select count(*) from plans) as forgotten`,
);
