import { describe, expect, it } from '@jest/globals';
import type { Loaded } from '../../reconciler/store.ts';
import type { StoreUnderTest } from './store.ts';
import {
  changeOne,
  claimAll,
  claimOf,
  claimsOn,
  completion,
  createOne,
  newUid,
  present,
  ready,
  removeOne,
  uidOf,
} from './store-fixture.ts';

export function describeLoad(under: () => StoreUnderTest): void {
  describe('loading', () => {
    describeLoaded(under);
    describeHolders(under);
    describeResolve(under);
    describeConsult(under);
  });
}

function describeLoaded(under: () => StoreUnderTest): void {
  it('loads objects whole, and leaves out what is not there', async () => {
    const object = await createOne(under(), {
      name: 'web',
      spec: { memoryMiB: 512 },
      metadata: { labels: { app: 'web' } },
    });
    const loaded = await under().store.load([newUid(), uidOf(object)]);
    expect([...loaded.keys()]).toEqual([uidOf(object)]);
    expect(loaded.get(uidOf(object))).toEqual({
      object,
      claims: null,
      bindings: [],
      children: [],
      holders: { total: 0, first: [] },
      levels: {},
    });
    expect(await under().store.load([])).toEqual(new Map());
  });

  it('loads claims, bindings, children and the last journaled levels beside it', async () => {
    const { store } = under();
    const object = await createOne(under(), { name: 'web' });
    const child = await createOne(under(), {
      kind: 'Volume',
      name: 'root',
      metadata: { ownerUid: uidOf(object), ownerKey: 'root' },
    });
    const claim = await claimOf(under(), uidOf(object));
    const claims = claimsOn({ places: ['host-1'], chosen: { host: 'one' } });
    await store.reserve([{ claim, claims, incarnation: 0 }]);
    const level = { meter: 'cpu', level: 2, attributes: { model: 'epyc' }, runId: '7' };
    await store.complete([
      completion(claim, { journal: [level, { ...level, meter: 'memory', level: 0, runId: null }] }),
    ]);
    const loaded = present((await store.load([uidOf(object)])).get(uidOf(object)));
    expect(loaded.claims).toEqual(claims);
    expect(loaded.bindings).toEqual([{ place: 'host-1', incarnation: 0, externalId: null, state: 'intended' }]);
    expect(loaded.children).toEqual([child]);
    expect(loaded.levels).toEqual({ cpu: level, memory: { ...level, meter: 'memory', level: 0, runId: null } });
    expect(await store.bindings(uidOf(object))).toEqual(loaded.bindings);
    expect(await store.claims(uidOf(object))).toEqual(claims);
  });

  it('does not take what is known for what is there: changes of the object and of its children are seen', async () => {
    const { store } = under();
    const [web, db] = [await createOne(under(), { name: 'web' }), await createOne(under(), { name: 'db' })];
    const owned = { kind: 'Volume', metadata: { ownerUid: uidOf(web), ownerKey: 'root' } };
    const root = await createOne(under(), { name: 'root', ...owned });
    const uids = [uidOf(web), uidOf(db)];
    const again = async (known: ReadonlyMap<string, Loaded>) => {
      const loaded = await store.load(uids, known);
      expect(loaded).toEqual(await store.load(uids));
      return loaded;
    };
    const first = await again(await again(new Map()));
    await changeOne(under(), root);
    const second = await again(first);
    await createOne(under(), { name: 'data', ...owned });
    const third = await again(second);
    await changeOne(under(), db);
    await again(third);
    await removeOne(under(), db);
    expect([...(await again(third)).keys()]).toEqual([uidOf(web)]);
  });

  it('tells which of some uids exist', async () => {
    const object = await createOne(under(), { name: 'web' });
    expect(await under().store.existing([newUid(), uidOf(object)])).toEqual(new Set([uidOf(object)]));
    expect(await under().store.existing([])).toEqual(new Set());
  });
}

function describeHolders(under: () => StoreUnderTest): void {
  it('names the holders of an object that is being deleted: by name and by pinned uid', async () => {
    const { store } = under();
    const network = await createOne(under(), { kind: 'Network', name: 'net', spec: { cidr: '10.1.0.0/24' } });
    await createOne(under(), { name: 'by-name', spec: { network: 'net' } });
    const pinned = await createOne(under(), { name: 'by-pin', spec: { network: 'other' } });
    await createOne(under(), { name: 'elsewhere', spec: { network: 'net' }, metadata: { project: 'other' } });
    const claims = await claimAll(under());
    const claim = present(claims.find(({ uid }) => uid === uidOf(pinned)));
    await store.complete([completion(claim, { status: ready(1, { refs: { '/network': uidOf(network) } }) })]);
    expect(present((await store.load([uidOf(network)])).get(uidOf(network))).holders).toEqual({ total: 0, first: [] });

    const [fresh] = await store.getByUid([uidOf(network)]);
    const deleted = {
      ...present(fresh),
      metadata: { ...present(fresh).metadata, deletedAt: '2026-01-02T03:04:05.678Z' },
    };
    const version = deleted.metadata.resourceVersion;
    await store.write([{ op: 'update', object: deleted, expect: version, uniqueKeys: [] }], {
      actor: 'user:anna',
      onBehalfOf: null,
      from: 'cli',
      requestId: '1',
    });
    const { holders } = present((await store.load([uidOf(network)])).get(uidOf(network)));
    expect(holders.total).toBe(2);
    expect(holders.first.map((key) => key.name).sort()).toEqual(['by-name', 'by-pin']);
    expect(holders.first[0]).toEqual({ kind: 'Machine', project: 'shop', name: 'by-name' });
  });

  it('does not name those who needed it only until they were Ready', async () => {
    const { store } = under();
    const metadata = { deletedAt: '2026-01-02T03:04:05.678Z' };
    const volume = await createOne(under(), { kind: 'Volume', name: 'vol', metadata });
    const copy = await createOne(under(), { name: 'copy', spec: { copyOf: 'vol' } });
    const both = await createOne(under(), { name: 'both', spec: { copyOf: 'vol', disks: [{ volume: 'vol' }] } });
    const holders = async () => {
      const loaded = present((await store.load([uidOf(volume)])).get(uidOf(volume)));
      return loaded.holders.first.map(({ name }) => name);
    };
    const complete = async (status: typeof volume.status) => {
      await store.wake([uidOf(copy), uidOf(both)]);
      const claims = await claimAll(under());
      const refs = { '/copyOf': uidOf(volume) };
      const own = claims.filter(({ uid }) => uid === uidOf(copy) || uid === uidOf(both));
      await store.complete(own.map((claim) => completion(claim, { status: { ...status, refs } })));
    };
    await complete({ ...ready(1), conditions: [] });
    expect(await holders()).toEqual(['both', 'copy']);
    await complete(ready(1));
    expect(await holders()).toEqual(['both']);
    // It was Ready once: what comes later does not bring the reference back.
    await complete({ ...ready(1), conditions: [] });
    expect(await holders()).toEqual(['both']);
  });

  it('counts all that is in a project as its holders', async () => {
    const metadata = { project: null, deletedAt: '2026-01-02T03:04:05.678Z' };
    const project = await createOne(under(), { kind: 'Project', name: 'shop', metadata });
    await createOne(under(), { name: 'inside' });
    await createOne(under(), { name: 'elsewhere', metadata: { project: 'other' } });
    expect(present((await under().store.load([uidOf(project)])).get(uidOf(project))).holders).toEqual({
      total: 1,
      first: [{ kind: 'Machine', project: 'shop', name: 'inside' }],
    });
  });

  it('names at most 20 holders, and counts them all', async () => {
    const network = await createOne(under(), {
      kind: 'Network',
      name: 'net',
      spec: { cidr: '10.1.0.0/24' },
      metadata: { deletedAt: '2026-01-02T03:04:05.678Z' },
    });
    for (let i = 0; i < 23; i++) await createOne(under(), { name: `m-${i}`, spec: { network: 'net' } });
    const { holders } = present((await under().store.load([uidOf(network)])).get(uidOf(network)));
    expect(holders.total).toBe(23);
    expect(holders.first).toHaveLength(20);
  });
}

function describeResolve(under: () => StoreUnderTest): void {
  it('resolves by the pinned uid first, then by name, in the order asked', async () => {
    const { store } = under();
    const a = await createOne(under(), { kind: 'Volume', name: 'a' });
    const b = await createOne(under(), { kind: 'Volume', name: 'b' });
    const lookup = { kind: 'Volume', project: 'shop', name: 'a', pinnedUid: null };
    const found = await store.resolve([
      { ...lookup, pinnedUid: uidOf(b) },
      lookup,
      { ...lookup, pinnedUid: newUid() },
      { ...lookup, name: 'nothing' },
      { ...lookup, project: 'other' },
      { ...lookup, kind: 'Network' },
    ]);
    expect(found).toEqual([b, a, a, undefined, undefined, undefined]);
    expect(await store.resolve([])).toEqual([]);
  });

  it('does not take what a reference led to before for what it leads to now', async () => {
    const { store } = under();
    const known = await createOne(under(), { kind: 'Volume', name: 'a' });
    const lookup = { kind: 'Volume', project: 'shop', name: 'a', pinnedUid: uidOf(known), known };
    expect(await store.resolve([lookup, lookup])).toEqual([known, known]);
    const changed = await changeOne(under(), known);
    expect(await store.resolve([lookup])).toEqual([changed]);
    expect(changed).not.toEqual(known);
    await removeOne(under(), changed);
    expect(await store.resolve([lookup])).toEqual([undefined]);
  });

  it('resolves kinds without projects from any project', async () => {
    const host = await createOne(under(), { kind: 'Host', name: 'one' });
    const lookup = { kind: 'Host', name: 'one', pinnedUid: null };
    const found = await under().store.resolve([
      { ...lookup, project: 'shop' },
      { ...lookup, project: null },
    ]);
    expect(found).toEqual([host, host]);
  });

  it('resolves project/name only if the other project shares the object', async () => {
    const shared = await createOne(under(), {
      kind: 'Volume',
      name: 'shared',
      metadata: { project: 'lib', sharing: 'public' },
    });
    await createOne(under(), { kind: 'Volume', name: 'own', metadata: { project: 'lib' } });
    const lookup = { kind: 'Volume', project: 'shop', name: 'lib/shared', pinnedUid: null };
    const found = await under().store.resolve([
      lookup,
      { ...lookup, name: 'lib/own' },
      { ...lookup, project: 'lib', name: 'lib/own' },
    ]);
    expect(found[0]).toEqual(shared);
    expect(found[1]).toBeUndefined();
    expect(found[2]?.metadata.name).toBe('own');
  });
}

function describeConsult(under: () => StoreUnderTest): void {
  it('shows allocators the objects, capacity and taken values they ask for', async () => {
    const { store } = under();
    const host = await createOne(under(), { kind: 'Host', name: 'one' });
    const machine = await createOne(under(), { name: 'web' });
    await store.setCapacity([{ place: 'host-1', resource: 'memoryMiB', limit: 1024 }]);
    const claims = claimsOn({
      unique: [{ pool: 'ip/net', value: '10.0.0.5', slot: 'ip' }],
      capacity: [{ place: 'host-1', resource: 'memoryMiB', amount: 256 }],
    });
    await store.reserve([{ claim: await claimOf(under(), uidOf(machine)), claims, incarnation: 0 }]);
    expect(await store.consult({ kinds: ['Host', 'Network'], pools: ['ip/net', 'ip/other'], capacity: true })).toEqual({
      objects: { Host: [host], Network: [] },
      capacity: [{ place: 'host-1', resource: 'memoryMiB', limit: 1024, used: 256 }],
      taken: { 'ip/net': new Set(['10.0.0.5']), 'ip/other': new Set() },
    });
    expect(await store.consult({ kinds: [], pools: [], capacity: false })).toEqual({
      objects: {},
      capacity: [],
      taken: {},
    });
  });
}
