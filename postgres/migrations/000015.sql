-- min-writer: 1
--
-- How each Subscription was wished, and when. The books look now and then: late after a pause, after an outage, for an account that was
-- parked. What they then find in the objects is only how things stand; here is when it became so, on the clock of the books, written
-- with the wish itself.

create table subscription_wishes (
  id bigint generated always as identity primary key,
  uid text collate "C" not null,
  account text collate "C" not null,
  project text collate "C" not null,
  name text collate "C" not null,
  -- When it was first wished, and from when on it was wished as here.
  began bigint not null,
  at bigint not null,
  -- When it was deleted, or will be: never before that was said.
  ended bigint,
  spec jsonb not null
);
create index subscription_wishes_by_account on subscription_wishes (account, (greatest(at, ended)));
create index subscription_wishes_by_uid on subscription_wishes (uid, id);
create index subscription_wishes_over on subscription_wishes (account, ended) where ended is not null;

-- Of a wish that was settled more than a day ago only the newest is kept, and nothing of what is over.
create function keep_subscription_wish() returns trigger language plpgsql as $$
declare
  wish objects := case tg_op when 'DELETE' then old else new end;
  said bigint := clock_ms();
  until bigint := (extract(epoch from (wish.metadata ->> 'deletedAt')::timestamptz) * 1000)::bigint;
  payer text := coalesce(
    (select p.spec ->> 'account' from objects p where p.key = 'Project//' || wish.project), wish.metadata ->> 'account', '');
  settled bigint := (select b.settled_at - 86400000 from books_accounts b where b.account = payer);
begin
  if payer = '' then return null; end if;
  if tg_op = 'DELETE' and exists (select 1 from subscription_wishes w where w.uid = wish.uid and w.ended <= said) then
    return null;
  end if;
  delete from subscription_wishes w
    where w.uid = wish.uid and exists (select 1 from subscription_wishes n where n.uid = w.uid and n.id > w.id and n.at < settled);
  delete from subscription_wishes w where w.uid in (
    select e.uid from subscription_wishes e where e.account = payer and e.ended < settled
      and not exists (select 1 from subscription_wishes n where n.uid = e.uid and n.id > e.id));
  insert into subscription_wishes (uid, account, project, name, began, at, ended, spec)
  values (wish.uid, payer, wish.project, wish.name,
    coalesce((select min(w.began) from subscription_wishes w where w.uid = wish.uid), said), said,
    case when tg_op = 'DELETE' then said when until is not null then greatest(said, until) end, wish.spec);
  return null;
end $$;
create trigger subscription_wish_made after insert on objects
  for each row when (new.kind = 'Subscription') execute function keep_subscription_wish();
create trigger subscription_wish_changed after update on objects
  for each row when (new.kind = 'Subscription' and (new.spec is distinct from old.spec
    or new.metadata ->> 'deletedAt' is distinct from old.metadata ->> 'deletedAt')) execute function keep_subscription_wish();
create trigger subscription_wish_removed after delete on objects
  for each row when (old.kind = 'Subscription') execute function keep_subscription_wish();

-- Those that are there began when they were made; where the books never looked at an account, when they first can.
insert into subscription_wishes (uid, account, project, name, began, at, ended, spec)
select o.uid, coalesce(p.spec ->> 'account', o.metadata ->> 'account'), o.project, o.name, m.made, m.made,
  case when o.metadata ->> 'deletedAt' is not null
    then greatest(m.made, (extract(epoch from (o.metadata ->> 'deletedAt')::timestamptz) * 1000)::bigint) end, o.spec
from objects o
  left join objects p on p.key = 'Project//' || o.project
  left join books_accounts b on b.account = coalesce(p.spec ->> 'account', o.metadata ->> 'account')
  cross join lateral (select case when b.settled_at is null then now_ms()
    else (extract(epoch from o.created_at::timestamptz) * 1000)::bigint end as made) m
where o.kind = 'Subscription' and coalesce(p.spec ->> 'account', o.metadata ->> 'account', '') <> '';
