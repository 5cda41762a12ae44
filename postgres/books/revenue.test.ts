import { afterAll, beforeAll, describe, expect, it, jest } from '@jest/globals';
import { parseLocal } from '../../billing/calendar/zone.ts';
import { settleAccount } from '../../billing/loop/account-loop.ts';
import { auditBooks } from '../../billing/loop/audit.ts';
import type { BilledAccount } from '../../billing/settle/books.ts';
import { billed, CATALOG, loaded, wish } from '../../test/contracts/books-fixture.ts';
import { TEST_VAULT } from '../../test/fixtures/vault.ts';
import { type FreshDatabase, freshDatabase } from '../../test/postgres.ts';
import { createDatabase } from '../database.ts';
import { createPool } from '../pool.ts';
import { createBooksReader } from './reader.ts';
import { createBooksStore } from './store.ts';

jest.setTimeout(120_000);

const ZONE = 'Europe/Berlin';
const at = (text: string) => parseLocal(text, ZONE) ?? 0;
const CATALOG_OF_YEARS = [
  ...CATALOG.filter(({ kind }) => kind === 'Meter'),
  wish('Bundle', 'yearly', { charges: [{ name: 'year', type: 'RECURRING', every: 'YEAR' }] }),
  wish('RateCard', 'list', { revisions: [{ from: '2020-01-01', prices: { year: '365.01' } }] }),
];

describe('revenue with time, in PostgreSQL', () => {
  let fresh: FreshDatabase;
  let pool: ReturnType<typeof createPool>;
  let now = at('2026-03-01');
  beforeAll(async () => {
    fresh = await freshDatabase();
    pool = createPool({ url: fresh.url });
  });
  afterAll(async () => {
    await pool.end();
    await fresh.drop();
  });
  const parts = () => {
    const database = createDatabase(pool);
    const store = { ...createBooksStore(database, TEST_VAULT.personal), now: async () => now };
    const account: BilledAccount = { ...billed('acme'), zone: ZONE };
    account.policy = { ...account.policy, recognition: 'DAILY' };
    const own = [wish('Subscription', 'web', { bundle: 'yearly' }, at('2026-03-01'))];
    return {
      store,
      wishes: { of: async () => ({ account, catalog: CATALOG_OF_YEARS, own, recipients: [] }) },
      holds: { obey: async () => undefined },
      passed: async () => undefined,
      reader: createBooksReader(database),
    };
  };
  const settle = (time: string) => {
    now = at(time);
    return settleAccount(parts(), 'acme');
  };
  const ledger = async () => {
    const { rows } = await pool.query(
      `select ledger_account, credit - debit as sum from ledger_balances where account = 'acme' order by 1`,
    );
    return Object.fromEntries(rows.map(({ ledger_account: name, sum }) => [name, `${sum}`]));
  };

  it('defers a year, and recognises the days that a stopped server missed, each with its own transaction', async () => {
    await settle('2026-03-01');
    expect(await ledger()).toEqual({ receivable: '-36501', deferred_revenue: '36501' });
    await settle('2026-03-02T08:00:00');
    await settle('2026-03-31T12:00:00');
    expect(await ledger()).toEqual({ receivable: '-36501', deferred_revenue: '33501', 'revenue:recurring': '3000' });
    const { rows } = await pool.query(`select id from recognitions where account = 'acme' order by at`);
    expect(rows).toHaveLength(30);
    expect(rows.at(-1)?.id).toBe('INV-2026-00001/2026-03-31');
    expect(await settle('2026-03-31T12:00:00')).toEqual({ outcome: 'settled', added: 0 });
  });

  it('reads only the newest of an invoice, and makes the next one due at midnight', async () => {
    const kept = await loaded(parts().store, 'acme');
    expect(kept.recognitions).toMatchObject([{ invoice: 'INV-2026-00001', recognised: 3000n }]);
    const { rows } = await pool.query(`select due_at from books_accounts where account = 'acme'`);
    expect(Number(rows[0]?.due_at)).toBeLessThanOrEqual(at('2026-04-01'));
  });

  it('refuses a day twice, and to change one', async () => {
    const insert = `insert into recognitions (account, version, position, body) select account, version, 99, body from recognitions limit 1`;
    await expect(pool.query(insert)).rejects.toThrow(/duplicate key/);
    await expect(pool.query('delete from recognitions')).rejects.toThrow(/never changed|permission denied/);
  });

  it('is audited: silent while all is well, and told where a day is missing', async () => {
    const { reader, ...loop } = parts();
    expect(await auditBooks(loop, reader)).toEqual([]);
    await pool.query(`alter table recognitions disable trigger kept`);
    const [first] = (await pool.query(`delete from recognitions where id like '%/2026-03-02' returning *`)).rows;
    const found = await auditBooks(loop, reader);
    expect(found.map(({ check }) => check)).toEqual([
      "the ledger's deferred revenue is not what is left of it",
      'more became revenue of an invoice than it deferred',
    ]);
    await pool.query('insert into recognitions (account, version, position, body) values ($1, $2, $3, $4)', [
      first.account,
      first.version,
      first.position,
      first.body,
    ]);
    expect(await auditBooks(loop, reader)).toEqual([]);
  });

  it('comes to the line when the year is over', async () => {
    await settle('2027-02-28T23:00:00');
    await settle('2027-03-01');
    expect(await ledger()).toEqual({
      receivable: '-73002',
      deferred_revenue: '36501',
      'revenue:recurring': '36501',
    });
    const { reader, ...loop } = parts();
    expect(await auditBooks(loop, reader)).toEqual([]);
  });
});
