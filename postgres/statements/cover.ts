import { statement } from '../statement.ts';

/** First statement: whoever reports about the places $1 waits here, so that no two begin the same interval. */
export const LOCK_COVERAGE = statement(
  'lock_coverage',
  `select pg_advisory_xact_lock(hashtextextended('coverage/' || place, 0))
  from (select distinct place from unnest($1::text[]) as place order by place) places`,
);

/**
 * $1: [{place, from, to, bridgeMs}], each place once. A row prolongs the place's last interval where they touch within the bridge, else
 * it is a new interval.
 */
export const COVER = statement(
  'cover',
  `with told as (
    select place, "from", "to", "bridgeMs" as bridge
    from jsonb_to_recordset($1::jsonb) as x(place text, "from" bigint, "to" bigint, "bridgeMs" bigint)
  ),
  prolonged as (
    update coverage c set from_at = least(c.from_at, t."from"), to_at = greatest(c.to_at, t."to")
    from told t, lateral (select from_at from coverage where place = t.place order by from_at desc limit 1) last
    where c.place = t.place and c.from_at = last.from_at and t."from" <= c.to_at + t.bridge and t."to" >= c.from_at
    returning c.place
  )
  insert into coverage (place, from_at, to_at) select place, "from", "to" from told
  where place not in (select place from prolonged)
  on conflict (place, from_at) do update set to_at = greatest(coverage.to_at, excluded.to_at)`,
);
