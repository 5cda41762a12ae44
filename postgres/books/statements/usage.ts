import { statement } from '../../statement.ts';

const COLUMNS = `x(source text, id text, account text, meter text, resource text, "from" bigint, "to" bigint, quantity numeric,
  attributes jsonb, "recordedAt" bigint, supersedes text, index int)`;

/** $1: windows in the order of their time. What is there already, or overlaps what is there, is left out. Answers what was added. */
export const ADD_WINDOWS = statement(
  'books_add_windows',
  `insert into usage_windows (source, id, account, meter, resource, from_at, to_at, quantity, attributes, recorded_at, supersedes)
  select source, id, account, meter, resource, "from", "to", quantity, attributes, coalesce("recordedAt", now_ms()), supersedes
  from jsonb_to_recordset($1::jsonb) as ${COLUMNS}
  on conflict do nothing returning source, id`,
);

/**
 * $1 account, $2 levels, $3 sums, $4 cuts, $5 known by, as a compaction has them. What bills alike is added up: quantity × milliseconds of
 * levels, quantities of sums. Everything else is itself: it has no slot. The columns that are never anything but null are volatile: so the
 * planner finds out once for each row where it belongs, instead of wherever that is asked for, and does not look through to the times, of
 * which there are many, and hashes the few groups that they fall into instead of sorting.
 */
export const COMPACT_USAGE = statement(
  'books_compact_usage',
  `select min(source) || ':' || min(id) as id, meter, resource, min(from_at) as "from", max(to_at) as "to",
    sum(case when slot is not null and meter = any($2::text[]) then quantity * (to_at - from_at) else quantity end)::text as total,
    slot is not null and meter = any($2::text[]) as "isLevel",
    attributes, max(recorded_at) as "recordedAt", min(source) || ':' || min(supersedes) as supersedes
  from (
    select source, id, meter, resource, from_at, to_at, quantity, attributes, recorded_at, slot,
      case when slot is null then source || ':' || id end as single, case when slot is null then supersedes end as supersedes,
      case when from_at is null then clock_timestamp() end as fence
    from (
      select source, id, meter, resource, from_at, to_at, quantity, attributes, recorded_at, supersedes,
        case when recorded_at <= $5 and (meter = any($3::text[]) or (meter = any($2::text[]) and from_at < to_at))
            and (to_at > ($4::bigint[])[width_bucket(from_at, $4::bigint[]) + 1]) is not true
          then width_bucket(from_at, $4::bigint[]) * 1000000::bigint + width_bucket(recorded_at, $4::bigint[]) end as slot,
        case when from_at is null then clock_timestamp() end as fence
      from usage_windows where account = $1 and standing
    ) placed
  ) own
  group by meter, resource, attributes, slot, single`,
);

/** $1: windows as above, with an index: of those that are known, whether with the same content. */
export const KNOWN_WINDOWS = statement(
  'books_known_windows',
  `select x.index, (u.account, u.meter, u.resource, u.from_at, u.to_at, u.quantity, u.attributes)
      = (x.account, x.meter, x.resource, x."from", x."to", x.quantity, x.attributes)
    and u.supersedes is not distinct from x.supersedes as same
  from jsonb_to_recordset($1::jsonb) as ${COLUMNS} join usage_windows u on u.source = x.source and u.id = x.id`,
);

/** $1 source, $2 id, $3 account: the window stands no more. Answers whether there is such a window. */
export const SUPERSEDE_WINDOW = statement(
  'books_supersede',
  `with told as (
    update usage_windows set standing = false where source = $1 and id = $2 and account = $3 and standing
  )
  select 1 from usage_windows where source = $1 and id = $2 and account = $3`,
);

/** $1: [{source, id, account, code, body}]. */
export const BURY_USAGE = statement(
  'books_dead_letters',
  `insert into dead_letters (source, id, account, code, body)
  select source, id, account, code, body
  from jsonb_to_recordset($1::jsonb) as x(source text, id text, account text, code text, body jsonb)
  on conflict do nothing`,
);

/**
 * $1 account. The journal from the row on that stood at each cursor. The meters are found one after the other in the index, however many
 * rows each has; of one that ended and was written down to its end, nothing is read.
 */
export const OBSERVED_LEVELS = statement(
  'books_levels',
  `with recursive meters as (
    (select uid, meter from journal where account = $1 order by uid, meter limit 1)
    union all
    select n.uid, n.meter from meters m join lateral (
      select uid, meter from journal where account = $1 and (uid, meter) > (m.uid, m.meter) order by uid, meter limit 1
    ) n on true
  )
  select j.uid, j.meter, j.seq::int as seq, j.at, j.level, j.attributes, j.place, j.run_id, c.until
  from meters m
  left join metering_cursors c on c.uid = m.uid and c.meter = m.meter
  join lateral (
    select level, at from journal l where l.account = $1 and l.uid = m.uid and l.meter = m.meter order by l.seq desc limit 1
  ) last on last.level > 0 or c.until is null or c.until < last.at
  join lateral (
    select * from journal l where l.account = $1 and l.uid = m.uid and l.meter = m.meter and l.seq >= coalesce((
      select max(b.seq) from journal b where b.account = $1 and b.uid = m.uid and b.meter = m.meter and b.at <= c.until), 0)
  ) j on true
  order by j.uid, j.meter, j.seq`,
);

/** $1 places, $2 since. */
export const OBSERVED_COVERAGE = statement(
  'books_coverage',
  'select place, from_at, to_at from coverage where place = any($1::text[]) and to_at >= $2 order by place, from_at',
);

/** $1: [{uid, meter, from, until}]. Answers the cursors that stood where they should and have moved. */
export const MOVE_CURSORS = statement(
  'books_cursors',
  `with moves as (
    select uid, meter, "from", until from jsonb_to_recordset($1::jsonb) as x(uid text, meter text, "from" bigint, until bigint)
    order by uid, meter
  ),
  moved as (
    update metering_cursors c set until = m.until from moves m
    where c.uid = m.uid and c.meter = m.meter and c.until = m."from" returning 1
  ),
  begun as (
    insert into metering_cursors (uid, meter, until) select uid, meter, until from moves where "from" is null
    on conflict do nothing returning 1
  )
  select (select count(*) from moved)::int + (select count(*) from begun)::int as count`,
);
