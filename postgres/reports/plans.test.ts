import { afterAll, beforeAll, describe, expect, it, jest } from '@jest/globals';
import type pg from 'pg';
import { REPORT_NAMES, type ReportName } from '../../billing/report/definitions.ts';
import type { FactQuery } from '../../billing/report/facts.ts';
import { type FreshDatabase, freshDatabase } from '../../test/postgres.ts';
import { createDatabase } from '../database.ts';
import { createPool } from '../pool.ts';
import { parameters } from '../statement.ts';
import { createReportFacts, valuesOf } from './facts.ts';
import { factsOf } from './statements.ts';

jest.setTimeout(300_000);

const MONTH_MS = 2_592_000_000;
const START = Date.parse('2020-01-01T00:00:00Z');
/** Tables that grow for as long as something is sold. */
const GROWING = [
  'invoices',
  'credit_notes',
  'rated_lines',
  'settlements',
  'usage_windows',
  'recognitions',
  'subscription_events',
];

/** Five years of 100 accounts, an invoice a month each of 17 lines: 100,000 lines. */
const FILL = `
  set session_replication_role = replica;
  insert into report_accounts select 'u' || a, 'a' || a, ${START}, 'retail', 'retail', 'direct' from generate_series(1, 100) a;
  insert into invoices (account, version, position, series, year, n, currency, body)
  select 'a' || a, m, 0, 's', 2020, m * 1000 + a, 'EUR', jsonb_build_object(
    'number', 'I-' || a || '-' || m, 'issuedAt', ${START} + m * ${MONTH_MS}, 'dueAt', ${START} + m * ${MONTH_MS} + 86400000,
    'subtotal', '1700n', 'discount', '0n', 'tax', '323n', 'total', '2023n', 'credits', '0n', 'wallet', '0n',
    'lines', (select jsonb_agg(jsonb_build_object('id', 'I-' || a || '-' || m || '/' || l, 'amount', '100n', 'discounts', '[]'::jsonb)) from generate_series(1, 17) l),
    'taxes', '[{"net": "1700n", "tax": "323n", "inclusive": false, "jurisdiction": "DE", "taxCode": "*", "category": "S", "rate": {"num": "19n", "den": "1n"}, "shares": {"$map": []}}]'::jsonb)
  from generate_series(1, 100) a, generate_series(0, 59) m;
  insert into rated_lines
  select account, number || '/' || l, number, account || number || l, 'sub', 'c', 'p' || l, 'USAGE', 'r', issued_at, issued_at, issued_at - 1000, issued_at, 1, 100, 'EUR', null
  from invoices, generate_series(1, 17) l;
  insert into subscription_events select 'a' || a, 'sub', 0, jsonb_build_object('type', 'CREATE', 'at', ${START} - 100000, 'bundle', 'starter') from generate_series(1, 100) a;
  insert into settlements (account, version, position, body)
  select account, version, 0, jsonb_build_object('id', number, 'invoice', number, 'at', issued_at + 1000, 'kind', 'PAYMENT', 'amount', '2023n')
  from invoices where version < 58;
  insert into recognitions (account, version, position, body)
  select account, version, 1, jsonb_build_object('id', number, 'invoice', number, 'at', issued_at + 1000, 'amount', '1n', 'recognised', '1n') from invoices;
  insert into ledger_balances select 'a' || a, 'receivable', 2023, case when a < 5 then 0 else 2023 end from generate_series(1, 100) a;
  insert into usage_windows (source, id, account, meter, resource, from_at, to_at, quantity, attributes, recorded_at)
  select 'journal', number || '/' || w, account, 'vm.running', number || '/' || w, issued_at + w * 1000, issued_at + w * 1000 + 500, 1, '{}', issued_at
  from invoices, generate_series(1, 5) w;
  set session_replication_role = origin;
  analyze;`;

describe('reports over 100,000 lines', () => {
  let fresh: FreshDatabase;
  let pool: pg.Pool;
  beforeAll(async () => {
    fresh = await freshDatabase();
    pool = createPool({ url: fresh.url });
    await pool.query(FILL);
  });
  afterAll(async () => {
    await pool.end();
    await fresh.drop();
  });

  const query = (name: ReportName): FactQuery => {
    const asOf = START + 60 * MONTH_MS;
    const month = { from: START + 30 * MONTH_MS, to: START + 31 * MONTH_MS };
    const accounts = name === 'customer-activity' ? ['a7'] : null;
    const rates = [{ id: 'r', currency: 'USD', from: 0, to: asOf }];
    return { ...month, asOf, zone: 'Europe/Berlin', accounts, channel: null, rates };
  };

  it.each(REPORT_NAMES)('%s reads no more of them than a month needs', async (name) => {
    const { text } = factsOf(name);
    const { rows } = await pool.query(`explain (analyze, format json) ${text}`, parameters(valuesOf(query(name))));
    const read = new Map<string, number>();
    rowsRead(rows[0]['QUERY PLAN'][0].Plan, read);
    for (const table of GROWING) {
      const { rows: counted } = await pool.query(`select count(*)::int as all from ${table}`);
      expect({ table, much: (read.get(table) ?? 0) > Math.max(2_000, counted[0].all / 10) }).toEqual({
        table,
        much: false,
      });
    }
    const found = await createReportFacts(createDatabase(pool)).read(name, query(name));
    if (name !== 'new-customer-registrations') expect(found.length).toBeGreaterThan(0);
  });

  it('a customer’s own is read by the customer', async () => {
    const { text } = factsOf('usage-per-product');
    const own = { ...query('usage-per-product'), accounts: ['a7'] };
    const { rows } = await pool.query(`explain (format json) ${text}`, parameters(valuesOf(own)));
    expect(JSON.stringify(rows)).toContain('rated_lines_by_account');
  });
});

interface PlanNode {
  'Relation Name'?: string;
  'Actual Rows': number;
  'Actual Loops': number;
  'Rows Removed by Filter'?: number;
  'Rows Removed by Index Recheck'?: number;
  Plans?: PlanNode[];
}

/** What each table gave, and what was looked at and thrown away. */
function rowsRead(node: PlanNode, read: Map<string, number>): void {
  const table = node['Relation Name'];
  const each =
    node['Actual Rows'] + (node['Rows Removed by Filter'] ?? 0) + (node['Rows Removed by Index Recheck'] ?? 0);
  if (table !== undefined) read.set(table, (read.get(table) ?? 0) + each * node['Actual Loops']);
  for (const below of node.Plans ?? []) rowsRead(below, read);
}
