import { afterEach, beforeEach, describe, expect, it, jest } from '@jest/globals';
import type pg from 'pg';
import type { StoredObject } from '../reconciler/object.ts';
import { createRegistry } from '../reconciler/registry.ts';
import type { EngineStore, ObjectStore, WriteOutcome } from '../reconciler/store.ts';
import { ALL_SHARDS, ANNA, completion, wish } from '../test/contracts/store-fixture.ts';
import { TEST_VAULT } from '../test/fixtures/vault.ts';
import { type FreshDatabase, freshDatabase } from '../test/postgres.ts';
import { createDatabase } from './database.ts';
import { createPool } from './pool.ts';
import { createStore } from './store.ts';

jest.setTimeout(120_000);

type Store = EngineStore & ObjectStore;

describe('quotas on PostgreSQL, with three instances', () => {
  let fresh: FreshDatabase;
  let pools: pg.Pool[];
  let stores: Store[];
  let store: Store;
  beforeEach(async () => {
    fresh = await freshDatabase();
    pools = [1, 2, 3].map(() => createPool({ url: fresh.url, max: 6 }));
    stores = pools.map((pool) => createStore(createDatabase(pool), createRegistry([]), TEST_VAULT.personal));
    store = stores[0] as Store;
  });
  afterEach(async () => {
    await Promise.all(pools.map((pool) => pool.end()));
    await fresh.drop();
  });

  const counted = (
    name: string,
    more: { amounts?: Record<string, number>; account?: string; project?: string; ownerUid?: string } = {},
  ): StoredObject => {
    const object = wish({ name });
    const { amounts = { virtualMachines: 1 }, account = 'acme', project = 'shop', ownerUid = null } = more;
    return { ...object, metadata: { ...object.metadata, account, project, amounts, ownerUid } };
  };
  const quota = (spec: StoredObject['spec'], name = 'q'): StoredObject => {
    const object = wish({ kind: 'Quota', name, spec });
    return { ...object, metadata: { ...object.metadata, project: null, account: null } };
  };
  const create = (to: Store, ...objects: StoredObject[]): Promise<WriteOutcome> =>
    to.write(
      objects.map((object) => ({ op: 'create', object, uniqueKeys: [] })),
      ANNA,
    );
  const usage = async () => {
    const { rows } = await (pools[0] as pg.Pool).query(
      'select scope, resource, wished, ceiling, used from quota_usage order by 1, 2',
    );
    return rows.map((row) => [row.scope, row.resource, Number(row.wished), Number(row.ceiling), Number(row.used)]);
  };
  const reset = (to: Store, object: StoredObject, more: Partial<StoredObject>): Promise<WriteOutcome> =>
    to.write(
      [{ op: 'update', object: { ...object, ...more }, expect: object.metadata.resourceVersion, uniqueKeys: [] }],
      ANNA,
    );

  it('200 applies at once, at a quota of 20, admit exactly 20', async () => {
    await create(store, quota({ account: 'acme', limits: { virtualMachines: 20 } }));
    const outcomes = await Promise.all(
      Array.from({ length: 200 }, (_, index) => create(stores[index % 3] as Store, counted(`vm-${index}`))),
    );
    expect(outcomes.filter(({ ok }) => ok)).toHaveLength(20);
    const refusals = outcomes.flatMap((outcome) => (outcome.ok ? [] : [outcome]));
    expect(new Set(refusals.map(({ failure }) => failure))).toEqual(new Set(['quota']));
    expect(refusals[0]?.detail).toBe('The quota of 20 virtualMachines of account acme has no room for this.');
    expect(await usage()).toEqual([['account/acme', 'virtualMachines', 20, 20, 20]]);
    expect((await store.list({ kind: 'Machine', orderBy: 'name', limit: 500 })).items).toHaveLength(20);
  });

  it('60 users at once, of a type of account with 7 seats, come to exactly 7, whoever moves in', async () => {
    const global = (kind: string, name: string, spec: StoredObject['spec']): StoredObject => {
      const object = wish({ kind, name, spec });
      return { ...object, metadata: { ...object.metadata, project: null, account: null } };
    };
    const user = (name: string, account: string) => global('User', name, { account });
    await create(
      store,
      global('AccountType', 'retail', { maxUsers: 7 }),
      global('Account', 'acme', { type: 'retail' }),
    );
    await create(store, global('Account', 'bolt', {}));
    const outcomes = await Promise.all(
      Array.from({ length: 60 }, (_, index) => create(stores[index % 3] as Store, user(`u-${index}`, 'acme'))),
    );
    expect(outcomes.filter(({ ok }) => ok)).toHaveLength(7);
    expect(outcomes.find(({ ok }) => !ok)).toMatchObject({
      failure: 'quota',
      detail: 'The quota of 7 users of account acme has no room for this.',
    });
    const made = await create(store, user('other', 'bolt'));
    const other = made.ok ? (made.objects[0] as StoredObject) : wish({ name: 'none' });
    expect(await reset(store, other, { spec: { account: 'acme' } })).toMatchObject({ failure: 'quota' });
    expect(await reset(store, other, { spec: { account: 'bolt', locale: 'de' } })).toMatchObject({ ok: true });
  });

  it('all of a batch fits, or nothing of it is written', async () => {
    await create(store, quota({ project: 'shop', limits: { cpus: 10 } }));
    const of = (name: string, cpus: number) => counted(name, { amounts: { cpus } });
    expect(await create(store, of('a', 6), of('b', 5))).toMatchObject({ ok: false, failure: 'quota' });
    expect(await usage()).toEqual([['project/shop', 'cpus', 10, 10, 0]]);
    expect(await create(store, of('a', 6), of('b', 4))).toMatchObject({ ok: true });
    expect(await create(store, counted('elsewhere', { amounts: { cpus: 99 }, project: 'other' }))).toMatchObject({
      ok: true,
    });
  });

  it('every quota that holds a thing must have room, up to the top of the tree of domains', async () => {
    const object = (kind: string, name: string, spec: StoredObject['spec']) => {
      const made = wish({ kind, name, spec });
      return { ...made, metadata: { ...made.metadata, project: null, account: null } };
    };
    await create(
      store,
      object('Domain', 'top', {}),
      object('Domain', 'branch', { parent: 'top' }),
      object('Account', 'acme', { domain: 'branch' }),
      object('Account', 'bolt', { domain: 'top' }),
      quota({ domain: 'top', limits: { virtualMachines: 2 } }, 'top'),
      quota({ account: 'acme', limits: { virtualMachines: 9 } }, 'acme'),
    );
    expect(await create(store, counted('a'))).toMatchObject({ ok: true });
    expect(await create(store, counted('b', { account: 'bolt', project: 'bolts' }))).toMatchObject({ ok: true });
    expect(await create(store, counted('c'))).toMatchObject({
      ok: false,
      detail: expect.stringContaining('domain top'),
    });
  });

  it('a limit below what is there destroys nothing and lets nothing grow; what shrinks frees its room', async () => {
    const made = await create(store, counted('a', { amounts: { cpus: 4 } }), counted('b', { amounts: { cpus: 4 } }));
    await create(store, quota({ account: 'acme', limits: { cpus: 2 } }));
    expect(await usage()).toEqual([['account/acme', 'cpus', 2, 8, 8]]);
    const [a] = made.ok ? made.objects : [];
    if (!a) throw new Error('a was not made');
    const sized = (object: StoredObject, cpus: number) => ({ metadata: { ...object.metadata, amounts: { cpus } } });
    expect(await reset(store, a, sized(a, 5))).toMatchObject({ ok: false, failure: 'quota' });
    const smaller = await reset(store, a, sized(a, 1));
    expect(smaller.ok).toBe(true);
    expect(await usage()).toEqual([['account/acme', 'cpus', 2, 5, 5]]);
    const [again] = smaller.ok ? smaller.objects : [];
    expect(await reset(store, again as StoredObject, sized(again as StoredObject, 2))).toMatchObject({ ok: false });
  });

  it('what a controller makes is counted and never refused', async () => {
    await create(store, quota({ account: 'acme', limits: { volumes: 1 } }));
    const child = (name: string) => counted(name, { amounts: { volumes: 1 }, ownerUid: 'some-machine' });
    expect(await create(store, child('a'), child('b'))).toMatchObject({ ok: true });
    expect(await usage()).toEqual([['account/acme', 'volumes', 1, 2, 2]]);
    expect(await create(store, counted('c', { amounts: { volumes: 1 } }))).toMatchObject({
      ok: false,
      failure: 'quota',
    });
  });

  it('a thing frees its room when it is gone, and a quota its hold when it is', async () => {
    const made = await create(store, quota({ account: 'acme', limits: { virtualMachines: 1 } }), counted('a'));
    expect(await create(store, counted('b'))).toMatchObject({ ok: false });
    const uids = made.ok ? made.objects.map(({ metadata }) => metadata.uid) : [];
    const claims = await store.claim({ shards: ALL_SHARDS, limit: 10, leaseMs: 30_000, holder: 'a' });
    const remove = (uid: string | undefined) =>
      store.complete(claims.filter((claim) => claim.uid === uid).map((claim) => completion(claim, { remove: true })));
    expect(await remove(uids[1])).toEqual(['done']);
    expect(await usage()).toEqual([['account/acme', 'virtualMachines', 1, 1, 0]]);
    expect(await create(store, counted('b'))).toMatchObject({ ok: true });
    expect(await create(store, counted('c'))).toMatchObject({ ok: false });
    expect(await remove(uids[0])).toEqual(['done']);
    expect(await usage()).toEqual([]);
    expect(await create(store, counted('c'))).toMatchObject({ ok: true });
  });
});
