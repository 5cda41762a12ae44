import { statement } from '../statement.ts';

export const TRY_SEALING = statement('try_sealing', 'select pg_try_advisory_xact_lock(7236837233) as mine');

export const CHAIN_END = statement(
  'chain_end',
  "select position, encode(hash, 'hex') as hash from audit_links order by position desc limit 1",
);

/** Committed rows since $1 (epoch ms) that have no link, $2 at most, in the order in which they are linked. */
export const UNLINKED = statement(
  'unlinked',
  `select a.at, a.id, audit_text(a) as text from audit a
  where a.at >= $1::bigint and not exists (select from audit_links l where l.at = a.at and l.id = a.id)
  order by a.at, a.id limit $2`,
);

/** $1: [{position, at, id, hash}] */
export const LINK = statement(
  'link',
  `insert into audit_links (position, at, id, hash)
  select position, at, id, decode(hash, 'hex') from jsonb_to_recordset($1::jsonb) as x(position bigint, at bigint, id bigint, hash text)`,
);

/** $1 position, $2 hash in hex, $3 signature. */
export const SIGN = statement(
  'sign',
  `insert into audit_seal (position, hash, mac, sealed_at) values ($1, decode($2, 'hex'), $3, now_ms())
  on conflict (one) do update set position = excluded.position, hash = excluded.hash, mac = excluded.mac, sealed_at = excluded.sealed_at`,
);

/** Forgets links older than $1 (epoch ms), whose rows retention has taken; never the last one. */
export const FORGET_LINKS = statement(
  'forget_links',
  `with gone as (
    delete from audit_links where position in (
      select position from audit_links where at < $1::bigint and position < (select max(position) from audit_links) order by position limit 10000
    ) returning position
  )
  delete from audit_resealed where position in (select position from gone)`,
);

/** Links after position $1, $2 at most, with their rows as they are now. */
export const LINKED = statement(
  'linked',
  `select l.position, l.at, l.id, encode(l.hash, 'hex') as hash, case when a.id is null then null else audit_text(a) end as text,
    encode(r.hash, 'hex') as resealed, r.mac
  from audit_links l left join audit a on a.at = l.at and a.id = l.id left join audit_resealed r on r.position = l.position
  where l.position > $1 order by l.position limit $2`,
);

export const SEAL = statement(
  'audit_seal',
  "select position, encode(hash, 'hex') as hash, mac, sealed_at from audit_seal",
);

/** The first row between $1 and $2 (epoch ms) that has no link though its time has passed. */
export const ADDED = statement(
  'audit_added',
  `select a.at, a.id from audit a where a.at >= $1::bigint and a.at < $2::bigint
    and not exists (select from audit_links l where l.at = a.at and l.id = a.id)
  order by a.at, a.id limit 1`,
);
