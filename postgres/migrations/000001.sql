-- min-writer: 1
--
-- Times are epoch milliseconds (bigint) on the database's clock. An object without a project has the empty project ''. Names and uids
-- compare bytewise, so that an order means the same here as in JavaScript.

-- A test moves the clock of its own database by replacing this function; nothing else ever does. Stable, not immutable: prepared plans
-- depend on functions that they inline, but not on constants that they folded.
create function clock_offset_ms() returns bigint language sql stable parallel safe as $$ select 0::bigint $$;

-- The instant at which the transaction began.
create function now_ms() returns bigint language sql stable parallel safe
  as $$ select (extract(epoch from now()) * 1000)::bigint + clock_offset_ms() $$;

-- This very instant.
create function clock_ms() returns bigint language sql volatile parallel safe
  as $$ select (extract(epoch from clock_timestamp()) * 1000)::bigint + clock_offset_ms() $$;

create sequence resource_versions;

create table objects (
  uid text collate "C" primary key,
  kind text collate "C" not null,
  project text collate "C" not null,
  name text collate "C" not null,
  resource_version bigint not null default nextval('resource_versions'),
  created_at text collate "C" not null,
  owner_uid text collate "C",
  -- Highest generation that was seen Ready.
  ready_generation int not null default 0,
  sources text[] not null,
  labels jsonb not null,
  metadata jsonb not null,
  spec jsonb not null,
  status jsonb not null,
  -- A column of its own: whatever the planner believes about the table, only one index can answer for it.
  key text collate "C" not null generated always as (kind || '/' || project || '/' || name) stored unique
) with (fillfactor = 80);
-- No index touches the status, so that writing one is a heap-only update.
create index objects_by_name on objects (kind, name, uid);
create index objects_by_age on objects (kind, created_at, uid);
create index objects_by_project_age on objects (kind, project, created_at, uid);
create index objects_by_owner on objects (owner_uid) where owner_uid is not null;
create index objects_by_label on objects using gin (labels jsonb_path_ops);
create index objects_by_source on objects using gin (sources) where sources <> '{}';

-- What a spec names, and what the status has pinned. A pin without a name in the spec has the kind ''.
create table refs (
  from_uid text collate "C" not null,
  path text collate "C" not null,
  to_kind text collate "C" not null,
  to_project text collate "C" not null,
  to_name text collate "C" not null,
  to_uid text collate "C",
  primary key (from_uid, path)
);
create index refs_by_name on refs (to_kind, to_name, to_project);
create index refs_by_uid on refs (to_uid) where to_uid is not null;

create table queue (
  uid text collate "C" primary key,
  kind text collate "C" not null,
  shard smallint not null,
  due_at bigint not null,
  -- Woken since it was claimed.
  dirty boolean not null default false,
  attempts int not null default 0,
  epoch bigint not null default 0,
  -- Null: nobody works on it.
  lease_until bigint,
  holder text
) with (fillfactor = 50, autovacuum_vacuum_scale_factor = 0, autovacuum_vacuum_threshold = 5000);
create index queue_due on queue (shard, due_at);

create table bindings (
  uid text collate "C" not null,
  place text collate "C" not null,
  incarnation int not null,
  external_id text,
  state text not null check (state in ('intended', 'confirmed')),
  primary key (uid, place)
);
create index bindings_by_place on bindings (place);

create table held_claims (uid text collate "C" primary key, claims jsonb not null);

create table allocations (
  pool text collate "C" not null,
  value text collate "C" not null,
  uid text collate "C" not null,
  slot text not null,
  primary key (pool, value)
);
create index allocations_by_uid on allocations (uid);

-- `wished` is the limit that was set. `ceiling` is greatest(wished, used) as of the last change that did not raise the use: a limit set
-- below the use destroys nothing, no increase is ever allowed above it, and the ceiling comes down with the use.
create table capacity (
  place text collate "C" not null,
  resource text collate "C" not null,
  wished bigint not null,
  ceiling bigint not null,
  used bigint not null default 0 check (used >= 0),
  primary key (place, resource),
  check (used <= ceiling)
) with (fillfactor = 50);

create table capacity_claims (
  uid text collate "C" not null,
  place text collate "C" not null,
  resource text collate "C" not null,
  amount bigint not null,
  primary key (uid, place, resource)
);

create table unique_keys (
  kind text collate "C" not null,
  key text collate "C" not null,
  uid text collate "C" not null,
  primary key (kind, key)
);
create index unique_keys_by_uid on unique_keys (uid);

create table tombstones (
  uid text collate "C" primary key,
  kind text not null,
  project text not null,
  name text not null,
  generation int not null,
  ready_generation int not null,
  requests jsonb not null,
  removed_at bigint not null
);
create index tombstones_by_age on tombstones (removed_at);

-- The last level of each meter; the history is in `journal`.
create table journal_levels (
  uid text collate "C" not null,
  meter text collate "C" not null,
  seq bigint not null,
  level bigint not null,
  attributes jsonb not null,
  run_id text,
  primary key (uid, meter)
) with (fillfactor = 70);

create table coverage (
  place text collate "C" not null,
  from_at bigint not null,
  to_at bigint not null,
  primary key (place, from_at)
) with (fillfactor = 50);

create table saved_plans (id text primary key, created_at bigint not null, plan jsonb not null);
create index saved_plans_by_age on saved_plans (created_at);

create table named_values (name text primary key, value jsonb not null);

-- One row per committed change, kept for an hour: who lost the answer to a commit finds it here.
create table receipts (id uuid primary key, at bigint not null default now_ms(), result jsonb);
create index receipts_by_age on receipts (at);

create table instances (id text primary key, seen_until bigint not null);

create table shard_leases (
  shard smallint primary key,
  holder text,
  epoch bigint not null default 0,
  lease_until bigint not null default 0
) with (fillfactor = 50);
insert into shard_leases (shard) select generate_series(0, 63);

create table named_leases (name text primary key, holder text, epoch bigint not null, lease_until bigint not null);

-- Facts, partitioned by time; retention drops whole partitions. The default partition takes what falls outside of those made ahead.
create sequence record_ids;

create table events (
  at bigint not null,
  id bigint not null default nextval('record_ids'),
  uid text collate "C" not null, kind text not null, project text not null, name text not null,
  type text not null, reason jsonb not null, actor text not null
) partition by range (at);

create table steps (
  at bigint not null,
  id bigint not null default nextval('record_ids'),
  uid text collate "C" not null, kind text not null, project text not null, name text not null,
  step jsonb not null
) partition by range (at);

create table audit (
  at bigint not null,
  id bigint not null default nextval('record_ids'),
  uid text collate "C" not null, kind text not null, project text not null, name text not null,
  actor text not null, on_behalf_of text, from_where text not null, request_id text not null,
  op text not null, generation int not null, changes jsonb not null
) partition by range (at);

create table journal (
  at bigint not null,
  id bigint not null default nextval('record_ids'),
  uid text collate "C" not null, kind text not null, project text not null, name text not null,
  account text,
  meter text not null, seq bigint not null, level bigint not null, attributes jsonb not null, run_id text
) partition by range (at);

create index events_by_uid on events (uid, at, id);
create index events_by_time on events (at, id);
create index steps_by_uid on steps (uid, at, id);
create index steps_by_time on steps (at, id);
create index audit_by_uid on audit (uid, at, id);
create index audit_by_time on audit (at, id);
create index journal_by_uid on journal (uid, at, id);
create index journal_by_time on journal (at, id);

-- Read in the order of (xid, id) up to the oldest transaction still running: a plain sequence would lose late commits.
create sequence event_log_ids;
create table event_log (
  at bigint not null default now_ms(),
  xid xid8 not null default pg_current_xact_id(),
  id bigint not null default nextval('event_log_ids'),
  uid text collate "C" not null, kind text not null, project text not null, name text not null,
  removed boolean not null
) partition by range (at);
create index event_log_by_position on event_log (xid, id);

-- Everything up to here has been dropped.
create table event_log_floor (xid xid8 not null, id bigint not null);
insert into event_log_floor values ('0', 0);

create table events_rest partition of events default;
create table steps_rest partition of steps default;
create table audit_rest partition of audit default;
create table journal_rest partition of journal default;
create table event_log_rest partition of event_log default;
