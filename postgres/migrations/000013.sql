-- min-writer: 13
--
-- Personal values are sealed at rest. Older code would write them in clear, so it only reads from here on.

-- All that an audit row says, in one spelling. How a personal value's own key is wrapped is left out: a rotation wraps it anew, and without
-- its key a value says nothing more; the value itself, sealed, is in the chain like everything else.
create or replace function audit_text(a audit) returns text language sql stable as $$
  select regexp_replace(
    jsonb_build_array(a.at, a.id, a.uid, a.kind, a.project, a.name, a.actor, a.on_behalf_of, a.from_where, a.request_id, a.op, a.generation,
      a.changes)::text,
    'personal:v1:[a-z0-9-]+:[A-Za-z0-9_-]+:', 'personal:v1:', 'g')
$$;

-- Rows of the chain that were linked in clear, and sealed later: what they say now, signed with the link that they had.
create table audit_resealed (
  position bigint primary key,
  hash bytea not null,
  mac text not null
);

-- What mail servers said of an address that they refused.
update identity_letters set problem = regexp_replace(problem, '[^\s<>(),;:"]+@[^\s<>(),;:"]+', '(address)', 'g') where problem like '%@%';
