-- min-writer: 1
--
-- What every write made of a Setting: who decided what, from when, and who agreed. Appended in the transaction of the write, from its
-- audit row and the row of the object; never changed, and kept longer than the audit trail and than the object. Times are epoch milliseconds.
create table setting_facts (
  id bigint generated always as identity primary key,
  at bigint not null,
  uid text collate "C" not null,
  name text not null,
  generation int not null,
  actor text not null,
  on_behalf_of text,
  spec jsonb not null,
  deleted_at bigint,
  approve text
);
create index setting_facts_by_uid on setting_facts (uid, id);

create function keep_setting_fact() returns trigger language plpgsql as $$
begin
  insert into setting_facts (at, uid, name, generation, actor, on_behalf_of, spec, deleted_at, approve)
  select new.at, new.uid, new.name, new.generation, new.actor, new.on_behalf_of, o.spec,
    (extract(epoch from (o.metadata->>'deletedAt')::timestamptz) * 1000)::bigint, o.metadata->'requests'->>'approve'
  from objects o where o.uid = new.uid;
  return null;
end $$;

create trigger setting_facts_kept after insert on audit for each row when (new.kind = 'Setting') execute function keep_setting_fact();
create trigger kept before update or delete or truncate on setting_facts for each statement execute function refuse_change();
