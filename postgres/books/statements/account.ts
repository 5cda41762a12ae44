import { statement } from '../../statement.ts';

/**
 * $1: [{account, version, currency, settled, due, parked, checkpoint}], each account once, with the version that was read. No row where
 * another commit was faster. The currency is that of the first commit, for ever. Whoever changes `due_at` in the meantime makes it dirty.
 */
export const ADVANCE_ACCOUNTS = statement(
  'books_advance',
  `insert into books_accounts as b (account, currency, version, settled_at, due_at, parked, checkpoint)
  select x.account, coalesce(x.currency, ''), x.version + 1, x.settled,
    coalesce(x.due, (select o.due_at from books_accounts o where o.account = x.account), now_ms()), x.parked, x.checkpoint
  from jsonb_to_recordset($1::jsonb)
    as x(account text, version bigint, currency text, settled bigint, due bigint, parked text, checkpoint jsonb)
  order by x.account
  on conflict (account) do update set
    currency = case when b.currency = '' then excluded.currency else b.currency end,
    version = b.version + 1,
    settled_at = coalesce(excluded.settled_at, b.settled_at),
    due_at = case when b.dirty then least(b.due_at, now_ms()) else excluded.due_at end,
    parked = excluded.parked,
    checkpoint = coalesce(excluded.checkpoint, b.checkpoint),
    lease_until = 0
  where b.version = excluded.version - 1
  returning b.account, b.currency`,
);

/** $1: [{series, year, count}], each once, in one order for everybody: answers where each stood before. */
export const TAKE_NUMBERS = statement(
  'books_numbers',
  `insert into number_counters as c (series, year, last)
  select series, year, count from jsonb_to_recordset($1::jsonb) as x(series text, year int, count int) order by series, year
  on conflict (series, year) do update set last = c.last + excluded.last
  returning series, year, last`,
);

/**
 * $1 account, $2 [{campaign, subscription, max}]: each takes a number of its campaign, whose row is locked until the commit. A number above
 * the most that may be breaks a constraint, and the whole commit with it. What was taken before is taken still, and counts once.
 */
export const REDEEM = statement(
  'books_redeem',
  `with fresh as (
    select campaign, subscription, max, row_number() over (partition by campaign order by subscription) as place
    from jsonb_to_recordset($2::jsonb) as x(campaign text, subscription text, max bigint)
    where not exists (
      select 1 from campaign_redemptions r where r.account = $1 and r.campaign = x.campaign and r.subscription = x.subscription)
  ),
  wanted as (select campaign, count(*) as count from fresh group by campaign order by campaign),
  counted as (
    insert into campaign_counters as c (campaign, taken) select campaign, count from wanted order by campaign
    on conflict (campaign) do update set taken = c.taken + excluded.taken returning campaign, taken
  )
  insert into campaign_redemptions (account, campaign, subscription, n, max)
  select $1, f.campaign, f.subscription, c.taken - w.count + f.place, f.max
  from fresh f join wanted w using (campaign) join counted c using (campaign)`,
);

/** $1 account, $2 campaigns. */
export const REDEEMED = statement(
  'books_redeemed',
  `select c.campaign, c.taken, coalesce((select jsonb_agg(r.subscription order by r.n) from campaign_redemptions r
    where r.account = $1 and r.campaign = c.campaign), '[]') as own
  from campaign_counters c where c.campaign = any($2::text[])`,
);

/** $1 limit, $2 lease in ms. */
export const CLAIM_ACCOUNTS = statement(
  'books_claim',
  `with due as (
    select account from books_accounts where parked is null and greatest(due_at, lease_until) <= now_ms()
    order by greatest(due_at, lease_until) limit $1 for update skip locked
  )
  update books_accounts b set lease_until = now_ms() + $2::bigint, dirty = false from due where b.account = due.account
  returning b.account`,
);

/** $1: names, each once. */
export const WAKE_ACCOUNTS = statement(
  'books_wake',
  `insert into books_accounts as b (account, due_at, dirty) select account, now_ms(), true from unnest($1::text[]) account order by account
  on conflict (account) do update set due_at = least(b.due_at, now_ms()), dirty = true, parked = null
  where not b.dirty or b.due_at > now_ms() or b.parked is not null`,
);

export const NEXT_DUE_ACCOUNT = statement(
  'books_next_due',
  'select min(greatest(due_at, lease_until)) as at from books_accounts where parked is null',
);

/** $1: [{id, from, hash, body}]. What has begun stays; the rest is as it is wished now. */
export const PUBLISH_REVISIONS = statement(
  'books_publish',
  `insert into price_revisions as p (id, from_at, hash, body)
  select id, "from", hash, body from jsonb_to_recordset($1::jsonb) as x(id text, "from" bigint, hash text, body jsonb) order by id, "from"
  on conflict (id, from_at) do update set hash = excluded.hash, body = excluded.body
  where p.from_at > now_ms() and p.hash <> excluded.hash`,
);

/** $1 ids, $2 beginnings, in pairs. */
export const READ_REVISIONS = statement(
  'books_revisions',
  `select p.body from unnest($1::text[], $2::bigint[]) with ordinality as x(id, from_at, place)
  join price_revisions p on p.id = x.id and p.from_at = x.from_at order by x.place`,
);
