import { describe, expect, it } from '@jest/globals';
import type { StoreUnderTest } from './store.ts';
import { claimOf, claimsOn, completion, createOne, LEASE_MS, present, ready, uidOf } from './store-fixture.ts';

export function describeCompletion(under: () => StoreUnderTest): void {
  describe('completing', () => {
    describeStatus(under);
    describeRecorded(under);
    describeRemoval(under);
  });
}

function describeStatus(under: () => StoreUnderTest): void {
  it('writes a changed status and moves the resourceVersion on', async () => {
    const { store } = under();
    const object = await createOne(under(), { name: 'web' });
    const claim = await claimOf(under(), uidOf(object));
    const status = { ...ready(1), vnc: { port: 5900 } };
    await store.complete([completion(claim, { status })]);
    const [after] = await store.getByUid([uidOf(object)]);
    expect(after).toEqual({
      ...object,
      status,
      metadata: { ...object.metadata, resourceVersion: after?.metadata.resourceVersion },
    });
    expect(after?.metadata.resourceVersion).not.toBe(object.metadata.resourceVersion);
    expect(after?.metadata.resourceVersion).toMatch(/^\d+$/);
  });

  it('writes no object row when the status is unchanged', async () => {
    const { store } = under();
    const object = await createOne(under(), { name: 'web' });
    const since = await store.position();
    await store.complete([completion(await claimOf(under(), uidOf(object)))]);
    expect(await store.getByUid([uidOf(object)])).toEqual([object]);
    const changes = await store.changes({ since, limit: 10 });
    expect(changes.tooOld === false && changes.items.filter((item) => item.object?.status.observedGeneration)).toEqual(
      [],
    );
  });

  it('keeps a spec that was written meanwhile, and makes the object due again', async () => {
    const { store } = under();
    const object = await createOne(under(), { name: 'web', spec: { memoryMiB: 1 } });
    const claim = await claimOf(under(), uidOf(object));
    const changed = { ...object, spec: { memoryMiB: 2 }, metadata: { ...object.metadata, generation: 2 } };
    const principal = { actor: 'user:anna', onBehalfOf: null, from: 'cli', requestId: '1' };
    await store.write(
      [{ op: 'update', object: changed, expect: object.metadata.resourceVersion, uniqueKeys: [] }],
      principal,
    );
    await store.complete([completion(claim, { status: ready(1) })]);
    const again = await claimOf(under(), uidOf(object));
    const loaded = present((await store.load([again.uid])).get(again.uid));
    expect(loaded.object.spec).toEqual({ memoryMiB: 2 });
    expect(loaded.object.metadata.generation).toBe(2);
    expect(loaded.object.status.observedGeneration).toBe(1);
  });

  it('frees claims that shrank', async () => {
    const { store } = under();
    await store.setCapacity([{ place: 'host-1', resource: 'memoryMiB', limit: 1_000 }]);
    const object = await createOne(under(), { name: 'web' });
    const claim = await claimOf(under(), uidOf(object));
    const capacity = [{ place: 'host-1', resource: 'memoryMiB', amount: 800 }];
    const unique = [{ pool: 'ip', value: '1', slot: 'a' }];
    await store.reserve([{ claim, claims: claimsOn({ capacity, unique }), incarnation: 0 }]);
    const less = claimsOn({ capacity: [{ place: 'host-1', resource: 'memoryMiB', amount: 300 }] });
    expect(await store.complete([completion(claim, { claims: less })])).toEqual(['done']);
    expect(await store.claims(uidOf(object))).toEqual(less);
    expect((await store.capacity())[0]?.used).toBe(300);
    expect((await store.consult({ kinds: [], pools: ['ip'], capacity: false })).taken.ip).toEqual(new Set());
  });
}

function describeRecorded(under: () => StoreUnderTest): void {
  it('keeps steps, events and journal levels with the object they are about', async () => {
    const { store } = under();
    const object = await createOne(under(), { name: 'web' });
    const claim = await claimOf(under(), uidOf(object));
    const about = { uid: uidOf(object), kind: 'Machine', name: 'web', project: 'shop' };
    const { startedAt, ...step } = {
      verb: 'start',
      args: { memoryMiB: 512 },
      why: { code: 'NotRunning', params: {} },
      risk: 'none' as const,
      place: 'host-1',
      changes: [{ path: 'domain/state', from: 'shutoff', to: 'running' }],
      startedAt: claim.claimedAt,
      durationMs: 12,
      result: { ok: false as const, reason: { code: 'Unreachable', params: { host: 'one' } } },
      reconcileId: 'r-1',
      generation: 1,
    };
    const event = { type: 'warning' as const, reason: { code: 'StartFailed', params: { attempt: 1 } } };
    const level = { meter: 'cpu', level: 2, attributes: { model: 'epyc' }, runId: '7' };
    await store.complete([completion(claim, { steps: [{ ...step, startedAt }], events: [event], journal: [level] })]);
    const page = { uid: uidOf(object), limit: 10 };
    expect((await store.steps(page)).items.map(({ row }) => row)).toEqual([{ ...about, ...step, at: startedAt }]);
    const [recorded] = (await store.events(page)).items.map(({ row }) => row);
    expect(recorded).toEqual({ ...about, ...event, actor: 'portal', at: recorded?.at });
    expect(present(recorded).at).toBeGreaterThanOrEqual(claim.claimedAt);
    expect(present(recorded).at).toBeLessThan(claim.claimedAt + LEASE_MS);
    const [journaled] = (await store.journal(page)).items.map(({ row }) => row);
    expect(journaled).toEqual({ ...about, ...level, seq: journaled?.seq, at: journaled?.at });
  });

  it('numbers the levels of a meter upwards', async () => {
    const { store } = under();
    const object = await createOne(under(), { name: 'web' });
    for (const level of [1, 2, 3]) {
      await store.wake([uidOf(object)]);
      const claim = await claimOf(under(), uidOf(object));
      await store.complete([completion(claim, { journal: [{ meter: 'cpu', level, attributes: {}, runId: null }] })]);
    }
    const rows = (await store.journal({ uid: uidOf(object), limit: 10 })).items.map(({ row }) => row);
    expect(rows.map((row) => row.level)).toEqual([3, 2, 1]);
    expect(present(rows[0]).seq).toBeGreaterThan(present(rows[1]).seq);
    expect(present(rows[1]).seq).toBeGreaterThan(present(rows[2]).seq);
  });
}

function describeRemoval(under: () => StoreUnderTest): void {
  it('removes the row with all it held, and still answers what became of it', async () => {
    const { store } = under();
    await store.setCapacity([{ place: 'host-1', resource: 'memoryMiB', limit: 1_000 }]);
    const object = await createOne(under(), { kind: 'Network', name: 'net', spec: { cidr: '10.1.0.0/24' } });
    const claim = await claimOf(under(), uidOf(object));
    const claims = claimsOn({
      places: ['host-1'],
      unique: [{ pool: 'ip', value: '1', slot: 'a' }],
      capacity: [{ place: 'host-1', resource: 'memoryMiB', amount: 800 }],
    });
    await store.reserve([{ claim, claims, incarnation: 0 }]);
    await store.complete([completion(claim, { status: ready(1, { requests: { reboot: 't1' } }), remove: true })]);

    expect(await store.getByUid([uidOf(object)])).toEqual([undefined]);
    expect(await store.existing([uidOf(object)])).toEqual(new Set());
    expect(await store.bindings(uidOf(object))).toEqual([]);
    expect(await store.claims(uidOf(object))).toBeNull();
    expect((await store.capacity())[0]?.used).toBe(0);
    expect((await store.consult({ kinds: [], pools: ['ip'], capacity: false })).taken.ip).toEqual(new Set());
    expect((await store.queueStats()).depth).toBe(0);
    expect(await store.operation(uidOf(object))).toEqual({
      uid: uidOf(object),
      kind: 'Network',
      key: { kind: 'Network', project: 'shop', name: 'net' },
      generation: 1,
      readyGeneration: 1,
      requests: { reboot: 't1' },
      gone: true,
    });
    const again = await createOne(under(), { kind: 'Network', name: 'net', spec: { cidr: '10.1.0.0/24' } });
    expect(uidOf(again)).not.toBe(uidOf(object));
  });

  it('forgets what is gone after 7 days', async () => {
    const { store } = under();
    const object = await createOne(under(), { name: 'web' });
    await store.complete([completion(await claimOf(under(), uidOf(object)), { remove: true })]);
    await under().advance(6 * 86_400_000);
    expect((await store.operation(uidOf(object)))?.gone).toBe(true);
    await under().advance(2 * 86_400_000);
    expect(await store.operation(uidOf(object))).toBeUndefined();
  });

  it('says how far an object has got, and keeps the last generation it was ready at', async () => {
    const { store } = under();
    const object = await createOne(under(), { name: 'web', metadata: { generation: 4 } });
    expect(await store.operation(uidOf(object))).toMatchObject({
      generation: 4,
      readyGeneration: 0,
      requests: {},
      gone: false,
    });
    await store.complete([completion(await claimOf(under(), uidOf(object)), { status: ready(3), dueAt: 0 })]);
    const broken = ready(4);
    broken.conditions = broken.conditions.map((condition) => ({ ...condition, status: 'False' }));
    await store.complete([completion(await claimOf(under(), uidOf(object)), { status: broken })]);
    expect(await store.operation(uidOf(object))).toMatchObject({ generation: 4, readyGeneration: 3, gone: false });
    expect(await store.operation('01940000-0000-7000-8000-ffffffffffff')).toBeUndefined();
  });
}
