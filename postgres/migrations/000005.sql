-- min-writer: 1
--
-- Quotas, the chain of the audit trail, and indexes for lists of what belongs to an account or a user.

create index objects_by_account on objects (kind, (spec->>'account')) where (spec->>'account') is not null;
create index objects_by_user on objects (kind, (spec->>'user')) where (spec->>'user') is not null;

-- What the objects that a quota holds count for. A row stands for every limit of every Quota. `wished` is the limit; `ceiling` is that or,
-- where more was there when the limit was set or was made by a controller, what was there: nothing is destroyed, and nothing grows above it.
create table quota_usage (
  scope text collate "C" not null,
  resource text collate "C" not null,
  wished bigint not null,
  ceiling bigint not null,
  used bigint not null default 0 check (used >= 0),
  primary key (scope, resource),
  constraint quota_held check (used <= ceiling)
) with (fillfactor = 50);

-- The account that an object is counted for: a thing without a project says it itself.
create function counted_account(project text, metadata jsonb, spec jsonb) returns text language sql immutable parallel safe
  as $$ select case when project = '' then coalesce(spec->>'account', metadata->>'account') else metadata->>'account' end $$;

-- Everything that may hold a thing of the project and the account. A circle of domains ends at its first repetition.
create function quota_scopes(project text, account text) returns setof text language sql stable as $$
  select 'project/' || project where project <> ''
  union all select 'account/' || account where account is not null
  union all (
    with recursive tree(name) as (
      select o.spec->>'domain' from objects o where o.key = 'Account//' || account and o.spec->>'domain' is not null
      union select o.spec->>'parent' from tree join objects o on o.key = 'Domain//' || tree.name where o.spec->>'parent' is not null
    )
    select 'domain/' || name from tree
  )
$$;

-- Counts changes, each {project, account, free, amounts}, up or down. What is free (made by controllers) is counted and never refused. Rows are
-- locked in one order, so that two changes never wait for each other in a circle.
create function count_quotas(changes jsonb) returns void language plpgsql as $$
declare
  moves jsonb;
begin
  -- A Quota is set while nothing is being counted, and counts what is there.
  perform pg_advisory_xact_lock_shared(7236837232);
  select jsonb_agg(m) into moves from (
    select s.scope, a.key as resource, sum(case when c.free then 0 else a.value::bigint end) as charged,
      sum(case when c.free then a.value::bigint else 0 end) as free
    from jsonb_to_recordset(changes) as c(project text, account text, free boolean, amounts jsonb)
    cross join lateral quota_scopes(c.project, c.account) s(scope) cross join lateral jsonb_each_text(c.amounts) a
    join quota_usage q on q.scope = s.scope and q.resource = a.key
    group by s.scope, a.key
  ) m;
  if moves is null then return; end if;
  perform from quota_usage q
    where (q.scope, q.resource) in (select scope, resource from jsonb_to_recordset(moves) as m(scope text, resource text))
    order by q.scope, q.resource for update;
  update quota_usage q set
    used = q.used + m.charged + m.free,
    ceiling = case
      when m.charged > 0 and q.used + m.charged > q.ceiling then q.ceiling
      when m.charged + m.free > 0 then greatest(q.ceiling, q.used + m.charged + m.free)
      else greatest(q.wished, q.used + m.charged + m.free)
    end
  from jsonb_to_recordset(moves) as m(scope text, resource text, charged bigint, free bigint)
  where q.scope = m.scope and q.resource = m.resource;
end $$;

-- Sets the limits of a Quota, or takes them away, and counts afresh what it holds.
create function set_quota(spec jsonb, gone boolean) returns void language plpgsql as $$
declare
  subject text := case
    when spec ? 'account' then 'account/' || (spec->>'account')
    when spec ? 'project' then 'project/' || (spec->>'project')
    else 'domain/' || (spec->>'domain')
  end;
begin
  perform pg_advisory_xact_lock(7236837232);
  delete from quota_usage where scope = subject;
  if gone then return; end if;
  insert into quota_usage (scope, resource, wished, ceiling, used)
  select subject, l.key, l.value::bigint, greatest(l.value::bigint, coalesce(u.amount, 0)), coalesce(u.amount, 0)
  from jsonb_each_text(spec->'limits') l left join (
    select a.key as resource, sum(a.value::bigint)::bigint as amount
    from objects o cross join lateral jsonb_each_text(o.metadata->'amounts') a
    where o.metadata ? 'amounts' and subject in (
      select quota_scopes(o.project, counted_account(o.project, o.metadata, o.spec)))
    group by a.key
  ) u on u.resource = l.key;
end $$;

-- Rows that come count up, rows that go count down.
create function quotas_after_rows() returns trigger language plpgsql as $$
declare
  gone boolean := tg_op = 'DELETE';
  changes jsonb;
  quota jsonb;
begin
  select jsonb_agg(t) into changes from (
    select project, account, free, jsonb_object_agg(resource, amount) as amounts from (
      select o.project, counted_account(o.project, o.metadata, o.spec) as account, o.owner_uid is not null as free, a.key as resource,
        sum(case when gone then -a.value::bigint else a.value::bigint end) as amount
      from touched o cross join lateral jsonb_each_text(o.metadata->'amounts') a where o.metadata ? 'amounts' group by 1, 2, 3, 4
    ) sums group by project, account, free
  ) t;
  if changes is not null then perform count_quotas(changes); end if;
  for quota in select spec from touched where kind = 'Quota' loop perform set_quota(quota, gone); end loop;
  return null;
end $$;

create function quotas_after_update() returns trigger language plpgsql as $$
declare
  before text := counted_account(old.project, old.metadata, old.spec);
  later text := counted_account(new.project, new.metadata, new.spec);
  free boolean := new.owner_uid is not null;
  more jsonb;
begin
  if new.kind = 'Quota' then
    perform set_quota(new.spec, false);
    return null;
  end if;
  if new.kind = 'Account' then
    perform set_quota(o.spec, false) from objects o where o.kind = 'Quota' and o.spec ? 'domain';
    return null;
  end if;
  if old.project = new.project and before is not distinct from later then
    select jsonb_object_agg(key, amount) into more from (
      select key, coalesce((new.metadata->'amounts'->>key)::bigint, 0) - coalesce((old.metadata->'amounts'->>key)::bigint, 0) as amount
      from (select jsonb_object_keys(coalesce(old.metadata->'amounts', '{}') || coalesce(new.metadata->'amounts', '{}')) as key) keys
    ) deltas where amount <> 0;
    if more is not null then
      perform count_quotas(jsonb_build_array(jsonb_build_object('project', new.project, 'account', later, 'free', free, 'amounts', more)));
    end if;
    return null;
  end if;
  select jsonb_object_agg(key, -value::bigint) into more from jsonb_each_text(coalesce(old.metadata->'amounts', '{}'));
  if more is not null then
    perform count_quotas(jsonb_build_array(jsonb_build_object('project', old.project, 'account', before, 'free', free, 'amounts', more)));
  end if;
  if new.metadata ? 'amounts' then
    perform count_quotas(jsonb_build_array(
      jsonb_build_object('project', new.project, 'account', later, 'free', free, 'amounts', new.metadata->'amounts')));
  end if;
  return null;
end $$;

create trigger quotas_insert after insert on objects referencing new table as touched for each statement execute function quotas_after_rows();
create trigger quotas_delete after delete on objects referencing old table as touched for each statement execute function quotas_after_rows();
-- Not for statuses, which are written far more often than wishes.
create trigger quotas_update after update of metadata, spec, project on objects for each row
  when (old.metadata->'amounts' is distinct from new.metadata->'amounts' or old.project <> new.project
    or new.kind = 'Quota' and old.spec is distinct from new.spec
    or new.kind = 'Account' and old.spec->>'domain' is distinct from new.spec->>'domain'
    or new.metadata ? 'amounts' and old.spec->>'account' is distinct from new.spec->>'account')
  execute function quotas_after_update();

-- The chain of the audit trail. Writers append audit rows as ever; a background job links those that are committed, each to the one linked
-- before it, and signs the end of the chain with a key that is not in the database.
create table audit_links (
  position bigint primary key,
  at bigint not null,
  id bigint not null,
  hash bytea not null,
  unique (at, id)
);

create table audit_seal (
  one boolean primary key default true check (one),
  position bigint not null,
  hash bytea not null,
  mac text not null,
  sealed_at bigint not null
);

-- All that an audit row says, in one spelling.
create function audit_text(a audit) returns text language sql stable as $$
  select jsonb_build_array(a.at, a.id, a.uid, a.kind, a.project, a.name, a.actor, a.on_behalf_of, a.from_where, a.request_id, a.op,
    a.generation, a.changes)::text
$$;
