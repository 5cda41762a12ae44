-- min-writer: 1
--
-- What is decided about an account stays: who approved it, when it became active, what it was converted to. And the seats of an account:
-- its type says how many users it may have, and no number of requests at once gets past that.

create table account_history (
  account text collate "C" not null,
  id bigint generated always as identity primary key,
  at bigint not null,
  what text not null check (what in ('Activated', 'Approved', 'Declined', 'Converted', 'Terminated', 'Erased')),
  actor text not null,
  detail text not null,
  memo text not null check (length(memo) <= 4000),
  -- What happens to an account once has a name here.
  once text collate "C"
);
create index account_history_by_account on account_history (account, id);
create unique index account_history_once on account_history (account, once) where once is not null;
create trigger kept before update or delete or truncate on account_history for each statement execute function refuse_change();
revoke update, delete, truncate on account_history from public;

-- The accounts that are there were at work before there was a beginning to wait for.
insert into account_history (account, at, what, actor, detail, memo, once)
select uid, now_ms(), 'Activated', 'portal', coalesce(spec->>'type', ''), 'It was at work before accounts had states.', 'Activated' from objects where kind = 'Account';

-- Counts the users of an account whose type bounds them. Whoever adds one waits for whoever else does, and then sees their user.
create function users_within_seats() returns trigger language plpgsql as $$
declare
  subject text := new.spec->>'account';
  seats bigint;
  taken bigint;
begin
  select (t.spec->>'maxUsers')::bigint into seats from objects a join objects t on t.key = 'AccountType//' || (a.spec->>'type')
    where a.key = 'Account//' || subject;
  if coalesce(seats, -1) < 0 then return null; end if;
  perform pg_advisory_xact_lock(hashtextextended('seats/' || subject, 0));
  select count(*) into taken from objects o where o.kind = 'User' and o.spec->>'account' = subject;
  if taken > seats then
    raise exception 'more users than seats' using errcode = 'check_violation', constraint = 'quota_held',
      detail = format('Failing row contains (account/%s, users, %s, %s, %s).', subject, seats, seats, taken);
  end if;
  return null;
end $$;
create trigger seats_of_new after insert on objects for each row when (new.kind = 'User' and new.spec ? 'account')
  execute function users_within_seats();
create trigger seats_of_moved after update of spec on objects for each row
  when (new.kind = 'User' and new.spec ? 'account' and new.spec->>'account' is distinct from old.spec->>'account')
  execute function users_within_seats();
