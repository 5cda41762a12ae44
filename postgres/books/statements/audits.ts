import { type Statement, statement } from '../../statement.ts';

const HOUR = '3600000::bigint';
/** Two commits that follow each other at once are done by then. */
const MINUTE = '60000::bigint';
const DAY = '86400000::bigint';

/** Each answers (account, detail) of what is wrong, at most a hundred. The database's constraints make most of them impossible. */
const CHECKS: Readonly<Record<string, string>> = {
  'a ledger transaction is out of balance': `
    select account, transaction || ': ' || sum(case side when 'DEBIT' then minor else -minor end) as detail
    from ledger_entries group by account, transaction having sum(case side when 'DEBIT' then minor else -minor end) <> 0`,
  'a balance of the ledger is not the sum of its entries': `
    select account, ledger_account || ': ' || coalesce(b.debit - b.credit, 0) || ' instead of ' || coalesce(e.sum, 0) as detail
    from ledger_balances b full join (
      select account, ledger_account, sum(case side when 'DEBIT' then minor else -minor end) as sum
      from ledger_entries group by account, ledger_account
    ) e using (account, ledger_account) where coalesce(b.debit - b.credit, 0) <> coalesce(e.sum, 0)`,
  'an invoice does not add up': `
    select account, number as detail from invoices where subtotal <> sum_of(body -> 'lines', 'amount')
      or subtotal - discount + exclusive_tax(body -> 'taxes') <> total or total - credits - wallet < 0`,
  'a line is not that of its invoice': `
    select i.account, i.number || ': lines of ' || coalesce(r.sum, 0) || ' for ' || i.subtotal as detail
    from invoices i left join (select account, invoice, sum(amount) as sum from rated_lines group by account, invoice) r
      on r.account = i.account and r.invoice = i.number where coalesce(r.sum, 0) <> i.subtotal`,
  'a number is missing in a series': `
    select null as account, c.series || ' ' || c.year || ': ' || c.last || ' were given, ' || coalesce(d.count, 0) || ' are there' as detail
    from number_counters c left join (
      select series, year, count(*) as count from (
        select series, year, n from invoices union all select series, year, n from credit_notes) documents
      group by series, year
    ) d using (series, year) where c.last <> coalesce(d.count, 0)`,
  'numbers do not follow the time in which they were given': `
    select account, number || ' is older than the number before it' as detail from (
      select account, number, created_at, lag(created_at) over (partition by series, year order by n) as before from invoices
    ) x where created_at < before`,
  'windows of a meter overlap': `
    select a.account, a.meter || ' of ' || a.resource || ': ' || a.id || ' and ' || b.id as detail from (
      select account, resource_key, resource, meter, id, to_at,
        lead(from_at) over w as next_from, lead(id) over w as next_id
      from usage_windows where standing and from_at < to_at window w as (partition by resource_key, meter order by from_at)
    ) a join lateral (select a.next_id as id) b on true where a.next_from < a.to_at`,
  'an issued invoice is not in the ledger': `
    select account, number as detail from invoices i where total > 0
      and not exists (select 1 from ledger_transactions t where t.account = i.account and t.id = 'invoice/' || i.number)`,
  'a settlement is not in the ledger': `
    select account, id as detail from settlements s
    where not exists (select 1 from ledger_transactions t where t.account = s.account and t.id = 'settlement/' || s.id)`,
  "the ledger's receivable is not what invoices owe": `
    select account, 'ledger ' || coalesce(l.sum, 0) || ', invoices ' || coalesce(d.sum, 0) as detail
    from (select account, debit - credit as sum from ledger_balances where ledger_account = 'receivable') l
    full join (
      select i.account, sum(i.total) - coalesce(sum(s.sum), 0) as sum from invoices i
      left join (select account, invoice, sum(amount) as sum from settlements group by account, invoice) s
        on s.account = i.account and s.invoice = i.number group by i.account
    ) d using (account) where coalesce(l.sum, 0) <> coalesce(d.sum, 0)`,
  "the ledger's credit is not the account's": `
    select account, 'ledger ' || coalesce(l.sum, 0) || ', credits ' || coalesce(c.sum, 0) as detail
    from (select account, credit - debit as sum from ledger_balances where ledger_account = 'customer_credit') l
    full join (select account, sum(amount) as sum from credits group by account) c using (account)
    where coalesce(l.sum, 0) <> coalesce(c.sum, 0)`,
  "the ledger's wallets are not what is in them": `
    select account, 'ledger ' || coalesce(l.sum, 0) || ', wallets ' || coalesce(w.sum, 0) as detail
    from (
      select account, sum(credit - debit) as sum from ledger_balances where ledger_account in ('wallet', 'wallet_promo') group by account
    ) l full join (select account, sum(amount) as sum from wallet_moves group by account) w using (account)
    where coalesce(l.sum, 0) <> coalesce(w.sum, 0)`,
  "the ledger's deferred revenue is not what is left of it": `
    select account, 'ledger ' || coalesce(l.sum, 0) || ', deferred ' || coalesce(d.sum, 0) as detail
    from (select account, credit - debit as sum from ledger_balances where ledger_account = 'deferred_revenue') l
    full join (
      select account, sum(amount) as sum from (
        select account, sum_of(body -> 'lines', 'deferred') as amount from invoices where body ? 'recognition'
        union all select account, -sum_of(body -> 'lines', 'undeferred') from credit_notes where jsonb_path_exists(body, '$.lines[*].undeferred')
        union all select account, -amount from recognitions
      ) parts group by account
    ) d using (account) where coalesce(l.sum, 0) <> coalesce(d.sum, 0)`,
  'more became revenue of an invoice than it deferred': `
    select i.account, i.number as detail from invoices i
    join (select account, invoice, sum(amount) as sum, max(recognised) as said from recognitions group by account, invoice) r
      on r.account = i.account and r.invoice = i.number
    where r.sum <> r.said or r.sum > sum_of(i.body -> 'lines', 'deferred') - coalesce(
      (select sum(sum_of(n.body -> 'lines', 'undeferred')) from credit_notes n where n.account = i.account and n.invoice = i.number), 0)`,
  'the ledger holds what is not set aside any more': `
    select account, ledger_account || ' ' || coalesce(l.sum, 0) || ', set aside ' || coalesce(a.sum, 0) as detail
    from (
      select account, ledger_account, case ledger_account when 'gateway_clearing:pending' then debit - credit else credit - debit end as sum
      from ledger_balances where ledger_account in ('gateway_clearing:pending', 'receivable:pending')
    ) l full join (
      select account, sum(case state when 'AUTHORISED' then amount when 'DECLINED' then 0 else -amount end) as sum from authorisations group by account
    ) a using (account) where coalesce(l.sum, 0) <> coalesce(a.sum, 0)`,
  "the ledger's fx is not what was transferred": `
    select account, 'ledger ' || coalesce(l.sum, 0) || ', transferred ' || coalesce(t.sum, 0) as detail
    from (select account, debit - credit as sum from ledger_balances where ledger_account = 'fx') l
    full join (select account, sum(amount) as sum from credits where kind = 'TRANSFERRED' group by account) t
      using (account) where coalesce(l.sum, 0) <> coalesce(t.sum, 0)`,
  'credit left one account and did not arrive at the other': `
    select account, id || ' for ' || (body ->> 'cause') as detail from credits o
    where kind = 'TRANSFERRED' and body ? 'arrives' and at < $1::bigint - ${MINUTE} and not exists (
      select 1 from credits i where i.account = o.body ->> 'cause' and i.id = regexp_replace(o.id, '/out$', '/in')
        and i.amount = minor(o.body ->> 'arrives'))`,
  'what became revenue is not in the ledger': `
    select account, id as detail from recognitions r
    where not exists (select 1 from ledger_transactions t where t.account = r.account and t.id = 'recognition/' || r.id)`,
  'a spend counter is not what its lines come to': `
    select account, coalesce(c.month, l.month) || coalesce(' of ' || nullif(coalesce(c."user", l."user"), ''), '')
      || ': ' || coalesce(c.amount, 0) || ' instead of ' || coalesce(l.amount, 0) as detail
    from spend_counters c full join spend_of_lines l using (account, "user", month) where coalesce(c.amount, 0) <> coalesce(l.amount, 0)`,
  'more was credited of a line than it charged': `
    select account, line as detail from line_credits where credited > amount`,
  'an account is parked': `
    select account, parked as detail from books_accounts where parked is not null`,
  'an account is overdue for its pass': `
    select account, 'due for ' || (($1::bigint - due_at) / ${HOUR}) || ' hours' as detail from books_accounts
    where parked is null and due_at < $1::bigint - 2 * ${HOUR}`,
  // A gap in coverage is free, however long: what counts is what was covered after the cursor, and has waited for longer than a day is one
  // row. An account that was away is asked once it has had its pass; that one is due is a check of its own.
  'what runs is not metered': `
    select j.account, l.meter || ' of ' || l.uid as detail from journal_levels l
    join lateral (select account, at, place from journal where uid = l.uid and meter = l.meter order by at desc, seq desc limit 1) j on true
    join books_accounts b on b.account = j.account and b.settled_at > $1::bigint - ${DAY}
    left join metering_cursors c on c.uid = l.uid and c.meter = l.meter
    cross join lateral (select greatest(coalesce(c.until, 0), j.at) as since) s
    where l.level > 0 and j.account is not null and b.parked is null and s.since < $1::bigint - 2 * ${DAY}
      and exists (select 1 from subscriptions s where s.account = b.account)
      and (j.place = '' or exists (
        select 1 from coverage v where v.place = j.place and v.to_at > s.since and v.from_at < $1::bigint - 2 * ${DAY}))`,
  // Whoever reads counters books what waits first.
  'what was counted is not booked': `
    select account, meter || ' of ' || uid || ': ' || waiting || ' at ' || device as detail from counters
    where waiting > 0 and waiting_since < $1::bigint - 2 * ${DAY}
      and exists (select 1 from counters r where r.read_at > $1::bigint - ${DAY})`,
  'something was metered that was never observed': `
    select account, meter || ' of ' || resource as detail from (
      select distinct account, meter, resource from usage_windows where source = 'journal' and recorded_at > $1::bigint - 30 * ${DAY}) w
    where not exists (select 1 from journal j where j.uid = w.resource and j.meter = w.meter)`,
};

export const AUDITS: Readonly<Record<string, Statement>> = Object.fromEntries(
  Object.entries(CHECKS).map(([check, sql], index) => [
    check,
    statement(`books_audit_${index}`, `select * from (${sql}) found order by account, detail limit 100`),
  ]),
);
