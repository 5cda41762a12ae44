import { describe, expect, it } from '@jest/globals';
import { z } from 'zod';
import { ref } from '../field-meta.ts';
import { defineKind } from '../kind.ts';
import { API_VERSION, emptyStatus, newMetadata, type StoredObject } from '../object.ts';
import { createRegistry } from '../registry.ts';
import { createMemoryStore } from './store.ts';

const Shelf = defineKind({
  kind: 'Shelf',
  plural: 'shelves',
  group: 'storage',
  scope: 'project',
  shortNames: [],
  description: 'A shelf.',
  spec: z.object({ room: ref('Room') }),
  status: z.object({}),
  conditions: [],
  columns: [],
  example: {},
});
const registry = createRegistry([Shelf]);
const principal = { actor: 'user:test', onBehalfOf: null, from: 'test', requestId: 'r1' };

function shelf(name: string): StoredObject {
  return {
    apiVersion: API_VERSION,
    kind: 'Shelf',
    metadata: newMetadata({
      uid: `uid-${name}`,
      name,
      project: 'home',
      createdAt: '2026-01-01T00:00:00.000Z',
      createdBy: 'user:test',
    }),
    spec: { room: 'cellar' },
    status: emptyStatus(),
  };
}

function createAt(now: number) {
  const clock = { time: now, now: () => clock.time };
  return { clock, store: createMemoryStore({ clock, registry }) };
}

const ALL_SHARDS = Array.from({ length: 64 }, (_, shard) => shard);

async function storeWithAReservedShelf() {
  const { store } = createAt(1_000);
  await store.setCapacity([{ place: 'cellar', resource: 'shelves', limit: 2 }]);
  await store.write([{ op: 'create', object: shelf('a'), uniqueKeys: ['left wall'] }], principal);
  const [claim] = await store.claim({ shards: ALL_SHARDS, limit: 1, leaseMs: 100, holder: 'me' });
  if (!claim) throw new Error('The new shelf was not due.');
  const claims = {
    places: ['cellar'],
    unique: [{ pool: 'hooks', value: 'h1', slot: 'hook' }],
    capacity: [{ place: 'cellar', resource: 'shelves', amount: 1 }],
    chosen: {},
  };
  await store.reserve([{ claim, claims, incarnation: 0 }]);
  return store;
}

describe('a store seeded from another', () => {
  it('knows the same objects, bindings, claims and capacity', async () => {
    const origin = await storeWithAReservedShelf();
    const { store } = createAt(5_000);
    store.seed(origin.snapshot());
    expect(store.snapshot()).toEqual(origin.snapshot());
    expect(await store.capacity()).toEqual([{ place: 'cellar', resource: 'shelves', limit: 2, used: 1 }]);
    expect(await store.bindings('uid-a')).toEqual([
      { place: 'cellar', incarnation: 0, externalId: null, state: 'intended' },
    ]);
  });

  it('keeps versions, so that a change prepared against the origin fits', async () => {
    const origin = await storeWithAReservedShelf();
    const [found] = await origin.getByUid(['uid-a']);
    const { store } = createAt(5_000);
    store.seed(origin.snapshot());
    const object = { ...shelf('a'), metadata: { ...shelf('a').metadata, generation: 2 } };
    const version = found?.metadata.resourceVersion ?? '';
    const outcome = await store.write([{ op: 'update', object, expect: version, uniqueKeys: [] }], principal);
    expect(outcome.ok && Number(outcome.objects[0]?.metadata.resourceVersion)).toBeGreaterThan(Number(version));
  });

  it('still refuses what the origin has given away', async () => {
    const origin = await storeWithAReservedShelf();
    const { store } = createAt(5_000);
    store.seed(origin.snapshot());
    const outcome = await store.write([{ op: 'create', object: shelf('b'), uniqueKeys: ['left wall'] }], principal);
    expect(outcome).toEqual({ ok: false, index: 0, failure: 'uniqueKey', detail: 'left wall' });
  });

  it('goes its own way afterwards', async () => {
    const origin = await storeWithAReservedShelf();
    const { store } = createAt(5_000);
    store.seed(origin.snapshot());
    await store.write([{ op: 'create', object: shelf('b'), uniqueKeys: [] }], principal);
    expect(await origin.getByUid(['uid-b'])).toEqual([undefined]);
  });

  it('has everything due', async () => {
    const { clock, store } = createAt(5_000);
    store.seed((await storeWithAReservedShelf()).snapshot());
    const claims = await store.claim({ shards: ALL_SHARDS, limit: 10, leaseMs: 100, holder: 'me' });
    expect(claims.map((claim) => [claim.uid, claim.claimedAt])).toEqual([['uid-a', clock.time]]);
  });
});

describe('values at the border', () => {
  it('are copies: what the writer changes later changes nothing inside', async () => {
    const { store } = createAt(0);
    const mine = shelf('a');
    await store.write([{ op: 'create', object: mine, uniqueKeys: [] }], principal);
    mine.spec.room = 'attic';
    expect((await store.getByUid(['uid-a']))[0]?.spec).toEqual({ room: 'cellar' });
  });

  it('are frozen: a reader cannot change them', async () => {
    const { store } = createAt(0);
    await store.write([{ op: 'create', object: shelf('a'), uniqueKeys: [] }], principal);
    const [found] = await store.getByUid(['uid-a']);
    expect(() => Object.assign(found?.spec ?? {}, { room: 'attic' })).toThrow(TypeError);
  });
});
