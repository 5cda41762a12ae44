import { afterEach, beforeEach, describe, expect, it, jest } from '@jest/globals';
import type pg from 'pg';
import { createRegistry } from '../reconciler/registry.ts';
import type { Claim, EngineStore, ObjectStore } from '../reconciler/store.ts';
import { ALL_SHARDS, ANNA, claimsOn, completion, ready, wish } from '../test/contracts/store-fixture.ts';
import { TEST_VAULT } from '../test/fixtures/vault.ts';
import { type FreshDatabase, freshDatabase } from '../test/postgres.ts';
import { createDatabase } from './database.ts';
import { createPool } from './pool.ts';
import { createStore } from './store.ts';

jest.setTimeout(60_000);

type Store = EngineStore & ObjectStore;

describe('three instances on one database', () => {
  let fresh: FreshDatabase;
  let pools: pg.Pool[];
  let stores: Store[];
  beforeEach(async () => {
    fresh = await freshDatabase();
    pools = [1, 2, 3].map(() => createPool({ url: fresh.url, max: 4 }));
    stores = pools.map((pool) => createStore(createDatabase(pool), createRegistry([]), TEST_VAULT.personal));
  });
  afterEach(async () => {
    await Promise.all(pools.map((pool) => pool.end()));
    await fresh.drop();
  });

  async function create(count: number): Promise<void> {
    const writes = Array.from({ length: count }, (_, i) => ({
      op: 'create' as const,
      object: wish({ name: `m-${i}` }),
      uniqueKeys: [],
    }));
    await stores[0]?.write(writes, ANNA);
  }

  const claim = (store: Store, holder: string, leaseMs = 30_000) =>
    store.claim({ shards: ALL_SHARDS, limit: 10, leaseMs, holder });

  it('share the work: everything is claimed once, whoever claims', async () => {
    await create(300);
    const taken: Claim[] = [];
    await Promise.all(
      stores.flatMap((store, index) =>
        [1, 2].map(async (worker) => {
          for (;;) {
            const claims = await claim(store, `${index}-${worker}`);
            if (claims.length === 0) return;
            taken.push(...claims);
            const results = await store.complete(claims.map((held) => completion(held)));
            expect(results.every((result) => result === 'done')).toBe(true);
          }
        }),
      ),
    );
    const rest = (await Promise.all(stores.map((store) => claim(store, 'rest')))).flat();
    expect(new Set([...taken, ...rest].map(({ uid }) => uid)).size).toBe(300);
    expect(taken.length + rest.length).toBe(300);
  });

  it('refuse what a zombie writes, whole', async () => {
    await create(20);
    const [zombie, heir] = stores as [Store, Store];
    await zombie.setCapacity([{ place: 'h', resource: 'cpu', limit: 100 }]);
    const old = await zombie.claim({ shards: ALL_SHARDS, limit: 20, leaseMs: 1, holder: 'zombie' });
    const fresh_: Claim[] = [];
    while (fresh_.length < 20) fresh_.push(...(await claim(heir, 'heir')));
    const event = { type: 'warning' as const, reason: { code: 'FromTheDead', params: {} } };
    const capacity = claimsOn({ capacity: [{ place: 'h', resource: 'cpu', amount: 1 }] });
    const [completed, reserved, lost] = await Promise.all([
      zombie.complete(old.map((held) => completion(held, { status: ready(9), events: [event], remove: true }))),
      zombie.reserve(old.map((held) => ({ claim: held, claims: capacity, incarnation: 0 }))),
      zombie.renew(old, 30_000),
    ]);
    expect(completed.every((result) => result === 'fenced')).toBe(true);
    expect(reserved.every((result) => result.outcome === 'fenced')).toBe(true);
    expect(lost.size).toBe(20);
    expect((await heir.events({ limit: 10 })).items).toEqual([]);
    expect(await heir.capacity()).toMatchObject([{ used: 0 }]);
    const results = await heir.complete(fresh_.map((held) => completion(held, { status: ready(1) })));
    expect(results.every((result) => result === 'done')).toBe(true);
  });

  it('complete the others though the database refuses one of a batch', async () => {
    await create(3);
    const [store] = stores as [Store];
    const claims = await claim(store, 'one');
    const poison = { meter: 'cpu', level: 1e300, attributes: {}, runId: null };
    const batch = claims.map((held, index) =>
      completion(held, index === 1 ? { journal: [poison] } : { status: ready(1) }),
    );
    await expect(store.complete(batch)).rejects.toThrow('out of range');
    const objects = await store.getByUid(claims.map(({ uid }) => uid));
    expect(objects.map((object) => object?.status.observedGeneration)).toEqual([1, 0, 1]);
  });

  it('keep what the world says although it holds what no database stores', async () => {
    await create(1);
    const [store] = stores as [Store];
    const [held] = await claim(store, 'one');
    if (!held) throw new Error('The new object is due.');
    const event = { type: 'warning' as const, reason: { code: 'Garbled', params: { said: 'a\0b\ud800' } } };
    expect(await store.complete([completion(held, { events: [event] })])).toEqual(['done']);
    expect((await store.events({ limit: 1 })).items[0]?.row.reason.params).toEqual({ said: 'a\ufffdb\ufffd' });
    expect(await store.getByUid(['a\0b'])).toEqual([undefined]);
  });

  it('write, reserve, complete and wake across each other without a deadlock that shows', async () => {
    await create(40);
    await stores[0]?.setCapacity([1, 2, 3].map((n) => ({ place: `h-${n}`, resource: 'cpu', limit: 1_000 })));
    const storm = async (store: Store, holder: string): Promise<number> => {
      let done = 0;
      for (let round = 0; round < 15; round++) {
        const claims = await claim(store, holder);
        const places = [`h-${1 + (round % 3)}`, `h-${1 + ((round + 1) % 3)}`];
        await store.reserve(
          claims.map((held, index) => ({
            claim: held,
            claims: claimsOn({
              places,
              capacity: places.map((place) => ({ place, resource: 'cpu', amount: 1 + (index % 3) })),
            }),
            incarnation: 0,
          })),
        );
        const results = await store.complete(
          claims.map((held) => completion(held, { status: ready(round), dueAt: 0 })),
        );
        done += results.filter((result) => result === 'done').length;
        await store.wake(claims.map(({ uid }) => uid).reverse());
        await store.wakePlace(places[0] ?? '');
      }
      return done;
    };
    const done = await Promise.all(
      stores.flatMap((store, index) => ['x', 'y'].map((worker) => storm(store, `${index}${worker}`))),
    );
    expect(done.reduce((total, count) => total + count, 0)).toBeGreaterThan(100);
    const { rows } = await (pools[0] as pg.Pool).query(
      `select c.place, c.used, coalesce(sum(a.amount), 0)::bigint as claimed from capacity c
       left join capacity_claims a using (place, resource) group by c.place, c.used`,
    );
    for (const { used, claimed } of rows) expect(used).toBe(claimed);
  });
});
