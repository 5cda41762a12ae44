import { afterAll, beforeAll, describe, expect, it, jest } from '@jest/globals';
import { type LoopPorts, settleAccount, settleDue } from '../../billing/loop/account-loop.ts';
import { auditBooks } from '../../billing/loop/audit.ts';
import { billed, CATALOG, DAY, HOUR, loaded, RULES, SUBSCRIPTION, usage } from '../../test/contracts/books-fixture.ts';
import { TEST_VAULT } from '../../test/fixtures/vault.ts';
import { type FlakySocket, flakySocket } from '../../test/flaky-socket.ts';
import { type FreshDatabase, freshDatabase } from '../../test/postgres.ts';
import { createDatabase } from '../database.ts';
import { createPool } from '../pool.ts';
import { createBooksReader } from './reader.ts';
import { createBooksStore } from './store.ts';

jest.setTimeout(180_000);

/** The wire breaks before and after every commit, workers race, and everything is sent again: the books are as if nothing had happened. */
describe('books on a wire that breaks', () => {
  let fresh: FreshDatabase;
  let wire: FlakySocket;
  let pool: ReturnType<typeof createPool>;
  let offset = 0;
  beforeAll(async () => {
    fresh = await freshDatabase();
    wire = await flakySocket(fresh.url);
    pool = createPool({ url: wire.url });
  });
  afterAll(async () => {
    await pool.end();
    await wire.close();
    await fresh.drop();
  });

  const store = () => createBooksStore(createDatabase(pool), TEST_VAULT.personal);
  const ports = (): LoopPorts => ({
    store: store(),
    wishes: {
      of: async (name) => ({
        account: billed(name),
        catalog: CATALOG,
        own: SUBSCRIPTION,
        recipients: ['a@acme.example'],
      }),
    },
    holds: { obey: async () => undefined },
    passed: async () => undefined,
  });
  const advance = async (ms: number) => {
    offset += ms;
    await pool.query(
      `create or replace function clock_offset_ms() returns bigint language sql stable parallel safe as $$ select ${offset}::bigint $$`,
    );
  };
  const fail = (_account: string, error: unknown) => {
    throw error;
  };
  const findings = () => auditBooks(ports(), createBooksReader(createDatabase(pool)));
  it.each(['lostRequest', 'lostReply'] as const)(
    'every commit of a month with a %s: one invoice, one number, one letter, each window once',
    async (fault) => {
      const account = `acme-${fault}`;
      for (let step = 0; step < 4; step += 1) {
        const now = await store().now();
        const window = usage(`${account}-u${step}`, { from: now - HOUR, to: now, resource: account });
        wire.strike(fault);
        expect(await store().ingest([{ source: 'meterd', account, window }], RULES)).toHaveLength(1);
        wire.strike(fault);
        expect(await settleDue(ports(), { limit: 10, leaseMs: 30_000 }, fail)).toBeGreaterThanOrEqual(1);
        if (step < 3) await advance(11 * DAY);
      }
      const kept = await loaded(store(), account);
      expect(kept.usage).toHaveLength(4);
      expect(kept.invoices).toHaveLength(2);
      const { rows } = await pool.query('select event from mail_outbox where account = $1', [account]);
      expect(rows).toHaveLength(2);
      expect(await findings()).toEqual([]);
      expect(wire.struck()).toBeGreaterThanOrEqual(4);
    },
  );

  it('eight workers on one account, and many accounts among four workers, while the wire breaks', async () => {
    const one = await Promise.all(Array.from({ length: 8 }, () => settleAccount(ports(), 'raced')));
    expect(one.filter(({ outcome }) => outcome === 'settled').length).toBeGreaterThanOrEqual(1);
    expect((await loaded(store(), 'raced')).invoices).toHaveLength(1);
    const names = Array.from({ length: 20 }, (_, index) => `many-${index}`);
    await store().wake(names);
    const errors: unknown[] = [];
    const worker = async () => {
      for (let rounds = 0; rounds < 12; rounds += 1) {
        if (rounds % 3 === 0) wire.strike(rounds % 2 === 0 ? 'lostReply' : 'lostRequest');
        await settleDue(ports(), { limit: 3, leaseMs: 30_000 }, (_account, error) => errors.push(error));
      }
    };
    await Promise.all([worker(), worker(), worker(), worker()]);
    expect(errors).toEqual([]);
    const invoices = (await store().load(names)).map((kept) => kept.invoices.length);
    expect(invoices).toEqual(names.map(() => 1));
    // Numbers without gaps among them: the audit looks.
    expect(await findings()).toEqual([]);
  });

  it('an account that is poisoned is parked, and its neighbours are billed', async () => {
    const poisoned: LoopPorts = {
      ...ports(),
      wishes: {
        of: async (name) => {
          const account = billed(name);
          // No such zone: every look at a calendar throws.
          return {
            account: name === 'bad' ? { ...account, zone: 'No/Where' } : account,
            catalog: CATALOG,
            own: SUBSCRIPTION,
            recipients: [],
          };
        },
      },
    };
    await store().wake(['bad', 'good']);
    const errors: unknown[] = [];
    await settleDue(poisoned, { limit: 500, leaseMs: 30_000 }, (_account, error) => errors.push(error));
    const [bad, good] = await store().load(['bad', 'good']);
    expect(errors).toEqual([]);
    expect(bad?.parked).toMatch(/^Failed: /);
    expect(good?.invoices).toHaveLength(1);
    expect((await findings()).map(({ check, account }) => [check, account])).toEqual([['an account is parked', 'bad']]);
    await store().wake(['bad']);
    expect(await settleAccount(ports(), 'bad')).toMatchObject({ outcome: 'settled' });
    expect(await findings()).toEqual([]);
  });
});
