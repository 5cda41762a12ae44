-- min-writer: 1
--
-- Two facts of the books. What was charged ahead becomes revenue a day or a month at a time; and what a card's bank set aside before a
-- subscription begins. Tables as in 000002: columns are generated from the body, and rows are never changed.

create table recognitions (
  account text collate "C" not null, version bigint not null, position int not null, body jsonb not null,
  id text collate "C" not null generated always as (body ->> 'id') stored,
  invoice text collate "C" not null generated always as (body ->> 'invoice') stored,
  at bigint not null generated always as ((body ->> 'at')::bigint) stored,
  amount bigint not null generated always as (minor(body ->> 'amount')) stored check (minor(body ->> 'amount') > 0),
  recognised bigint not null generated always as (minor(body ->> 'recognised')) stored,
  primary key (account, version, position), unique (account, id),
  foreign key (account, invoice) references invoices
);
create index recognitions_by_invoice on recognitions (account, invoice, at);

create table authorisations (
  account text collate "C" not null, version bigint not null, position int not null, body jsonb not null,
  id text collate "C" not null generated always as (body ->> 'id') stored,
  at bigint not null generated always as ((body ->> 'at')::bigint) stored,
  state text not null generated always as (body ->> 'state') stored
    check (body ->> 'state' in ('AUTHORISED', 'DECLINED', 'CAPTURED', 'VOIDED')),
  amount bigint not null generated always as (minor(body ->> 'amount')) stored check (minor(body ->> 'amount') > 0),
  -- What was set aside is either taken or let go, once.
  ending text generated always as (case when body ->> 'state' in ('CAPTURED', 'VOIDED') then 'ended' else body ->> 'state' end) stored,
  primary key (account, version, position), unique (account, id, ending)
);

do $$
declare
  facts text;
begin
  foreach facts in array array['recognitions', 'authorisations'] loop
    execute format('create trigger kept before update or delete or truncate on %I for each statement execute function refuse_change()', facts);
    execute format('revoke update, delete, truncate on %I from public', facts);
  end loop;
end $$;

-- An attempt may also set money aside for a subscription, or let it go.
drop index payment_attempts_one_charge;
do $$
begin
  execute (select format('alter table payment_attempts drop constraint %I', conname) from pg_constraint
    where conrelid = 'payment_attempts'::regclass and pg_get_constraintdef(oid) like '%CHARGE%');
end $$;
alter table payment_attempts add constraint known_verbs check (body ->> 'verb' in ('CHARGE', 'AUTHORISE', 'VOID', 'REFUND'));
alter table payment_attempts drop column subject;
alter table payment_attempts add column subject text collate "C" not null generated always as (coalesce(
  body -> 'purpose' ->> 'invoice', 'wallet/' || (body -> 'purpose' ->> 'wallet'), 'subscription/' || (body -> 'purpose' ->> 'subscription'))) stored;
-- Of one invoice, wallet or subscription, only one movement of a kind is under way.
create unique index payment_attempts_one_charge on payment_attempts (account, subject, verb)
  where verb <> 'REFUND' and state in ('INITIATED', 'UNKNOWN', 'REQUIRES_ACTION', 'UNRESOLVED');

-- What was billed for each month's service, less what was credited of it, by user; empty: of nobody in particular. Moves in the transaction
-- that adds the lines, and can always be computed again from them.
create table spend_counters (
  account text collate "C" not null,
  "user" text collate "C" not null,
  month text collate "C" not null,
  amount bigint not null,
  primary key (account, month, "user")
) with (fillfactor = 70);

-- The local month that a line's service begins in; lines from before this do not say it, and nor do they say who used it.
create function service_month(line jsonb, zone text) returns text language sql stable parallel safe as
  $$ select coalesce(line ->> 'month', to_char(to_timestamp((line ->> 'from')::bigint / 1000.0) at time zone coalesce(zone, 'UTC'), 'YYYY-MM')) $$;

-- What every line of an account comes to, by user and month: the counters from the beginning.
create view spend_of_lines as
  select account, "user", month, sum(amount)::bigint as amount from (
    select account, coalesce(line ->> 'user', '') as "user", service_month(line, body ->> 'zone') as month, minor(line ->> 'amount') as amount
    from invoices, jsonb_array_elements(body -> 'lines') line
    union all
    select n.account, coalesce(line ->> 'user', ''), service_month(line, i.body ->> 'zone'), -minor(line ->> 'gross')
    from credit_notes n join invoices i on i.account = n.account and i.number = n.body ->> 'invoice', jsonb_array_elements(n.body -> 'lines') line
  ) parts group by account, "user", month;
insert into spend_counters (account, "user", month, amount) select account, "user", month, amount from spend_of_lines;
