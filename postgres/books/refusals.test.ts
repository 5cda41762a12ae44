import { afterAll, beforeAll, describe, expect, it, jest } from '@jest/globals';
import { unchanged } from '../../billing/loop/parked.ts';
import type { Facts } from '../../billing/settle/books.ts';
import { loaded, passOnce } from '../../test/contracts/books-fixture.ts';
import { TEST_VAULT } from '../../test/fixtures/vault.ts';
import { type FreshDatabase, freshDatabase } from '../../test/postgres.ts';
import { createDatabase } from '../database.ts';
import { createPool } from '../pool.ts';
import { createBooksReader } from './reader.ts';
import { createBooksStore } from './store.ts';

jest.setTimeout(120_000);

/** Whatever the code above does wrong, and whoever types into the database: these are refused by the database itself. */
describe('what the database refuses', () => {
  let fresh: FreshDatabase;
  let pool: ReturnType<typeof createPool>;
  beforeAll(async () => {
    fresh = await freshDatabase();
    pool = createPool({ url: fresh.url });
    const store = createBooksStore(createDatabase(pool), TEST_VAULT.personal);
    await passOnce(store, await loaded(store, 'acme'), { now: await store.now() });
  });
  afterAll(async () => {
    await pool.end();
    await fresh.drop();
  });
  const store = () => createBooksStore(createDatabase(pool), TEST_VAULT.personal);
  const commit = async (facts: Partial<Facts>) => {
    const { version } = await loaded(store(), 'acme');
    return store().commit({ ...unchanged({ account: 'acme', version }), currency: 'EUR', facts });
  };
  const invoice = async () => {
    const [found] = (await loaded(store(), 'acme')).invoices;
    if (found === undefined) throw new Error('there is no invoice');
    return found;
  };

  it.each([
    'invoices',
    'rated_lines',
    'ledger_transactions',
    'ledger_entries',
    'billing_events',
    'subscription_events',
    'credit_notes',
    'payments',
  ])('changing or deleting rows of %s, even for its owner', async (table) => {
    const column = table === 'ledger_entries' ? 'minor = 1' : "account = 'other'";
    await expect(pool.query(`update ${table} set ${column}`)).rejects.toThrow(/never changed|permission denied/);
    await expect(pool.query(`delete from ${table}`)).rejects.toThrow(/never changed|permission denied/);
    await expect(pool.query(`truncate ${table} cascade`)).rejects.toThrow(/never changed|permission denied/);
  });

  it('a transaction of the ledger that is out of balance', async () => {
    const ledger = [
      {
        id: 'invoice/X',
        bookedAt: 1,
        entries: [
          { account: 'receivable', side: 'DEBIT' as const, minor: 5n },
          { account: 'tax_payable', side: 'CREDIT' as const, minor: 4n },
        ],
      },
    ];
    await expect(commit({ ledger })).rejects.toThrow(/out of balance by 1/);
  });

  it('posting a cause twice, and credit below nothing', async () => {
    const { number } = await invoice();
    const entries = [
      { account: 'receivable', side: 'DEBIT' as const, minor: 1n },
      { account: 'customer_credit', side: 'CREDIT' as const, minor: 1n },
    ];
    await expect(commit({ ledger: [{ id: `invoice/${number}`, bookedAt: 1, entries }] })).rejects.toThrow(
      /duplicate key/,
    );
    const spent = [
      { account: 'receivable', side: 'CREDIT' as const, minor: 1n },
      { account: 'customer_credit', side: 'DEBIT' as const, minor: 1n },
    ];
    await expect(commit({ ledger: [{ id: 'settlement/x', bookedAt: 1, entries: spent }] })).rejects.toThrow(
      /liabilities_are_not_overdrawn/,
    );
  });

  it('an invoice that does not add up, and a number that no counter gave', async () => {
    const found = await invoice();
    const insert = (n: number, body: string) =>
      pool.query(
        `insert into invoices (account, version, position, series, year, n, currency, body)
        select account, 99, ${n}, series, year, ${n}, currency, ${body} from invoices where number = $1`,
        [found.number],
      );
    const renamed = `body || '{"number": "INV-X"}'`;
    await expect(insert(77, `${renamed} || '{"total": "2999n"}'`)).rejects.toThrow(/parts_make_the_total/);
    await expect(insert(77, `${renamed} || '{"subtotal": "1n"}'`)).rejects.toThrow(/lines_make_the_subtotal/);
    await expect(insert(77, `${renamed} || '{"wallet": "3001n"}'`)).rejects.toThrow(/due_is_not_negative/);
    await expect(insert(1, renamed)).rejects.toThrow(/duplicate key/);
  });

  it('more credit for a line than it charged', async () => {
    const { number, lines } = await invoice();
    const note = {
      number: '§credit-note:2026:000000001§',
      invoice: number,
      issuedAt: 1,
      lines: [{ id: 'x/1', corrects: lines[0]?.id ?? '', gross: 3001n, net: 3001n }],
      taxes: [],
      subtotal: 3001n,
      tax: 0n,
      total: 3001n,
      reason: 'test',
    };
    const { version } = await loaded(store(), 'acme');
    const change = {
      ...unchanged({ account: 'acme', version }),
      currency: 'EUR',
      facts: { creditNotes: [note as never] },
      numbers: [{ series: { name: 'credit-note', format: 'CN-{year}-{n}', yearly: true }, year: 2026, count: 1 }],
    };
    await expect(store().commit(change)).rejects.toThrow(/credits_fit_the_line/);
    // Nothing of it is there, and its number was not used.
    expect(await createBooksReader(createDatabase(pool)).audit(await store().now())).toEqual([]);
  });

  it('windows that overlap, and usage that is changed afterwards', async () => {
    const insert = (id: string, from: number, to: number) =>
      pool.query(
        `insert into usage_windows (source, id, account, meter, resource, from_at, to_at, quantity, attributes, recorded_at)
        values ('journal', $1, 'acme', 'vm.running', 'vm-1', $2, $3, 1, '{}', 1)`,
        [id, from, to],
      );
    await insert('a', 0, 10);
    await insert('b', 10, 20);
    await expect(insert('c', 5, 15)).rejects.toThrow(/windows_never_overlap/);
    await expect(pool.query('update usage_windows set quantity = 2')).rejects.toThrow(/usage is a fact/);
    await expect(pool.query('delete from usage_windows')).rejects.toThrow(/usage is a fact/);
  });
});
