import { afterEach, beforeEach, describe, expect, it, jest } from '@jest/globals';
import type pg from 'pg';
import { createRegistry } from '../reconciler/registry.ts';
import type { EngineStore, ObjectStore } from '../reconciler/store.ts';
import { StoreUnavailable } from '../reconciler/store-unavailable.ts';
import { ALL_SHARDS, ANNA, claimsOn, completion, present, ready, wish } from '../test/contracts/store-fixture.ts';
import { TEST_VAULT } from '../test/fixtures/vault.ts';
import { type FlakySocket, flakySocket } from '../test/flaky-socket.ts';
import { type FreshDatabase, freshDatabase } from '../test/postgres.ts';
import { createDatabase } from './database.ts';
import { failureKind } from './failures.ts';
import { createPool } from './pool.ts';
import { statement } from './statement.ts';
import { createStore } from './store.ts';

jest.setTimeout(60_000);

describe('a connection that breaks', () => {
  let fresh: FreshDatabase;
  let wire: FlakySocket;
  let pool: pg.Pool;
  let store: EngineStore & ObjectStore;
  let retries: number;
  beforeEach(async () => {
    fresh = await freshDatabase();
    wire = await flakySocket(fresh.url);
    pool = createPool({ url: wire.url });
    retries = 0;
    store = createStore(
      createDatabase(pool, { onRetry: () => void retries++ }),
      createRegistry([]),
      TEST_VAULT.personal,
    );
  });
  afterEach(async () => {
    await pool.end();
    await wire.close();
    await fresh.drop();
  });

  const create = (name: string) => store.write([{ op: 'create', object: wish({ name }), uniqueKeys: [] }], ANNA);
  const claim = async () =>
    present((await store.claim({ shards: ALL_SHARDS, limit: 1, leaseMs: 30_000, holder: 'one' }))[0]);

  for (const fault of ['lostRequest', 'lostReply'] as const) {
    it(`at a commit (${fault}) writes an object once, and says so`, async () => {
      wire.strike(fault);
      const outcome = await create('web');
      expect(wire.struck()).toBe(1);
      expect(retries).toBe(1);
      if (!outcome.ok) throw new Error('The write should have been repeated or found done.');
      expect(await store.getByUid(outcome.objects.map(({ metadata }) => metadata.uid))).toEqual(outcome.objects);
      expect((await store.audit({ limit: 10 })).items).toHaveLength(1);
    });

    it(`at a commit (${fault}) completes a claim once, and says so`, async () => {
      await create('web');
      const held = await claim();
      const event = { type: 'normal' as const, reason: { code: 'Started', params: {} } };
      wire.strike(fault);
      expect(await store.complete([completion(held, { status: ready(1), events: [event] })])).toEqual(['done']);
      expect(wire.struck()).toBe(1);
      expect((await store.events({ limit: 10 })).items).toHaveLength(1);
      expect(await store.complete([completion(held)])).toEqual(['fenced']);
    });

    it(`at the one statement (${fault}) of a pass that found nothing to do leaves the row at rest either way`, async () => {
      await create('web');
      const held = await claim();
      wire.strike(fault, 'release');
      // Carried out though nobody heard: then the row is no longer this claim's, and that is what the second try says.
      expect(await store.complete([completion(held)])).toEqual([fault === 'lostRequest' ? 'done' : 'fenced']);
      expect(wire.struck()).toBe(1);
      expect(await store.renew([held], 30_000)).toEqual(new Set([held.uid]));
    });

    it(`at a commit (${fault}) reserves once`, async () => {
      await store.setCapacity([{ place: 'h', resource: 'cpu', limit: 10 }]);
      await create('web');
      const held = await claim();
      wire.strike(fault);
      const claims = claimsOn({ places: ['h'], capacity: [{ place: 'h', resource: 'cpu', amount: 3 }] });
      expect(await store.reserve([{ claim: held, claims, incarnation: 0 }])).toMatchObject([
        { outcome: 'reserved', bindings: [{ place: 'h' }] },
      ]);
      expect(await store.capacity()).toMatchObject([{ used: 3 }]);
    });
  }

  it('by the hand of an administrator, in the middle of everything, loses nothing and doubles nothing', async () => {
    const killer = setInterval(() => {
      const kill = `select pg_terminate_backend(pid) from pg_stat_activity
        where datname = current_database() and application_name = 'steward' and pid <> pg_backend_pid() and random() < 0.3`;
      pool.query(kill).catch(() => undefined);
    }, 15);
    const names = Array.from({ length: 60 }, (_, i) => `m-${i}`);
    const outcomes = [];
    for (let i = 0; i < names.length; i += 6) {
      outcomes.push(...(await Promise.all(names.slice(i, i + 6).map(create))));
    }
    clearInterval(killer);
    expect(outcomes.every((outcome) => outcome.ok)).toBe(true);
    expect(await store.countByKind()).toEqual({ Machine: 60 });
    expect((await store.audit({ limit: 100 })).items).toHaveLength(60);
  });
});

describe('a server that only reads', () => {
  const create = (pool: pg.Pool) =>
    createStore(createDatabase(pool, { attempts: 3 }), createRegistry([]), TEST_VAULT.personal).write(
      [{ op: 'create', object: wish({ name: 'web' }), uniqueKeys: [] }],
      ANNA,
    );

  it('is left for the next connection by whoever wanted to write, as after a failover', async () => {
    const fresh = await freshDatabase();
    const pool = createPool({ url: fresh.url, max: 1 });
    await pool.query('set default_transaction_read_only = on');
    expect(await create(pool)).toMatchObject({ ok: true });
    await pool.end();
    await fresh.drop();
  });

  it('is not taken for the primary, also not by those who only read, and said to be what it is', async () => {
    const fresh = await freshDatabase();
    const name = fresh.url.replace(/^.*@\/([^?]*).*$/, '$1');
    const before = createPool({ url: fresh.url, max: 1 });
    await before.query(`alter database ${name} set default_transaction_read_only = on`);
    const pool = createPool({ url: fresh.url });
    await expect(pool.query('select 1')).rejects.toThrow('The server only reads: it is a standby');
    await expect(create(pool)).rejects.toThrow(StoreUnavailable);
    await before.query(`alter database ${name} reset default_transaction_read_only`);
    expect(await create(pool)).toMatchObject({ ok: true });
    await Promise.all([pool.end(), before.end()]);
    await fresh.drop();
  });
});

describe('retries', () => {
  it('are for what may pass, never for what is wrong', () => {
    const coded = (code: string) => Object.assign(new Error('told by the server'), { code });
    expect(failureKind(coded('40P01'))).toBe('refused');
    expect(failureKind(coded('57P01'))).toBe('lost');
    expect(failureKind(coded('ECONNREFUSED'))).toBe('lost');
    expect(['53100', '53300', '25006'].map((code) => failureKind(coded(code)))).toEqual(['lost', 'lost', 'lost']);
    expect(failureKind(new Error('Connection terminated unexpectedly'))).toBe('lost');
    expect(failureKind(coded('23514'))).toBe('final');
    expect(failureKind(new TypeError('a bug'))).toBe('final');
  });

  it('end, and the last error is told', async () => {
    const pool = createPool({ url: 'postgres://nobody:x@/none?host=/nowhere' });
    const database = createDatabase(pool, { attempts: 2 });
    const ended = await database.run(statement('one', 'select 1'), []).catch((error: unknown) => error);
    expect(ended).toBeInstanceOf(StoreUnavailable);
    expect(String(ended)).toContain('ENOENT');
    await pool.end();
  });

  it('leave the connection clean after a statement was refused', async () => {
    const fresh = await freshDatabase();
    const pool = createPool({ url: fresh.url, max: 1 });
    const database = createDatabase(pool);
    const wrong = database.transaction(async (tx) => {
      await tx.run(statement('wrong', 'select 1 / 0'), []);
      return { commit: true, value: null };
    });
    await expect(wrong).rejects.toThrow('division by zero');
    expect(await database.run(statement('right', 'select 1 as one'), [])).toEqual([{ one: 1 }]);
    await pool.end();
    await fresh.drop();
  });
});
