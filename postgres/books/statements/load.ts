import { statement } from '../../statement.ts';
import { FACT_TABLES } from './tables.ts';

const { recognitions, ...WHOLE } = FACT_TABLES;
const bodies = Object.entries({ invoices: 'invoices', creditNotes: 'credit_notes', ...WHOLE }).map(
  ([field, table]) =>
    `(select coalesce(jsonb_agg(body order by version, position), '[]') from ${table} f where f.account = a.account) as "${field}"`,
);

/** $1: names of accounts, answered in their order; $2: with their usage. */
export const LOAD_BOOKS = statement(
  'books_load',
  `select a.account, coalesce(b.version, 0)::int as version, b.settled_at, b.parked, b.checkpoint,
    ${bodies.join(',\n    ')},
    -- Of each invoice the newest says how much has become revenue: a year of days need not be read.
    (select coalesce(jsonb_agg(body), '[]') from (
      select distinct on (invoice) body from ${recognitions} f where f.account = a.account order by invoice, at desc) newest) as recognitions,
    (select coalesce(jsonb_agg(s.head || jsonb_build_object('id', s.id, 'events', (
        select coalesce(jsonb_agg(e.body order by e.position), '[]') from subscription_events e
        where e.account = s.account and e.subscription = s.id)) order by s.id), '[]')
      from subscriptions s where s.account = a.account) as subscriptions,
    (select coalesce(jsonb_agg(jsonb_build_object('uid', w.uid, 'project', w.project, 'name', w.name, 'began', w.began, 'at', w.at,
        'ended', w.ended, 'spec', w.spec) order by w.at, w.id), '[]')
      from subscription_wishes w where w.account = a.account and (w.ended is not null or exists (
        select 1 from subscription_wishes n
        where n.account = a.account and greatest(n.at, n.ended) > coalesce(b.settled_at, 0)))) as wished,
    case when $2::boolean then (select coalesce(jsonb_agg(jsonb_build_object('id', u.source || ':' || u.id, 'meter', u.meter, 'resource', u.resource,
        'from', u.from_at, 'to', u.to_at, 'quantity', u.quantity::text, 'attributes', u.attributes, 'recordedAt', u.recorded_at,
        'supersedes', u.source || ':' || u.supersedes) order by u.recorded_at, u.source, u.id), '[]')
      from usage_windows u where u.account = a.account and u.standing) else '[]' end as usage
  from unnest($1::text[]) with ordinality a(account, place) left join books_accounts b on b.account = a.account
  order by a.place`,
);

/** $1: name of an account. In the order in which they were written: the newest row of an id says how a hold stands. */
export const LOAD_HOLDS = statement(
  'books_load_holds',
  'select body from holds where account = $1 order by version, position',
);
