import { statement } from '../../statement.ts';

const PAGED = {
  invoices: { table: 'invoices', at: 'issued_at', row: 'body' },
  creditNotes: { table: 'credit_notes', at: 'issued_at', row: 'body' },
  payments: { table: 'payments', at: 'at', row: 'body' },
  events: { table: 'billing_events', at: 'at', row: 'body' },
  ledger: {
    table: 'ledger_transactions',
    at: 'booked_at',
    row: `jsonb_build_object('id', id, 'bookedAt', booked_at, 'entries', (
      select jsonb_agg(jsonb_build_object('account', e.ledger_account, 'side', e.side, 'minor', e.minor || 'n') order by e.position)
      from ledger_entries e where e.account = f.account and e.transaction = f.id))`,
  },
} as const;

export type Paged = keyof typeof PAGED;

/** $1 account, $2 limit, and the place of the last row of the page before, or nulls: $3 at, $4 version, $5 position. */
export function pageOf(record: Paged) {
  const { table, at, row } = PAGED[record];
  return statement(
    `books_page_${table}`,
    `select ${row} as row, ${at} as at, version, position from ${table} f
    where account = $1 and ($3::bigint is null or (${at}, version, position) < ($3::bigint, $4::bigint, $5::int))
    order by ${at} desc, version desc, position desc limit $2`,
  );
}

export const READ_INVOICE = statement('books_invoice', 'select body from invoices where account = $1 and number = $2');

export const INVOICE_BALANCE = statement(
  'books_invoice_balance',
  `select (i.total - coalesce((select sum(amount) from settlements s where s.account = i.account and s.invoice = i.number), 0))::text as balance
  from invoices i where account = $1 and number = $2`,
);

export const ACCOUNT_CURRENCY = statement(
  'books_currency',
  "select currency from books_accounts where account = $1 and currency <> ''",
);

/** $1 account. */
export const SPEND_COUNTERS = statement(
  'books_spend',
  `select nullif(c."user", '') as "user", c.month, c.amount::text as amount from spend_counters c
  where account = $1 order by month desc, c."user" desc limit 1000`,
);

/** $1 account. */
export const SETTLED_AT = statement('books_settled_at', 'select settled_at from books_accounts where account = $1');

export const ACCOUNT_NAMES = statement(
  'books_accounts',
  'select account from books_accounts where $1::text is null or account > $1 order by account limit $2',
);

/** Of the accounts $1, those whose next pass is due at $2 (epoch ms). */
export const WAITING_ACCOUNTS = statement(
  'books_waiting',
  'select account from books_accounts where account = any($1::text[]) and due_at <= $2::bigint',
);

/** $1 account, $2 from, $3 to: transactions of the interval, and the sums of all before it by account of the ledger. */
export const LEDGER_WITHIN = statement(
  'books_ledger_within',
  `select ${PAGED.ledger.row} as row from ledger_transactions f
  where account = $1 and booked_at >= $2 and booked_at < $3 order by booked_at, version, position`,
);
export const LEDGER_BEFORE = statement(
  'books_ledger_before',
  `select e.ledger_account, sum(case e.side when 'DEBIT' then e.minor else -e.minor end)::text as debit
  from ledger_transactions t join ledger_entries e on e.account = t.account and e.transaction = t.id
  where t.account = $1 and t.booked_at < $2 group by e.ledger_account order by e.ledger_account`,
);

/** $1 account, $2 from, $3 to. */
export const USAGE_SUMS = statement(
  'books_usage_sums',
  `select meter, resource, count(*)::int as windows, trim_scale(sum(quantity * share))::text as quantity,
    trim_scale(round(sum(quantity * part) / 3600000, 12))::text as "levelHours"
  from usage_windows u, lateral (
    select (least(u.to_at, $3::bigint) - greatest(u.from_at, $2::bigint))::numeric as part
  ) p, lateral (
    select case when u.to_at = u.from_at then 1 else round(p.part / (u.to_at - u.from_at), 12) end as share
  ) s
  where u.account = $1 and u.standing and u.from_at < $3
    and (u.to_at > $2 or (u.from_at = u.to_at and u.from_at >= $2))
  group by meter, resource order by meter, resource limit 10000`,
);
