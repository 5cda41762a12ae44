-- min-writer: 1
--
-- The books. Facts are written once: what corrects one is another one, and triggers refuse anything else, whoever asks. Amounts are bigint
-- minor units; exact quantities are numeric. A fact's `body` is the whole of it, and its columns are generated from the body, so that
-- the two can never disagree. In a body, `12n` is a bigint.

create extension if not exists btree_gist;

create function minor(text) returns bigint language sql immutable strict parallel safe as $$ select rtrim($1, 'n')::bigint $$;

-- The sum of one field over a list of a body.
create function sum_of(list jsonb, field text) returns bigint language sql immutable strict parallel safe
  as $$ select coalesce(sum(minor(each ->> field)), 0)::bigint from jsonb_array_elements(list) each $$;

-- Taxes that are not in the prices already.
create function exclusive_tax(taxes jsonb) returns bigint language sql immutable strict parallel safe
  as $$ select coalesce(sum(minor(each ->> 'tax')), 0)::bigint from jsonb_array_elements(taxes) each where not (each ->> 'inclusive')::boolean $$;

create function discount_of(lines jsonb) returns bigint language sql immutable strict parallel safe
  as $$ select coalesce(sum(sum_of(line -> 'discounts', 'amount')), 0)::bigint from jsonb_array_elements(lines) line $$;

-- An exact fraction at twelve decimals, for reports; the exact one stays in the body.
create function quotient(fraction jsonb) returns numeric language sql immutable strict parallel safe
  as $$ select round(rtrim(fraction ->> 'num', 'n')::numeric / rtrim(fraction ->> 'den', 'n')::numeric, 12) $$;

create function refuse_change() returns trigger language plpgsql as $$
begin
  raise exception 'rows of % are facts: they are never changed or deleted; book what corrects them', tg_table_name
    using errcode = 'insufficient_privilege';
end $$;

-- One row an account: whoever commits raises the version that he read, so that two never book on the same ground.
create table books_accounts (
  account text collate "C" primary key,
  -- Set by the first commit, and never changed again.
  currency text not null default '',
  version bigint not null default 0,
  settled_at bigint,
  due_at bigint not null,
  lease_until bigint not null default 0,
  -- Woken since it was claimed.
  dirty boolean not null default false,
  parked text,
  -- What the next pass may leave out; without it, everything is computed.
  checkpoint jsonb
) with (fillfactor = 50);
create index books_due on books_accounts (greatest(due_at, lease_until)) where parked is null;

create table subscriptions (
  account text collate "C" not null,
  id text collate "C" not null,
  -- Who uses it, which resources are its, which campaigns it takes part in.
  head jsonb not null,
  primary key (account, id)
);
create table subscription_events (
  account text collate "C" not null,
  subscription text collate "C" not null,
  position int not null,
  body jsonb not null,
  primary key (account, subscription, position),
  foreign key (account, subscription) references subscriptions
);

-- Numbers without gaps: the counter moves in the transaction that issues, under this row's lock, and nowhere else.
create table number_counters (
  series text collate "C" not null,
  year int not null,
  last int not null check (last >= 0),
  primary key (series, year)
);

create table invoices (
  account text collate "C" not null,
  version bigint not null,
  position int not null,
  series text collate "C" not null, year int not null, n int not null check (n > 0),
  currency text not null,
  body jsonb not null,
  -- While the counter is locked: so the numbers' order is the order of these.
  created_at bigint not null default clock_ms(),
  number text collate "C" not null generated always as (body ->> 'number') stored,
  issued_at bigint not null generated always as ((body ->> 'issuedAt')::bigint) stored,
  due_at bigint not null generated always as ((body ->> 'dueAt')::bigint) stored,
  subtotal bigint not null generated always as (minor(body ->> 'subtotal')) stored,
  discount bigint not null generated always as (minor(body ->> 'discount')) stored,
  tax bigint not null generated always as (minor(body ->> 'tax')) stored,
  total bigint not null generated always as (minor(body ->> 'total')) stored,
  credits bigint not null generated always as (minor(body ->> 'credits')) stored,
  wallet bigint not null generated always as (minor(body ->> 'wallet')) stored,
  primary key (account, number),
  unique (account, version, position),
  unique (series, year, n),
  constraint lines_make_the_subtotal check (sum_of(body -> 'lines', 'amount') = minor(body ->> 'subtotal')),
  constraint discounts_make_the_discount check (discount_of(body -> 'lines') = minor(body ->> 'discount')),
  constraint taxes_make_the_tax check (sum_of(body -> 'taxes', 'tax') = minor(body ->> 'tax')),
  constraint parts_make_the_total check (
    minor(body ->> 'subtotal') - minor(body ->> 'discount') + exclusive_tax(body -> 'taxes') = minor(body ->> 'total')
    and minor(body ->> 'total') >= 0),
  constraint due_is_not_negative check (
    minor(body ->> 'credits') >= 0 and minor(body ->> 'wallet') >= 0
    and minor(body ->> 'total') - minor(body ->> 'credits') - minor(body ->> 'wallet') >= 0)
);
create index invoices_by_time on invoices (account, issued_at desc, number);

create table rated_lines (
  account text collate "C" not null,
  id text collate "C" not null,
  invoice text collate "C" not null,
  key text collate "C" not null,
  subscription text collate "C" not null,
  charge text not null, product text not null, kind text not null, revision text not null,
  period_from bigint not null, period_to bigint not null,
  from_at bigint not null, to_at bigint not null,
  -- At twelve decimals, for reports; exactly in the invoice.
  quantity numeric(38, 12) not null,
  amount bigint not null,
  currency text not null,
  corrects text,
  primary key (account, id),
  foreign key (account, invoice) references invoices
);
create index rated_lines_by_key on rated_lines (account, key);
create index rated_lines_by_product on rated_lines (product, from_at);

create table entitlement_draws (
  account text collate "C" not null,
  line text collate "C" not null,
  "grant" text collate "C" not null,
  quantity numeric(38, 12) not null,
  primary key (account, line, "grant"),
  foreign key (account, line) references rated_lines
);

-- What was taken back of a line, never more than it charged.
create table line_credits (
  account text collate "C" not null,
  line text collate "C" not null,
  amount bigint not null,
  credited bigint not null check (credited >= 0),
  primary key (account, line),
  foreign key (account, line) references rated_lines,
  constraint credits_fit_the_line check (credited <= amount)
);

create table credit_notes (
  account text collate "C" not null,
  version bigint not null,
  position int not null,
  series text collate "C" not null, year int not null, n int not null check (n > 0),
  currency text not null,
  body jsonb not null,
  -- While the counter is locked: so the numbers' order is the order of these.
  created_at bigint not null default clock_ms(),
  number text collate "C" not null generated always as (body ->> 'number') stored,
  invoice text collate "C" not null generated always as (body ->> 'invoice') stored,
  issued_at bigint not null generated always as ((body ->> 'issuedAt')::bigint) stored,
  total bigint not null generated always as (minor(body ->> 'total')) stored,
  primary key (account, number),
  unique (account, version, position),
  unique (series, year, n),
  foreign key (account, invoice) references invoices,
  constraint lines_make_the_subtotal check (sum_of(body -> 'lines', 'net') = minor(body ->> 'subtotal')),
  constraint not_negative check (minor(body ->> 'total') >= 0)
);

create table settlements (
  account text collate "C" not null, version bigint not null, position int not null, body jsonb not null,
  id text collate "C" not null generated always as (body ->> 'id') stored,
  invoice text collate "C" not null generated always as (body ->> 'invoice') stored,
  at bigint not null generated always as ((body ->> 'at')::bigint) stored,
  kind text not null generated always as (body ->> 'kind') stored,
  amount bigint not null generated always as (minor(body ->> 'amount')) stored,
  primary key (account, version, position), unique (account, id),
  foreign key (account, invoice) references invoices
);
create index settlements_by_invoice on settlements (account, invoice);

create table credits (
  account text collate "C" not null, version bigint not null, position int not null, body jsonb not null,
  id text collate "C" not null generated always as (body ->> 'id') stored,
  at bigint not null generated always as ((body ->> 'at')::bigint) stored,
  kind text not null generated always as (body ->> 'kind') stored,
  amount bigint not null generated always as (minor(body ->> 'amount')) stored,
  primary key (account, version, position), unique (account, id)
);

create table payments (
  account text collate "C" not null, version bigint not null, position int not null, body jsonb not null,
  id text collate "C" not null generated always as (body ->> 'id') stored,
  key text collate "C" generated always as (body ->> 'key') stored,
  invoice text collate "C" not null generated always as (body ->> 'invoice') stored,
  at bigint not null generated always as ((body ->> 'at')::bigint) stored,
  kind text not null generated always as (body ->> 'kind') stored,
  amount bigint not null generated always as (minor(body ->> 'amount')) stored check (minor(body ->> 'amount') > 0),
  primary key (account, version, position), unique (account, id),
  foreign key (account, invoice) references invoices
);
-- The payer's or the gateway's own id: a second payment with it is the same payment.
create unique index payments_by_key on payments (account, key) where key is not null;

create table wallets (
  account text collate "C" not null, version bigint not null, position int not null, body jsonb not null,
  name text collate "C" not null generated always as (body ->> 'name') stored,
  primary key (account, version, position), unique (account, name)
);
create table wallet_moves (
  account text collate "C" not null, version bigint not null, position int not null, body jsonb not null,
  id text collate "C" not null generated always as (body ->> 'id') stored,
  wallet text collate "C" not null generated always as (body ->> 'wallet') stored,
  amount bigint not null generated always as (minor(body ->> 'amount')) stored,
  primary key (account, version, position), unique (account, id),
  foreign key (account, wallet) references wallets (account, name)
);

-- The newest row of an id says how the hold stands.
create table holds (
  account text collate "C" not null, version bigint not null, position int not null, body jsonb not null,
  id text collate "C" not null generated always as (body ->> 'id') stored,
  primary key (account, version, position)
);

create table dunning_steps (
  account text collate "C" not null, version bigint not null, position int not null, body jsonb not null,
  invoice text collate "C" not null generated always as (body ->> 'invoice') stored,
  step int not null generated always as ((body ->> 'step')::int) stored,
  primary key (account, version, position), unique (account, invoice, step),
  foreign key (account, invoice) references invoices
);

create table budget_alerts (
  account text collate "C" not null, version bigint not null, position int not null, body jsonb not null,
  primary key (account, version, position),
  unique (account, body)
);

-- Corrections that were asked for, each decided once.
create table adjustments (
  account text collate "C" not null, version bigint not null, position int not null, body jsonb not null,
  uid text collate "C" not null generated always as (body ->> 'uid') stored,
  primary key (account, version, position), unique (uid)
);

create table billing_events (
  account text collate "C" not null, version bigint not null, position int not null, body jsonb not null,
  at bigint not null generated always as ((body ->> 'at')::bigint) stored,
  code text collate "C" not null generated always as (body ->> 'code') stored,
  subject text collate "C" not null generated always as (body ->> 'subject') stored,
  -- Problems are told once, when they are first seen.
  once boolean not null,
  primary key (account, version, position)
);
create unique index billing_problems on billing_events (account, code, subject) where once;
create index billing_events_by_time on billing_events (account, at desc, version, position);

create table ledger_transactions (
  account text collate "C" not null,
  -- Also the cause: a cause is posted once.
  id text collate "C" not null,
  version bigint not null,
  position int not null,
  currency text not null,
  booked_at bigint not null,
  created_at bigint not null default now_ms(),
  primary key (account, id)
);
create index ledger_by_time on ledger_transactions (account, booked_at, version, position);
create table ledger_entries (
  account text collate "C" not null,
  transaction text collate "C" not null,
  position int not null,
  ledger_account text collate "C" not null,
  side text not null check (side in ('DEBIT', 'CREDIT')),
  minor bigint not null check (minor > 0),
  primary key (account, transaction, position),
  foreign key (account, transaction) references ledger_transactions
);
-- Moves in the transaction that posts, and can always be computed again from the entries.
create table ledger_balances (
  account text collate "C" not null,
  ledger_account text collate "C" not null,
  debit bigint not null default 0,
  credit bigint not null default 0,
  primary key (account, ledger_account),
  constraint liabilities_are_not_overdrawn check (
    ledger_account not in ('customer_credit', 'wallet', 'wallet_promo') or debit <= credit)
) with (fillfactor = 70);

create function check_balance() returns trigger language plpgsql as $$
declare
  imbalance numeric;
begin
  select coalesce(sum(case side when 'DEBIT' then minor else -minor end), 0) into imbalance
  from ledger_entries where account = new.account and transaction = new.transaction;
  if imbalance <> 0 then
    raise exception 'ledger transaction % of account % is out of balance by %', new.transaction, new.account, imbalance
      using errcode = 'check_violation';
  end if;
  return null;
end $$;
create constraint trigger balanced after insert on ledger_entries
  deferrable initially deferred for each row execute function check_balance();

-- Letters to be sent: one for each event, recipient and template, written with the fact that they tell of.
create table mail_outbox (
  account text collate "C" not null,
  event text collate "C" not null,
  recipient text collate "C" not null,
  template text collate "C" not null,
  params jsonb not null,
  created_at bigint not null default now_ms(),
  sent_at bigint,
  primary key (account, event, recipient, template)
);
create index mail_unsent on mail_outbox (created_at) where sent_at is null;

-- What is known of prices, and since when. What has begun stays as it is.
create table price_revisions (
  id text collate "C" not null,
  from_at bigint not null,
  hash text not null,
  body jsonb not null,
  primary key (id, from_at)
);

-- Usage, once and for ever: events from outside, and the windows of the journal, whose source is `journal`.
create table usage_windows (
  source text collate "C" not null,
  id text collate "C" not null,
  account text collate "C" not null,
  meter text collate "C" not null,
  resource text collate "C" not null,
  from_at bigint not null,
  to_at bigint not null check (to_at >= from_at),
  quantity numeric(38, 12) not null check (quantity >= 0),
  attributes jsonb not null,
  recorded_at bigint not null,
  supersedes text collate "C",
  -- False once another window has taken its place.
  standing boolean not null default true,
  -- What is used, as one number, which an exclusion constraint compares more than twice as fast as texts. What is observed here is known
  -- by its uid; names from outside are each account's own. Should two ever have one number, a window is a dead letter, in sight.
  resource_key bigint not null generated always as (hashtextextended(
    case source when 'journal' then resource else account || '/' || resource end || ' ' || meter, 0)) stored,
  primary key (source, id),
  constraint windows_never_overlap exclude using gist (resource_key with =, int8range(from_at, to_at) with &&)
    where (standing and from_at < to_at)
);
create index usage_by_account on usage_windows (account, meter, from_at) where standing;

create function keep_usage() returns trigger language plpgsql as $$
begin
  if tg_op = 'UPDATE' and old.standing and not new.standing
    and to_jsonb(old) - '{standing,resource_key}'::text[] = to_jsonb(new) - '{standing,resource_key}'::text[] then return new; end if;
  raise exception 'usage is a fact: send a window that supersedes %', old.id using errcode = 'insufficient_privilege';
end $$;
create trigger kept before update or delete on usage_windows for each row execute function keep_usage();

create table metering_cursors (
  uid text collate "C" not null,
  meter text collate "C" not null,
  until bigint not null,
  primary key (uid, meter)
) with (fillfactor = 70);

-- What came and is no usage, in sight; it is never rated.
create table dead_letters (
  source text collate "C" not null,
  id text collate "C" not null,
  account text collate "C" not null,
  code text collate "C" not null,
  body jsonb not null,
  hash text collate "C" not null generated always as (md5(body::text)) stored,
  received_at bigint not null default now_ms(),
  primary key (source, id, code, hash)
);
create index dead_letters_by_time on dead_letters (account, received_at desc);

do $$
declare
  facts text;
begin
  foreach facts in array array['subscription_events', 'invoices', 'rated_lines', 'entitlement_draws', 'credit_notes', 'settlements', 'credits',
    'payments', 'wallets', 'wallet_moves', 'holds', 'dunning_steps', 'budget_alerts', 'adjustments', 'billing_events', 'ledger_transactions', 'ledger_entries',
    'dead_letters'] loop
    execute format('create trigger kept before update or delete or truncate on %I for each statement execute function refuse_change()', facts);
    execute format('revoke update, delete, truncate on %I from public', facts);
  end loop;
end $$;
-- The trigger refuses everybody; without the right, the application does not even get that far. (Tables that others refer to keep theirs:
-- checking a reference locks the row, and PostgreSQL asks for the right to update before it does.)
revoke update, delete, truncate on ledger_entries from current_user;

-- Where the thing was whose level this is; empty where it is nowhere in particular.
alter table journal add column place text collate "C" not null default '';
-- The journal of one account, meter by meter.
create index journal_by_account on journal (account, uid, meter, seq);
