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

create trigger kept before update or delete or truncate on account_calendars for each statement execute function refuse_change();
revoke update, delete, truncate on account_calendars from public;
