import { afterAll, beforeAll, describe, expect, it, jest } from '@jest/globals';
import type { Recognition } from '../../billing/ledger/recognition.ts';
import { decoded } from '../../billing/loop/fact-json.ts';
import { REPORT_NAMES, type ReportName } from '../../billing/report/definitions.ts';
import { createMemoryFacts } from '../../billing/report/memory-facts.ts';
import { type ReportWorld, runReport } from '../../billing/report/run.ts';
import { createDatabase } from '../../postgres/database.ts';
import { createReportFacts } from '../../postgres/reports/facts.ts';
import { booksOnPostgres, SHOP } from './books.fixture.ts';
import { reportedAccounts, reportWishes } from './report-wishes.ts';

jest.setTimeout(180_000);

const DAY_MS = 86_400_000;

/** A second customer, taxed, with dollars and another channel; and one on trial, who is nobody's customer yet. */
const MORE = [
  { kind: 'AccountType', name: 'retail', spec: {} },
  { kind: 'BillingPolicy', name: 'daily', spec: { revenue: { recognition: 'DAILY' } } },
  {
    kind: 'TaxRule',
    name: 'us-sales',
    spec: { jurisdiction: 'US-CA', rate: '7.25' },
  },
  {
    kind: 'RateCard',
    name: 'dollars',
    spec: { currency: 'USD', revisions: [{ prices: { fee: '33.00', hours: '0.11' } }] },
  },
  { kind: 'Catalog', name: 'partners', spec: { bundles: ['starter'], rateCards: ['dollars'] } },
  {
    kind: 'Channel',
    name: 'partner',
    spec: { catalog: 'partners', currencies: ['USD'], seller: { name: 'Example Cloud Inc' } },
  },
  {
    kind: 'Account',
    name: 'bolt',
    spec: {
      channel: 'partner',
      currency: 'USD',
      type: 'retail',
      billingPolicy: 'daily',
      jurisdiction: 'US-CA',
      zone: 'UTC',
    },
  },
  { kind: 'Project', name: 'forge', spec: { account: 'bolt' } },
  { kind: 'Subscription', name: 'site', project: 'forge', spec: { bundle: 'starter' } },
  { kind: 'Budget', name: 'month', project: 'shop', spec: { amount: '50.00' } },
  {
    kind: 'ExchangeRate',
    name: 'usd-eur',
    spec: { base: 'USD', quote: 'EUR', revisions: [{ from: '2020-01-01', rate: '0.857142857142' }] },
  },
];

describe('reports', () => {
  let cloud: Awaited<ReturnType<typeof booksOnPostgres>>;
  let world: ReportWorld;
  let memory: ReportWorld;
  let begun: number;
  beforeAll(async () => {
    cloud = await booksOnPostgres();
    begun = await cloud.books.now();
    await cloud.apply([...SHOP, ...MORE]);
    await cloud.settle();
    const at = await cloud.books.now();
    const window = (id: string, resource: string, quantity: string) => ({
      source: 'test',
      account: 'acme',
      window: {
        id,
        meter: 'vm.running',
        resource,
        from: at + 3_600_000,
        to: at + 4 * 3_600_000,
        quantity: { num: BigInt(quantity), den: 1n },
        attributes: {},
        recordedAt: at,
        supersedes: null,
      },
    });
    await cloud.advance(DAY_MS);
    const rules = { meters: new Set(['vm.running']), maxAgeMs: 40 * DAY_MS, futureToleranceMs: DAY_MS };
    await cloud.books.ingest([window('a', 'vm-1', '2'), window('b', 'vm-2', '5')], rules);
    await cloud.advance(34 * DAY_MS);
    await cloud.settle();
    world = {
      facts: createReportFacts(createDatabase(cloud.pool)),
      wishes: reportWishes(cloud.store),
    };
    const names = (await cloud.rows('select account, currency from books_accounts')) as {
      account: string;
      currency: string;
    }[];
    memory = {
      facts: createMemoryFacts({
        books: {
          accounts: () => names.map(({ account }) => account),
          // The store loads the newest of each invoice only; books in memory keep them all.
          load: async (wanted) => {
            const loaded = await cloud.books.load(wanted);
            const rows = await cloud.rows('select account, body from recognitions order by account, version, position');
            return loaded.map((kept) => ({
              ...kept,
              recognitions: rows
                .filter(({ account }) => account === kept.account)
                .map(({ body }) => decoded(body) as Recognition),
            }));
          },
          currencyOf: (name) => names.find(({ account }) => account === name)?.currency,
        },
        accounts: () => reportedAccounts(cloud.store),
        now: () => asked,
      }),
      wishes: reportWishes(cloud.store),
    };
    asked = await cloud.books.now();
  });
  let asked: number;
  afterAll(async () => {
    await cloud.close();
  });

  const whole = () => ({
    from: new Date(begun - DAY_MS).toISOString().slice(0, 10),
    to: new Date(asked + DAY_MS).toISOString().slice(0, 10),
    asOf: new Date(asked).toISOString(),
  });
  const parametersOf = (name: ReportName, more: object = {}) => {
    const { from, to, asOf } = whole();
    if (name === 'receivables-ageing') return { asOf, ...more };
    if (name === 'spend-versus-budget') return { asOf, month: from.slice(0, 7) };
    if (name === 'customer-activity') return { from, to, asOf, account: 'acme' };
    if (name === 'new-customer-registrations') return { from, to, asOf };
    return { from, to, asOf, ...more };
  };
  const run = async (name: ReportName, more: object = {}, accounts: readonly string[] | null = null, on = world) => {
    const outcome = await runReport(on, { name, parameters: parametersOf(name, more), accounts });
    if (!outcome.ok) throw new Error(outcome.problems.join(' '));
    return outcome.report;
  };
  const named = ({ columns, rows }: Awaited<ReturnType<typeof run>>) =>
    rows.map(({ cells }) => Object.fromEntries(columns.map(({ name }, index) => [name, cells[index]])));

  it.each(REPORT_NAMES)('%s says the same of books in memory', async (name) => {
    const more = ['receivables-ageing', 'top-customers', 'revenue', 'tax'].includes(name) ? { currency: 'EUR' } : {};
    const report = await run(name, more);
    expect(report.rows.length).toBeGreaterThan(0);
    expect(await run(name, more, null, memory)).toEqual(report);
    expect(await run(name, more, ['acme'], memory)).toEqual(await run(name, more, ['acme']));
  });

  it('convert at the rate of the document, tell the rate, and add up what is printed', async () => {
    const report = await run('revenue', { currency: 'EUR' });
    const partner = named(report).filter(({ channel }) => channel === 'partner');
    expect(partner[0]).toMatchObject({ currency: 'EUR', rates: '1 USD = 0.857142857142 EUR (2020-01-01)' });
    const net = report.columns.findIndex(({ name }) => name === 'net');
    const cents = (text: string | null | undefined) => BigInt((text ?? '').replace('.', ''));
    const sum = report.rows.reduce((all, { cells }) => all + cents(cells[net]), 0n);
    expect(report.totals).toEqual([expect.objectContaining({ currency: 'EUR', rows: report.rows.length })]);
    expect(cents(report.totals[0]?.cells[net])).toBe(sum);
  });

  it('tell what became revenue, and what was charged ahead', async () => {
    const rows = named(await run('revenue')).filter(({ channel }) => channel === 'partner');
    const sum = (name: string) => rows.reduce((all, row) => all + BigInt((row[name] ?? '0').replace('.', '')), 0n);
    const [left] = await cloud.rows(
      `select (credit - debit)::text as deferred from ledger_balances where account = 'bolt' and ledger_account = 'deferred_revenue'`,
    );
    expect(sum('deferred')).toBe(BigInt(left.deferred));
    expect(sum('deferred')).toBeGreaterThan(0n);
    expect(sum('recognised')).toBeGreaterThan(0n);
    const direct = named(await run('revenue')).filter(({ channel }) => channel === 'direct');
    expect(direct.every(({ net, recognised, deferred }) => net === recognised && deferred === '0.00')).toBe(true);
  });

  it('leave what has no rate in its own currency, and the total says so', async () => {
    const report = await run('top-customers', { currency: 'GBP' });
    expect(named(report).map(({ account, currency, rates }) => [account, currency, rates])).toEqual([
      ['acme', 'EUR', null],
      ['bolt', 'USD', null],
    ]);
    expect(report.notes.join(' ')).toContain('The total in GBP leaves out 2 rows in EUR, USD');
    expect(report.totals.map(({ currency }) => currency)).toEqual(['EUR', 'USD']);
  });

  it('keep a rate that was used, though its object is gone', async () => {
    await run('revenue', { currency: 'EUR' });
    expect(await cloud.rows('select base, quote, day from exchange_rates')).toEqual([
      { base: 'USD', quote: 'EUR', day: '2020-01-01' },
    ]);
    const bare = { ...world, wishes: { ...world.wishes, rates: async () => [] } };
    expect(await run('revenue', { currency: 'EUR' }, null, bare)).toEqual(await run('revenue', { currency: 'EUR' }));
    await expect(cloud.rows('update exchange_rates set rate = 1')).rejects.toThrow(/facts/);
  });

  it('count usage by product and bundle, and by resource and day', async () => {
    const products = named(await run('usage-per-product'));
    const hours = products.find(({ product, currency }) => product === 'hours' && currency === 'EUR');
    expect(hours).toMatchObject({ quantity: '21', amount: '2.10', lines: '1' });
    const bundles = named(await run('usage-per-bundle'));
    expect(bundles).toContainEqual(expect.objectContaining({ bundle: 'starter', currency: 'EUR', subscriptions: '1' }));
    expect(named(await run('customer-activity'))).toEqual([
      expect.objectContaining({ product: 'hours', resource: 'vm-1', quantity: '2', levelHours: '6' }),
      expect.objectContaining({ product: 'hours', resource: 'vm-2', quantity: '5', levelHours: '15' }),
    ]);
  });

  it('tell the accountant what was taxed at which rate, and collections how old a debt is', async () => {
    const [tax] = named(await run('tax'));
    expect(tax).toMatchObject({ jurisdiction: 'US-CA', rate: '7.25', currency: 'USD', category: 'S' });
    const debts = named(await run('receivables-ageing'));
    expect(debts.map(({ account }) => account)).toEqual(['acme', 'bolt']);
    const asOf = new Date(begun - 1).toISOString();
    expect((await run('receivables-ageing', { asOf })).rows).toEqual([]);
  });

  it('count a payment from when it came', async () => {
    const [invoice] = await cloud.rows(
      `select number, total from invoices where account = 'acme' order by issued_at limit 1`,
    );
    const at = begun + 10 * DAY_MS;
    const body = { id: 'p1', invoice: invoice.number, at, kind: 'PAYMENT', amount: '1000n', via: null };
    await cloud.rows('insert into settlements (account, version, position, body) values ($1, 9999, 0, $2)', [
      'acme',
      body,
    ]);
    const owed = async (day: number) => {
      const parameters = { asOf: new Date(begun + day * DAY_MS).toISOString(), account: 'acme' };
      const report = await run('receivables-ageing', parameters);
      expect(await run('receivables-ageing', parameters, null, memory)).toEqual(report);
      return named(report)[0]?.open;
    };
    expect([await owed(9), await owed(11)]).toEqual(['30.00', '20.00']);
  });

  it('leave trial accounts out of what is said of customers, and nothing out of tax', async () => {
    await cloud.apply([{ kind: 'AccountType', name: 'retail', spec: { trial: true } }]);
    expect(named(await run('top-customers')).map(({ account }) => account)).toEqual(['acme']);
    expect(await run('top-customers', {}, null, memory)).toEqual(await run('top-customers'));
    expect(named(await run('new-customer-registrations'))).toEqual([expect.objectContaining({ registrations: '1' })]);
    expect((await run('tax')).rows).toHaveLength(1);
    await cloud.apply([{ kind: 'AccountType', name: 'retail', spec: {} }]);
  });

  it('remember an account that is gone', async () => {
    const before = await run('revenue');
    await cloud.pool.query(`delete from objects where kind = 'Account' and name = 'bolt'`);
    expect(await run('revenue')).toEqual(before);
  });

  it('refuse what they cannot answer, and say how to ask', async () => {
    const ask = (name: ReportName, parameters: object, accounts: readonly string[] | null = null) =>
      runReport(world, { name, parameters: parameters as Record<string, unknown>, accounts });
    expect(await ask('tax', { from: '2026-02-30', zone: 'Mars/Base' })).toEqual({
      ok: false,
      problems: [
        'zone is "Mars/Base", which is no time zone: write one such as Europe/Berlin.',
        '2026-02-30 is no day of the calendar: write one that is.',
      ],
    });
    expect(await ask('tax', { colour: 'red', top: 3 })).toEqual({
      ok: false,
      problems: ['There is no parameter colour, top here.'],
    });
    expect(await ask('customer-activity', { account: 'bolt' }, ['acme'])).toEqual({
      ok: false,
      problems: ['There is no account "bolt".'],
    });
    expect(await ask('tax', { asOf: '2999-01-01T00:00:00Z' })).toMatchObject({ ok: false });
  });
});
