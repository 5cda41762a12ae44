import { afterAll, beforeAll, describe, expect, it, jest } from '@jest/globals';
import { monthOf } from '../../billing/document/document.ts';
import { settleAccount } from '../../billing/loop/account-loop.ts';
import { auditBooks } from '../../billing/loop/audit.ts';
import { bookedSpend } from '../../billing/settle/spend.ts';
import { billed, CATALOG, loaded, wish } from '../../test/contracts/books-fixture.ts';
import { TEST_VAULT } from '../../test/fixtures/vault.ts';
import { type FreshDatabase, freshDatabase } from '../../test/postgres.ts';
import { createDatabase } from '../database.ts';
import { createPool } from '../pool.ts';
import { createBooksReader } from './reader.ts';
import { createBooksStore } from './store.ts';

jest.setTimeout(120_000);

const START = Date.UTC(2026, 2, 1);

describe('spend counters, in PostgreSQL', () => {
  let fresh: FreshDatabase;
  let pool: ReturnType<typeof createPool>;
  let now = START;
  let own = [
    wish('Subscription', 'web', { bundle: 'starter', user: 'anna' }),
    wish('Subscription', 'db', { bundle: 'starter' }),
  ];
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
    return {
      store,
      wishes: { of: async () => ({ account: billed('acme'), catalog: CATALOG, own, recipients: [] }) },
      holds: { obey: async () => undefined },
      passed: async () => undefined,
      reader: createBooksReader(database),
    };
  };
  const settle = (at: number) => {
    now = at;
    return settleAccount(parts(), 'acme');
  };
  const spend = () => parts().reader.spend('acme');

  it('move with the lines that are booked, by user and month, and say as of when', async () => {
    expect(await spend()).toEqual({ asOf: null, months: [] });
    await settle(START);
    expect(await spend()).toEqual({
      asOf: START,
      months: [
        { user: 'anna', month: '2026-03', amount: 3000n },
        { user: null, month: '2026-03', amount: 3000n },
      ],
    });
    await settle(START);
    expect((await spend()).months).toHaveLength(2);
  });

  it('stay with who used it when another does, and fall with what is credited', async () => {
    const april = Date.UTC(2026, 3, 1);
    own = [
      wish('Subscription', 'web', { bundle: 'starter', user: 'berta' }),
      wish('Subscription', 'db', { bundle: 'starter' }),
    ];
    await settle(april);
    own = own.slice(0, 1);
    await settle(april + 15 * 86_400_000);
    expect(await spend()).toEqual({
      asOf: april + 15 * 86_400_000,
      months: [
        { user: 'berta', month: '2026-04', amount: 3000n },
        { user: null, month: '2026-04', amount: 1500n },
        { user: 'anna', month: '2026-03', amount: 3000n },
        { user: null, month: '2026-03', amount: 3000n },
      ],
    });
    expect((await spend()).months).toEqual(bookedSpend(await loaded(parts().store, 'acme')));
  });

  it('begin with what older versions billed, whose lines name no month', async () => {
    const sums = (from: string) => pool.query(`select * from ${from} order by month, "user"`);
    expect((await sums('spend_of_lines')).rows).toEqual((await sums('spend_counters')).rows);
    const from = Date.UTC(2026, 2, 31, 22, 30);
    for (const zone of ['Europe/Berlin', 'America/New_York', null]) {
      const { rows } = await pool.query('select service_month($1, $2) as month', [{ from }, zone]);
      expect(rows).toEqual([{ month: monthOf({ from }, zone ?? undefined) }]);
    }
    expect(monthOf({ from }, 'Europe/Berlin')).toBe('2026-04');
  });

  it('are audited against the lines', async () => {
    const { reader, ...loop } = parts();
    expect(await auditBooks(loop, reader)).toEqual([]);
    await pool.query(`update spend_counters set amount = amount + 1 where "user" = 'berta'`);
    expect(await auditBooks(loop, reader)).toEqual([
      {
        check: 'a spend counter is not what its lines come to',
        account: 'acme',
        detail: '2026-04 of berta: 3001 instead of 3000',
      },
    ]);
  });
});
