-- min-writer: 8
--
-- What cut an account's periods from when on: its time zone and its billing day may change, and the wish says only what counts now. Who does
-- not know this table would bill with the newest calendar alone. Rows as in 000002: columns are generated from the body, and nothing changes.
create table account_calendars (
  account text collate "C" not null, version bigint not null, position int not null, body jsonb not null,
  at bigint not null generated always as ((body ->> 'at')::bigint) stored,
  zone text not null generated always as (body ->> 'zone') stored,
  primary key (account, version, position)
);

-- Until now they were fixed at creation: so what is wished now is what everything was billed with.
insert into account_calendars (account, version, position, body)
select s.account, 0, 1, jsonb_build_object('at', 0, 'zone', coalesce(a.spec ->> 'zone', 'UTC'), 'anchorDay', a.spec ->> 'anchor',
  'billing', coalesce(p.spec ->> 'billing', 'ANNIVERSARY'), 'billingDay', (p.spec ->> 'billingDay')::int)
from (select distinct account from subscriptions) s
join objects a on a.key = 'Account//' || s.account
left join objects p on p.key = 'BillingPolicy//' || (a.spec ->> 'billingPolicy');

-- Who took which campaign: the n-th of all accounts. A limit of it is kept by the constraint, in the transaction that books the subscription.
create table campaign_counters (
  campaign text collate "C" primary key,
  taken bigint not null check (taken >= 0)
) with (fillfactor = 50);
create table campaign_redemptions (
  account text collate "C" not null,
  campaign text collate "C" not null,
  subscription text collate "C" not null,
  n bigint not null check (n > 0),
  -- As it was when it was taken.
  max bigint,
  primary key (account, campaign, subscription),
  unique (campaign, n),
  constraint redemptions_are_not_exceeded check (max is null or n <= max)
);
insert into campaign_redemptions (account, campaign, subscription, n)
select account, campaign, id, row_number() over (partition by campaign order by account, id)
from (select distinct s.account, s.id, c.campaign from subscriptions s, jsonb_array_elements_text(s.head -> 'campaigns') c(campaign)) known;
insert into campaign_counters select campaign, count(*) from campaign_redemptions group by campaign;

do $$
declare
  facts text;
begin
  foreach facts in array array['account_calendars', 'campaign_redemptions'] loop
    execute format('create trigger kept before update or delete or truncate on %I for each statement execute function refuse_change()', facts);
    execute format('revoke update, delete, truncate on %I from public', facts);
  end loop;
end $$;
