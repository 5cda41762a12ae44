import { statement } from '../statement.ts';

/** $1 at, $2 id, $3 limit: rows after that one, with their links. The first of the chain is linked to nothing: sixty-four zeros. */
export const AUDIT_PAGE = statement(
  'audit_reseal_page',
  `select a.at, a.id, a.uid, a.kind, a.generation, a.from_where, a.request_id, a.changes, audit_text(a) as text,
    l.position, encode(l.hash, 'hex') as hash,
    case when l.position = 1 then repeat('0', 64) else encode(b.hash, 'hex') end as before, encode(r.hash, 'hex') as resealed, r.mac
  from audit a
  left join audit_links l on l.at = a.at and l.id = a.id
  left join audit_links b on b.position = l.position - 1
  left join audit_resealed r on r.position = l.position
  where (a.at, a.id) > ($1::bigint, $2::bigint) order by a.at, a.id limit $3`,
);

/** Waits until nobody links, and keeps everybody from it until the commit. */
export const LOCK_SEALING = statement('lock_sealing', 'select pg_advisory_xact_lock(7236837233)');

/** $1: [{at, id, old, from_where, changes}]; `old` is the text that the row must have still. Answers what it is in the chain. */
export const CHANGE_AUDIT = statement(
  'audit_reseal_change',
  `with written as (
    update audit a set from_where = c.from_where, changes = c.changes
    from jsonb_to_recordset($1::jsonb) as c(at bigint, id bigint, old text, from_where text, changes jsonb)
    where a.at = c.at and a.id = c.id and audit_text(a) = c.old
    returning a.at, a.id, audit_text(a) as text, c.old
  )
  select w.text, w.text <> w.old as differs, l.position, encode(l.hash, 'hex') as link
  from written w left join audit_links l on l.at = w.at and l.id = w.id`,
);

/** $1: [{position, hash, mac}] */
export const NOTE_RESEALED = statement(
  'audit_note_resealed',
  `insert into audit_resealed (position, hash, mac)
  select position, decode(hash, 'hex'), mac from jsonb_to_recordset($1::jsonb) as x(position bigint, hash text, mac text)
  on conflict (position) do update set hash = excluded.hash, mac = excluded.mac`,
);
