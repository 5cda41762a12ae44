import { statement } from '../../statement.ts';
import { FACT_TABLES } from './tables.ts';

const elements = (field: string) => `jsonb_array_elements($4::jsonb -> '${field}') with ordinality as x(e, o)`;

const bodies = Object.entries(FACT_TABLES).map(
  ([field, table]) => `${table}_added as (
    insert into ${table} (account, version, position, body) select $1, $2, o, e from ${elements(field)}
  )`,
);

const documents = Object.entries({ invoices: 'invoices', creditNotes: 'credit_notes' }).map(
  ([field, table]) => `${table}_added as (
    insert into ${table} (account, version, position, series, year, n, currency, body)
    select $1, $2, o, e ->> 'series', (e ->> 'year')::int, (e ->> 'n')::int, $3, e -> 'body' from ${elements(field)}
  )`,
);

/**
 * All that a commit adds, in one statement: $1 account, $2 its new version, $3 currency, $4 {invoices: [{series, year, n, body}], …}.
 * Lines and draws are taken out of the documents' bodies here, so that they cannot say anything else.
 */
export const APPEND_FACTS = statement(
  'books_append',
  `with ${[...documents, ...bodies].join(',\n  ')},
  lines as (
    select line, e -> 'body' ->> 'number' as invoice from ${elements('invoices')}, jsonb_array_elements(e -> 'body' -> 'lines') line
  ),
  lines_added as (
    insert into rated_lines (account, id, invoice, key, subscription, charge, product, kind, revision, period_from, period_to, from_at, to_at,
      quantity, amount, currency, corrects)
    select $1, line ->> 'id', invoice, line ->> 'key', line ->> 'subscription', line ->> 'charge', line ->> 'product', line ->> 'kind',
      line -> 'explanation' ->> 'revision', (line -> 'period' ->> 'from')::bigint, (line -> 'period' ->> 'to')::bigint,
      (line ->> 'from')::bigint, (line ->> 'to')::bigint, quotient(line -> 'quantity'), minor(line ->> 'amount'), $3, line ->> 'corrects'
    from lines
  ),
  draws_added as (
    insert into entitlement_draws (account, line, "grant", quantity)
    select $1, line ->> 'id', draw ->> 'grant', sum(quotient(draw -> 'quantity'))
    from lines, jsonb_array_elements(line -> 'draws') draw group by 2, 3
  ),
  credited as (
    insert into line_credits as c (account, line, amount, credited)
    select $1, l.line, coalesce(r.amount, minor(n.line ->> 'amount')), l.gross
    from (
      select line ->> 'corrects' as line, sum(minor(line ->> 'gross'))::bigint as gross
      from ${elements('creditNotes')}, jsonb_array_elements(e -> 'body' -> 'lines') line group by 1 order by 1
    ) l
    left join rated_lines r on r.account = $1 and r.id = l.line
    left join lines n on n.line ->> 'id' = l.line
    on conflict (account, line) do update set credited = c.credited + excluded.credited
  ),
  spent as (
    insert into spend_counters as c (account, "user", month, amount)
    select $1, coalesce("user", ''), month, sum(amount) from (
      select line ->> 'user' as "user", line ->> 'month' as month, minor(line ->> 'amount') as amount from lines
      union all
      select line ->> 'user', line ->> 'month', -minor(line ->> 'gross')
      from ${elements('creditNotes')}, jsonb_array_elements(e -> 'body' -> 'lines') line
    ) parts where month is not null group by 2, 3 order by 2, 3
    on conflict (account, month, "user") do update set amount = c.amount + excluded.amount
  ),
  told as (
    insert into billing_events (account, version, position, body, once)
    select $1, $2, o, e, false from ${elements('events')}
  ),
  problems_told as (
    insert into billing_events (account, version, position, body, once)
    select $1, $2, 1000000 + o, e, true from ${elements('problems')}
    on conflict do nothing
  ),
  posted as (
    insert into ledger_transactions (account, id, version, position, currency, booked_at)
    select $1, e ->> 'id', $2, o, $3, (e ->> 'bookedAt')::bigint from ${elements('ledger')}
  ),
  entries as (
    select e ->> 'id' as transaction, p as position, entry ->> 'account' as ledger_account, entry ->> 'side' as side,
      minor(entry ->> 'minor') as minor
    from ${elements('ledger')}, jsonb_array_elements(e -> 'entries') with ordinality as y(entry, p)
  ),
  entered as (
    insert into ledger_entries (account, transaction, position, ledger_account, side, minor)
    select $1, transaction, position, ledger_account, side, minor from entries
  ),
  sums as (
    select ledger_account, coalesce(sum(minor) filter (where side = 'DEBIT'), 0) as debit,
      coalesce(sum(minor) filter (where side = 'CREDIT'), 0) as credit
    from entries group by ledger_account
  ),
  -- Not an insert that becomes an update: its row would have to keep the constraint by itself, and what is drawn from a credit does not.
  balanced as (
    update ledger_balances b set debit = b.debit + s.debit, credit = b.credit + s.credit
    from sums s where b.account = $1 and b.ledger_account = s.ledger_account returning b.ledger_account
  ),
  opened as (
    insert into ledger_balances (account, ledger_account, debit, credit)
    select $1, ledger_account, debit, credit from sums s
    where not exists (select 1 from balanced b where b.ledger_account = s.ledger_account)
  ),
  subscribed as (
    insert into subscriptions (account, id, head) select $1, e ->> 'id', e -> 'head' from ${elements('subscriptions')}
    on conflict (account, id) do update set head = excluded.head
  ),
  dated as (
    insert into subscription_events (account, subscription, position, body)
    select $1, e ->> 'id', p, event
    from ${elements('subscriptions')}, jsonb_array_elements(e -> 'events') with ordinality as y(event, p)
    on conflict do nothing
  ),
  noticed as (
    insert into notifications (scope, target, event, type, detail)
    select e ->> 'scope', e ->> 'target', e ->> 'event', e ->> 'type', e ->> 'detail' from ${elements('notices')}
    on conflict do nothing
  )
  insert into mail_outbox (account, event, recipient, template, params)
  select $1, e ->> 'event', e ->> 'recipient', e ->> 'template', e -> 'params' from ${elements('mail')}
  on conflict do nothing`,
);
