import type { ReportName } from '../../billing/report/definitions.ts';
import { FACT_ROWS_MAX } from '../../billing/report/facts.ts';
import { type Statement, statement } from '../statement.ts';

/** All take the same parameters: $1 from, $2 to, $3 as of, $4 zone, $5 accounts or null, $6 channel or null, $7 spans of rates. */
export const PARAMETERS = `asked as not materialized (
    select $1::bigint as from_at, $2::bigint as to_at, $3::bigint as as_of, $4::text as zone, $5::text[] as accounts, $6::text as channel
  ), rates as (
    select * from jsonb_to_recordset($7::jsonb) as r(id text, currency text, "from" bigint, "to" bigint)
  )`;

/** The account of a row, by the newest of its name. Accounts that the reports never saw have neither type nor channel. */
const OWNER = `left join lateral (
    select r.type, r.channel from report_accounts r where r.account = f.account order by r.registered_at desc limit 1
  ) o on true`;

/** The provider's own, and those on trial, are not among the customers. */
const isCustomer = (type: string) => `lower(${type}) <> 'system' and not exists (
    select from objects t where t.key = 'AccountType//' || ${type} and t.spec -> 'trial' = 'true')`;

const MAY_SEE = `($5::text[] is null or f.account = any($5::text[])) and ($6::text is null or o.channel = $6::text)`;

const RATE = (at: string) => `left join rates r on r.currency = f.currency and r."from" <= ${at} and ${at} < r."to"`;

/** Net is without any tax; credit notes are below 0. */
const DOCUMENTS = `(
    select account, currency, issued_at, total - tax as net, tax from invoices where issued_at >= $1 and issued_at < $2
    union all
    select account, currency, issued_at, minor(body ->> 'tax') - total, -minor(body ->> 'tax')
    from credit_notes where issued_at >= $1 and issued_at < $2
  )`;

/** Lines whose service began in the days, of documents that were issued by then. */
const LINES = `rated_lines f join invoices i on i.account = f.account and i.number = f.invoice and i.issued_at <= $3`;

const SERVICE = 'f.from_at >= $1 and f.from_at < $2';

const local = (at: string, format: string) =>
  `to_char(to_timestamp(${at} / 1000.0) at time zone (select zone from asked), '${format}')`;

const BODIES: Readonly<Record<ReportName, string>> = {
  'new-customer-registrations': `
    select ${local('registered_at', 'YYYY-MM-DD')} as day, registered_type as type, null as currency, null as rate_id, count(*)::text as registrations
    from (select account, registered_at, registered_type, channel, registered_type as type from report_accounts) f, lateral (select f.channel) o
    where registered_at >= $1 and registered_at < $2 and ${isCustomer('f.registered_type')} and ${MAY_SEE}
    group by 1, 2`,
  'top-customers': `
    select f.account, coalesce(o.channel, '') as channel, f.currency, r.id as rate_id, count(*)::text as documents, sum(net)::text as net
    from ${DOCUMENTS} f ${OWNER} ${RATE('f.issued_at')}
    where ${MAY_SEE} and ${isCustomer("coalesce(o.type, '')")}
    group by 1, 2, 3, 4`,
  'usage-per-product': `
    select f.product, f.currency, r.id as rate_id, count(*)::text as lines, trim_scale(sum(f.quantity))::text as quantity, sum(f.amount)::text as amount
    from ${LINES} ${OWNER} ${RATE('i.issued_at')}
    where ${SERVICE} and ${MAY_SEE} and ${isCustomer("coalesce(o.type, '')")}
    group by 1, 2, 3`,
  'usage-per-bundle': `
    select bundle, currency, rate_id, count(*) filter (where nth = 1)::text as subscriptions, sum(amount)::text as amount
    from (
      select coalesce(b.bundle, '') as bundle, f.currency, r.id as rate_id, f.amount,
        row_number() over (partition by coalesce(b.bundle, ''), f.account, f.subscription order by f.from_at, f.id) as nth
      from ${LINES} ${OWNER} ${RATE('i.issued_at')} left join lateral (
        select e.body ->> 'bundle' as bundle from subscription_events e
        where e.account = f.account and e.subscription = f.subscription and e.body ? 'bundle' and (e.body ->> 'at')::bigint <= f.from_at
        order by e.position desc limit 1
      ) b on true
      where ${SERVICE} and ${MAY_SEE} and ${isCustomer("coalesce(o.type, '')")}
    ) lines
    group by 1, 2, 3`,
  'customer-activity': `
    select ${local('f.from_at', 'YYYY-MM-DD')} as day, f.meter as product, f.resource,
      coalesce(f.attributes ->> 'user', (
        select s.head ->> 'user' from subscriptions s where s.account = f.account and s.head -> 'resources' ? f.resource
        order by s.id desc limit 1), '') as "user",
      null as currency, null as rate_id, count(*)::text as windows, trim_scale(sum(f.quantity))::text as quantity,
      trim_scale(round(sum(f.quantity * (f.to_at - f.from_at)) / 3600000, 12))::text as "levelHours"
    from usage_windows f ${OWNER}
    where f.standing and ${SERVICE} and ${MAY_SEE}
    group by 1, 2, 3, 4`,
  revenue: `
    select ${local('f.at', 'YYYY-MM')} as month, coalesce(o.channel, '') as channel, f.currency, r.id as rate_id,
      sum(documents)::text as documents, sum(net)::text as net, sum(tax)::text as tax, sum(recognised)::text as recognised
    from (
      select account, currency, issued_at as at, issued_at, 1 as documents, total - tax as net, tax,
        total - tax - case when body ? 'recognition' then sum_of(body -> 'lines', 'deferred') else 0 end as recognised
      from invoices where issued_at >= $1 and issued_at < $2
      union all
      select account, currency, issued_at, issued_at, 1, minor(body ->> 'tax') - total, -minor(body ->> 'tax'),
        minor(body ->> 'tax') - total + sum_of(body -> 'lines', 'undeferred')
      from credit_notes where issued_at >= $1 and issued_at < $2
      union all
      select became.account, i.currency, became.at, i.issued_at, 0, 0, 0, became.amount
      from recognitions became join invoices i on i.account = became.account and i.number = became.invoice
      where became.at >= $1 and became.at < $2
    ) f ${OWNER} ${RATE('f.issued_at')}
    where ${MAY_SEE}
    group by 1, 2, 3, 4`,
  tax: `
    select g ->> 'jurisdiction' as jurisdiction, g ->> 'taxCode' as "taxCode", g ->> 'category' as category,
      trim_scale(quotient(g -> 'rate'))::text as rate, f.currency, r.id as rate_id,
      count(*)::text as documents, sum(f.net)::text as net, sum(f.tax)::text as tax
    from (
      select i.account, i.currency, i.issued_at, each as g, minor(each ->> 'net') as net, minor(each ->> 'tax') as tax
      from invoices i, jsonb_array_elements(i.body -> 'taxes') each
      where i.issued_at >= $1 and i.issued_at < $2
      union all
      select n.account, n.currency, n.issued_at, each, case when (each ->> 'inclusive')::boolean then given.tax else 0 end - taxed.net, -given.tax
      from credit_notes n join invoices i on i.account = n.account and i.number = n.invoice,
        jsonb_array_elements(i.body -> 'taxes') with ordinality as t(each, place),
        lateral (select coalesce(minor(n.body -> 'taxes' ->> (place - 1)::int), 0) as tax) given,
        lateral (
          select sum(minor(line ->> 'net')) as net from jsonb_array_elements(n.body -> 'lines') line
          where exists (select from jsonb_array_elements(each -> 'shares' -> '$map') share where share ->> 0 = line ->> 'corrects')
        ) taxed
      where n.issued_at >= $1 and n.issued_at < $2 and taxed.net is not null
    ) f ${OWNER} ${RATE('f.issued_at')}
    where ${MAY_SEE}
    group by 1, 2, 3, 4, 5, 6`,
  'receivables-ageing': `
    select f.account, coalesce(o.channel, '') as channel, f.currency, r.id as rate_id,
      coalesce(sum(f.open) filter (where f.due_at > $3), 0)::text as "notDue",
      coalesce(sum(f.open) filter (where f.due_at <= $3 and f.days < 31), 0)::text as days0,
      coalesce(sum(f.open) filter (where f.due_at <= $3 and f.days between 31 and 60), 0)::text as days31,
      coalesce(sum(f.open) filter (where f.due_at <= $3 and f.days between 61 and 90), 0)::text as days61,
      coalesce(sum(f.open) filter (where f.due_at <= $3 and f.days > 90), 0)::text as days91
    from (
      select i.* from (
        select account from ledger_balances where ledger_account = 'receivable' and debit <> credit
        union select account from settlements where at > $3
      ) debtors, lateral (
        select i.account, i.currency, i.issued_at, i.due_at, floor(($3 - i.due_at) / 86400000.0) as days, i.total - coalesce((
          select sum(s.amount) from settlements s where s.account = i.account and s.invoice = i.number and s.at <= $3), 0) as open
        from invoices i where i.account = debtors.account and i.issued_at <= $3
        -- Not to be joined with all invoices at once: those of who owes nothing are never looked at.
        offset 0
      ) i
    ) f ${OWNER} ${RATE('f.issued_at')}
    where f.open <> 0 and ${MAY_SEE}
    group by 1, 2, 3, 4`,
  'spend-versus-budget': `
    select f.account, coalesce(s.head ->> 'user', '') as "user", f.currency, null as rate_id, sum(f.amount)::text as billed
    from ${LINES} ${OWNER} left join subscriptions s on s.account = f.account and s.id = f.subscription
    where ${SERVICE} and ${MAY_SEE}
    group by 1, 2, 3`,
};

export function factsOf(report: ReportName): Statement {
  return statement(
    `report_${report.replaceAll('-', '_')}`,
    `with ${PARAMETERS} ${BODIES[report]} limit ${FACT_ROWS_MAX}`,
  );
}

/** $1 currency. */
export const KEPT_RATES = statement(
  'report_rates',
  `select base, quote, from_at as "from", day, trim_scale(rate)::text as rate from exchange_rates where base = $1 or quote = $1
  order by base, quote, from_at`,
);

/** $1 rates as JSON. */
export const KEEP_RATES = statement(
  'report_keep_rates',
  `insert into exchange_rates (base, quote, from_at, day, rate)
  select base, quote, "from", day, rate from jsonb_to_recordset($1::jsonb) as r(base text, quote text, "from" bigint, day text, rate numeric)
  where "from" <= now_ms()
  on conflict do nothing`,
);

export const CLOCK = statement('report_clock', 'select now_ms() as now');
