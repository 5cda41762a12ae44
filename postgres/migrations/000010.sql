-- min-writer: 1
--
-- Reports. What they tell of was issued, booked or measured elsewhere; here is what makes it quick to find, and the two things that would
-- otherwise be gone one day: who was a customer since when, and what a currency was worth when a report said it in another.

-- Every account that there ever was. The row stays when the account goes, since its documents do.
create table report_accounts (
  uid text collate "C" primary key,
  account text collate "C" not null,
  registered_at bigint not null,
  -- The type that it began with, and the one that it has now; empty where it has none.
  registered_type text collate "C" not null,
  type text collate "C" not null,
  channel text collate "C" not null
) with (fillfactor = 80);
create index report_accounts_by_name on report_accounts (account, registered_at desc);
create index report_accounts_by_time on report_accounts (registered_at);

create function keep_report_account() returns trigger language plpgsql as $$
begin
  insert into report_accounts (uid, account, registered_at, registered_type, type, channel)
  values (new.uid, new.name, (extract(epoch from new.created_at::timestamptz) * 1000)::bigint,
    coalesce(new.spec ->> 'type', ''), coalesce(new.spec ->> 'type', ''), coalesce(new.spec ->> 'channel', ''))
  on conflict (uid) do update set type = excluded.type, channel = excluded.channel;
  return null;
end $$;
create trigger report_account_made after insert on objects
  for each row when (new.kind = 'Account') execute function keep_report_account();
create trigger report_account_changed after update on objects
  for each row when (new.kind = 'Account' and new.spec is distinct from old.spec) execute function keep_report_account();
insert into report_accounts (uid, account, registered_at, registered_type, type, channel)
select uid, name, (extract(epoch from created_at::timestamptz) * 1000)::bigint,
  coalesce(spec ->> 'type', ''), coalesce(spec ->> 'type', ''), coalesce(spec ->> 'channel', '')
from objects where kind = 'Account';

-- One unit of base in quote from an instant on, until the pair's next one. Kept when a report could first use it, and never changed.
create table exchange_rates (
  base text collate "C" not null,
  quote text collate "C" not null,
  from_at bigint not null,
  day text not null,
  rate numeric(38, 12) not null check (rate > 0),
  recorded_at bigint not null default now_ms(),
  primary key (base, quote, from_at),
  check (base <> quote)
);
create trigger kept before update or delete or truncate on exchange_rates for each statement execute function refuse_change();
revoke update, delete, truncate on exchange_rates from public;

-- Documents of all customers by time: totals are in the index.
create index invoices_by_issue on invoices (issued_at) include (account, currency, total, tax);
create index credit_notes_by_issue on credit_notes (issued_at);
-- Lines by when their service began, of all and of one. Nothing asked by product.
drop index rated_lines_by_product;
create index rated_lines_by_service on rated_lines (from_at);
create index rated_lines_by_account on rated_lines (account, from_at);
-- What was still open at an instant was settled after it, or is open today.
create index settlements_by_time on settlements (at);
-- What became revenue when.
create index recognitions_by_time on recognitions (at);
