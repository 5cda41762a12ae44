-- min-writer: 1
--
-- Payments through gateways. An attempt's row is committed before its call, so that whoever comes after a crash knows what may have
-- happened. As in the books, columns are generated from the body, where `12n` is a bigint.

create table payment_attempts (
  id text collate "C" primary key,
  -- Counts changes: whoever changes a row raises the version that he read.
  version bigint not null default 1,
  body jsonb not null,
  account text collate "C" not null generated always as (body ->> 'account') stored,
  gateway text collate "C" not null generated always as (body ->> 'gateway') stored,
  -- What goes with every call. Never used for anything else again.
  key text collate "C" not null unique generated always as (body ->> 'key') stored,
  verb text not null generated always as (body ->> 'verb') stored check (body ->> 'verb' in ('CHARGE', 'REFUND')),
  subject text collate "C" not null generated always as (coalesce(body -> 'purpose' ->> 'invoice', 'wallet/' || (body -> 'purpose' ->> 'wallet'))) stored,
  amount bigint not null generated always as (minor(body ->> 'amount')) stored check (minor(body ->> 'amount') > 0),
  currency text not null generated always as (body ->> 'currency') stored,
  state text not null generated always as (body ->> 'state') stored check (body ->> 'state' in
    ('INITIATED', 'UNKNOWN', 'REQUIRES_ACTION', 'UNRESOLVED', 'SUCCEEDED', 'DECLINED_SOFT', 'DECLINED_HARD', 'LAPSED')),
  external_id text collate "C" generated always as (body ->> 'externalId') stored,
  created_at bigint not null generated always as ((body ->> 'createdAt')::bigint) stored,
  due_at bigint not null generated always as ((body ->> 'dueAt')::bigint) stored
) with (fillfactor = 70);
-- Of one invoice, or wallet, only one charge is under way.
create unique index payment_attempts_one_charge on payment_attempts (account, subject)
  where verb = 'CHARGE' and state in ('INITIATED', 'UNKNOWN', 'REQUIRES_ACTION', 'UNRESOLVED');
create index payment_attempts_due on payment_attempts (due_at) where due_at < 8640000000000000;
create index payment_attempts_by_account on payment_attempts (account, created_at);
create index payment_attempts_by_external_id on payment_attempts (gateway, external_id, verb) where external_id is not null;

-- Money that moved is not forgotten, and what a key stands for does not change.
create function keep_attempt() returns trigger language plpgsql as $$
begin
  -- Generated columns are not computed yet here: the bodies are compared.
  if tg_op = 'UPDATE' and old.id = new.id
    and (select bool_and(old.body -> field is not distinct from new.body -> field)
      from unnest(array['id', 'account', 'gateway', 'key', 'verb', 'purpose', 'amount', 'currency', 'customer', 'method']) field)
    and (old.state <> 'SUCCEEDED' or new.body ->> 'state' = 'SUCCEEDED') then return new; end if;
  raise exception 'the payment attempt % stands', old.key using errcode = 'insufficient_privilege';
end $$;
create trigger kept before update or delete on payment_attempts for each row execute function keep_attempt();

-- Webhooks that were verified. The gateway's id makes a second delivery harmless, however late it comes.
create table payment_inbox (
  gateway text collate "C" not null,
  id text collate "C" not null,
  event jsonb not null,
  received_at bigint not null,
  tries int not null default 0,
  -- Null: read, or given up; `code` says why it came to nothing.
  due_at bigint,
  code text,
  primary key (gateway, id)
);
create index payment_inbox_due on payment_inbox (due_at) where due_at is not null;

-- Who an account is at a gateway.
create table gateway_customers (
  account text collate "C" not null,
  gateway text collate "C" not null,
  customer text collate "C" not null,
  primary key (account, gateway),
  unique (gateway, customer)
);

-- What a caller's key was used for, and what was answered. Without an answer the call is under way, or its server died meanwhile.
create table idempotency_keys (
  principal text collate "C" not null,
  key text collate "C" not null,
  request_hash text not null,
  response jsonb,
  created_at bigint not null default now_ms(),
  primary key (principal, key)
);
create index idempotency_keys_by_age on idempotency_keys (created_at);
