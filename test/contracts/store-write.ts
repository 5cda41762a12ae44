import { describe, expect, it } from '@jest/globals';
import type { StoredObject } from '../../reconciler/object.ts';
import type { Write } from '../../reconciler/store.ts';
import type { StoreUnderTest } from './store.ts';
import {
  ANNA,
  claimAll,
  claimOf,
  completion,
  create,
  createOne,
  dueUids,
  newUid,
  ready,
  settleAll,
  uidOf,
  uniqueKeys,
  wish,
} from './store-fixture.ts';

export function describeWrite(under: () => StoreUnderTest): void {
  describe('writing', () => {
    describeCreate(under);
    describeUpdate(under);
    describeUniqueKeys(under);
    describeAudit(under);
  });
}

function update(
  object: StoredObject,
  more: { spec?: StoredObject['spec']; metadata?: Partial<StoredObject['metadata']> },
): Write {
  const changed = { ...object, spec: more.spec ?? object.spec, metadata: { ...object.metadata, ...more.metadata } };
  return { op: 'update', object: changed, expect: object.metadata.resourceVersion, uniqueKeys: uniqueKeys(changed) };
}

function creation(object: StoredObject): Write {
  return { op: 'create', object, uniqueKeys: uniqueKeys(object) };
}

function describeCreate(under: () => StoreUnderTest): void {
  it('stores new objects as they are and answers them with a resourceVersion', async () => {
    const { store } = under();
    const objects = [wish({ name: 'a', spec: { memoryMiB: 1 } }), wish({ kind: 'Host', name: 'b' })];
    const stored = await create(under(), ...objects);
    for (const [index, object] of objects.entries()) {
      const { resourceVersion } = stored[index]?.metadata ?? {};
      expect(resourceVersion).toMatch(/^[1-9]\d*$/);
      expect(stored[index]).toEqual({ ...object, metadata: { ...object.metadata, resourceVersion } });
    }
    expect(await store.getByUid(objects.map(uidOf))).toEqual(stored);
    const keys = [
      { kind: 'Host', project: null, name: 'b' },
      { kind: 'Host', project: 'shop', name: 'b' },
    ];
    expect(await store.getByKey(keys)).toEqual([stored[1], undefined]);
    expect(await store.write([], ANNA)).toEqual({ ok: true, objects: [] });
  });

  it('takes a name once per kind and project', async () => {
    await createOne(under(), { name: 'web' });
    await createOne(under(), { kind: 'Volume', name: 'web' });
    await createOne(under(), { name: 'web', metadata: { project: 'other' } });
    await createOne(under(), { kind: 'Host', name: 'one' });
    for (const taken of [wish({ name: 'web' }), wish({ kind: 'Host', name: 'one' })]) {
      const outcome = await under().store.write(
        [creation(wish({ name: `free-${taken.kind.toLowerCase()}` })), creation(taken)],
        ANNA,
      );
      expect(outcome).toMatchObject({ ok: false, index: 1, failure: 'exists' });
    }
    expect((await under().store.list({ kind: 'Machine', orderBy: 'name', limit: 10 })).items).toHaveLength(2);
  });

  it('refuses two new objects of one name in the same call', async () => {
    const outcome = await under().store.write([creation(wish({ name: 'web' })), creation(wish({ name: 'web' }))], ANNA);
    expect(outcome).toMatchObject({ ok: false, index: 1, failure: 'exists' });
    expect(await under().store.countByKind()).toEqual({});
  });

  it('gives a name to one of many who want it at the same time', async () => {
    const outcomes = await Promise.all(
      Array.from({ length: 8 }, () => under().store.write([creation(wish({ name: 'web' }))], ANNA)),
    );
    expect(outcomes.filter((outcome) => outcome.ok)).toHaveLength(1);
  });
}

function describeUpdate(under: () => StoreUnderTest): void {
  it('replaces spec and metadata, keeps the status, and makes the object due', async () => {
    const { store } = under();
    const object = await createOne(under(), { name: 'web', spec: { memoryMiB: 1 } });
    await store.complete([completion(await claimOf(under(), uidOf(object)), { status: ready(1) })]);
    const [current] = await store.getByUid([uidOf(object)]);
    if (!current) throw new Error('It was just written.');
    const stale = { ...current, status: object.status };
    const outcome = await store.write(
      [update(stale, { spec: { memoryMiB: 2 }, metadata: { generation: 2, labels: { a: 'b' } } })],
      ANNA,
    );
    const [after] = await store.getByUid([uidOf(object)]);
    expect(outcome).toEqual({ ok: true, objects: [after] });
    expect(after?.spec).toEqual({ memoryMiB: 2 });
    expect(after?.metadata.labels).toEqual({ a: 'b' });
    expect(after?.status).toEqual(ready(1));
    expect(after?.metadata.resourceVersion).not.toBe(current.metadata.resourceVersion);
    expect(dueUids(await claimAll(under()))).toEqual([uidOf(object)]);
  });

  it('lets one of two writers win who both read the same version', async () => {
    const object = await createOne(under(), { name: 'web' });
    const outcomes = await Promise.all(
      [1, 2].map((memoryMiB) => under().store.write([update(object, { spec: { memoryMiB } })], ANNA)),
    );
    expect(outcomes.map((outcome) => (outcome.ok ? 'ok' : outcome.failure)).sort()).toEqual(['conflict', 'ok']);
  });

  it('writes nothing at all when one write of several is refused', async () => {
    const { store } = under();
    const [a, b] = await create(under(), wish({ name: 'a' }), wish({ name: 'b' }));
    if (!a || !b) throw new Error('Both were just written.');
    await settleAll(under());
    const stale = { ...b, metadata: { ...b.metadata, resourceVersion: '0' } };
    const outcome = await store.write(
      [update(a, { spec: { memoryMiB: 9 } }), creation(wish({ name: 'c' })), update(stale, {})],
      ANNA,
    );
    expect(outcome).toMatchObject({ ok: false, index: 2, failure: 'conflict' });
    expect(await store.getByUid([uidOf(a), uidOf(b)])).toEqual([a, b]);
    expect(await store.countByKind()).toEqual({ Machine: 2 });
    expect(await claimAll(under())).toEqual([]);
    expect((await store.audit({ limit: 10 })).items).toHaveLength(2);
  });

  it('says gone for an object that is not there', async () => {
    const object = wish({ name: 'web', metadata: { uid: newUid(), resourceVersion: '7' } });
    expect(await under().store.write([update(object, {})], ANNA)).toMatchObject({
      ok: false,
      index: 0,
      failure: 'gone',
    });
  });

  it('follows a changed reference', async () => {
    const { store } = under();
    const network = await createOne(under(), { kind: 'Network', name: 'net', spec: { cidr: '10.1.0.0/24' } });
    const user = await createOne(under(), { name: 'user', spec: { network: 'other' } });
    const refersTo = async () =>
      (await store.list({ kind: 'Machine', refersTo: uidOf(network), orderBy: 'name', limit: 10 })).items;
    expect(await refersTo()).toEqual([]);
    await store.write([update(user, { spec: { network: 'net' } })], ANNA);
    expect(await refersTo()).toHaveLength(1);
  });
}

function describeUniqueKeys(under: () => StoreUnderTest): void {
  const network = (name: string, cidr: string) => createOne(under(), { kind: 'Network', name, spec: { cidr } });

  it('refuses a unique key that a live object of the kind holds', async () => {
    const first = await network('one', '10.1.0.0/24');
    const second = await network('two', '10.2.0.0/24');
    const taken = wish({ kind: 'Network', name: 'three', spec: { cidr: '10.1.0.0/24' } });
    expect(await under().store.write([creation(taken)], ANNA)).toMatchObject({
      ok: false,
      index: 0,
      failure: 'uniqueKey',
      detail: 'cidr/10.1.0.0/24',
    });
    const asked = ['10.1.0.0/24', '10.9.0.0/24', '10.2.0.0/24'].map((cidr) => ({
      kind: 'Network',
      key: `cidr/${cidr}`,
    }));
    expect(await under().store.uniqueHolders(asked)).toEqual([uidOf(first), undefined, uidOf(second)]);
    const moved = await under().store.write([update(second, { spec: { cidr: '10.1.0.0/24' } })], ANNA);
    expect(moved).toMatchObject({ ok: false, index: 0, failure: 'uniqueKey' });
    const other = wish({ kind: 'Volume', name: 'three' });
    const outcome = await under().store.write(
      [{ op: 'create', object: other, uniqueKeys: ['cidr/10.1.0.0/24'] }],
      ANNA,
    );
    expect(outcome.ok).toBe(true);
  });

  it('refuses two of one call that want the same key', async () => {
    const objects = ['one', 'two'].map((name) => wish({ kind: 'Network', name, spec: { cidr: '10.1.0.0/24' } }));
    expect(await under().store.write(objects.map(creation), ANNA)).toMatchObject({
      ok: false,
      index: 1,
      failure: 'uniqueKey',
    });
  });

  it('frees the keys that an update no longer holds', async () => {
    const one = await network('one', '10.1.0.0/24');
    await under().store.write([update(one, { spec: { cidr: '10.2.0.0/24' } })], ANNA);
    expect((await network('two', '10.1.0.0/24')).metadata.name).toBe('two');
  });
}

function describeAudit(under: () => StoreUnderTest): void {
  it('leaves a row for every write, with who, for whom, from where and what changed', async () => {
    const { store } = under();
    const object = await createOne(under(), { name: 'web', spec: { memoryMiB: 1 } });
    await store.write(
      [update(object, { spec: { memoryMiB: 2 }, metadata: { generation: 2, labels: { app: 'web' } } })],
      ANNA,
    );
    const [current] = await store.getByUid([uidOf(object)]);
    if (!current) throw new Error('It was just written.');
    await store.write([update(current, { metadata: { deletedAt: '2026-01-02T03:04:05.678Z' } })], ANNA);
    const rows = (await store.audit({ uid: uidOf(object), limit: 10 })).items.map(({ row }) => row);
    expect(rows.map((row) => [row.op, row.generation])).toEqual([
      ['delete', 2],
      ['update', 2],
      ['create', 1],
    ]);
    expect(rows[1]).toMatchObject({
      uid: uidOf(object),
      kind: 'Machine',
      name: 'web',
      project: 'shop',
      actor: 'user:anna',
      onBehalfOf: 'user:bert',
      from: '127.0.0.1',
      requestId: 'request-1',
    });
    expect(rows[1]?.changes).toContainEqual({ path: '/memoryMiB', from: 1, to: 2 });
    expect(rows[1]?.changes).toContainEqual({ path: 'metadata/labels/app', from: null, to: 'web' });
    expect(rows[1]?.changes).toHaveLength(2);
    expect(rows[0]?.changes).toEqual([{ path: 'metadata/deletedAt', from: null, to: '2026-01-02T03:04:05.678Z' }]);
  });
}
