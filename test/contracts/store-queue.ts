import { describe, expect, it } from '@jest/globals';
import { shardOf } from '../../reconciler/shard.ts';
import { SHARDS } from '../../reconciler/store.ts';
import type { StoreUnderTest } from './store.ts';
import {
  ALL_SHARDS,
  claimAll,
  claimOf,
  completion,
  createOne,
  dueUids,
  LEASE_MS,
  newUid,
  present,
  settleAll,
  uidOf,
} from './store-fixture.ts';

export function describeQueue(under: () => StoreUnderTest): void {
  describe('the queue', () => {
    describeClaims(under);
    describeFences(under);
    describeDirt(under);
    describePlaces(under);
  });
}

function describeClaims(under: () => StoreUnderTest): void {
  it('makes a new object due at once, in the shard of its uid', async () => {
    const { store } = under();
    const object = await createOne(under(), { name: 'web' });
    const shard = shardOf(uidOf(object));
    const others = ALL_SHARDS.filter((other) => other !== shard);
    expect(await store.claim({ shards: others, limit: 10, leaseMs: LEASE_MS, holder: 'one' })).toEqual([]);
    const [claim] = await store.claim({ shards: [shard], limit: 10, leaseMs: LEASE_MS, holder: 'one' });
    expect(claim).toMatchObject({ uid: uidOf(object), kind: 'Machine', shard, attempts: 0, takenOverFrom: null });
    expect(present(claim).leaseUntil - present(claim).claimedAt).toBe(LEASE_MS);
  });

  it('hands out a leased row to nobody else, and at most as many as asked for', async () => {
    for (const name of ['a', 'b', 'c']) await createOne(under(), { name });
    const first = await under().store.claim({ shards: ALL_SHARDS, limit: 2, leaseMs: LEASE_MS, holder: 'one' });
    const second = await claimAll(under(), 'two');
    expect(first).toHaveLength(2);
    expect(second).toHaveLength(1);
    expect(new Set(dueUids([...first, ...second])).size).toBe(3);
    expect(await claimAll(under(), 'three')).toEqual([]);
  });

  it('claims nothing twice when many claim at the same time', async () => {
    const names = Array.from({ length: 40 }, (_, i) => `m-${i}`);
    for (const name of names) await createOne(under(), { name });
    const claims = (await Promise.all(['a', 'b', 'c', 'd'].map((holder) => claimAll(under(), holder)))).flat();
    claims.push(...(await claimAll(under())));
    expect(claims).toHaveLength(40);
    expect(new Set(dueUids(claims)).size).toBe(40);
  });

  it('comes due again when the completion says, with the failures counted', async () => {
    const { store } = under();
    const object = await createOne(under(), { name: 'web' });
    const claim = await claimOf(under(), uidOf(object));
    const dueAt = claim.claimedAt + 60_000;
    expect(await store.complete([completion(claim, { outcome: 'failed', dueAt, attempts: 3 })])).toEqual(['done']);
    expect(await store.nextDueAt(ALL_SHARDS)).toBe(dueAt);
    expect(await claimAll(under())).toEqual([]);
    await under().advance(61_000);
    expect((await claimOf(under(), uidOf(object))).attempts).toBe(3);
  });

  it('moves a row to the shard that the completion names', async () => {
    const { store } = under();
    const object = await createOne(under(), { name: 'web' });
    const claim = await claimOf(under(), uidOf(object));
    const shard = (claim.shard + 1) % SHARDS;
    await store.complete([completion(claim, { shard, dueAt: claim.claimedAt })]);
    expect(await store.claim({ shards: [claim.shard], limit: 10, leaseMs: LEASE_MS, holder: 'one' })).toEqual([]);
    const moved = await store.claim({ shards: [shard], limit: 10, leaseMs: LEASE_MS, holder: 'one' });
    expect(moved[0]).toMatchObject({ uid: uidOf(object), shard });
    expect(present(moved[0]).epoch).toBeGreaterThan(claim.epoch);
  });

  it('counts what waits, what is due, and for how long', async () => {
    expect(await under().store.queueStats()).toEqual({ depth: 0, due: 0, oldestDueMs: 0 });
    await createOne(under(), { name: 'a' });
    await settleAll(under());
    await createOne(under(), { name: 'b' });
    await under().advance(5_000);
    const stats = await under().store.queueStats();
    expect(stats).toMatchObject({ depth: 2, due: 1 });
    expect(stats.oldestDueMs).toBeGreaterThanOrEqual(5_000);
    expect(await under().store.countByKind()).toEqual({ Machine: 2 });
  });

  it('answers null when nothing will ever be due', async () => {
    expect(await under().store.nextDueAt(ALL_SHARDS)).toBeNull();
    expect(await under().store.nextDueAt([])).toBeNull();
  });
}

function describeFences(under: () => StoreUnderTest): void {
  it('takes over a row whose lease ran out, and says until when it was held', async () => {
    const object = await createOne(under(), { name: 'web' });
    const first = await claimOf(under(), uidOf(object));
    await under().advance(LEASE_MS + 1_000);
    const second = await claimOf(under(), uidOf(object));
    expect(second.epoch).toBeGreaterThan(first.epoch);
    expect(second.takenOverFrom).toBe(first.leaseUntil);
  });

  it('refuses a completion that was overtaken, whole', async () => {
    const { store } = under();
    const object = await createOne(under(), { name: 'web' });
    const late = await claimOf(under(), uidOf(object));
    await under().advance(LEASE_MS + 1_000);
    const current = await claimOf(under(), uidOf(object));
    const event = { type: 'normal' as const, reason: { code: 'Started', params: {} } };
    const results = await store.complete([completion(late, { remove: true, events: [event] })]);
    expect(results).toEqual(['fenced']);
    expect(await store.existing([uidOf(object)])).toEqual(new Set([uidOf(object)]));
    expect((await store.events({ uid: uidOf(object), limit: 10 })).items).toEqual([]);
    expect(await store.complete([completion(current)])).toEqual(['done']);
  });

  it('spends a claim with its completion', async () => {
    const { store } = under();
    const object = await createOne(under(), { name: 'web' });
    const claim = await claimOf(under(), uidOf(object));
    expect(await store.complete([completion(claim)])).toEqual(['done']);
    expect(await store.complete([completion(claim)])).toEqual(['fenced']);
  });

  it('still takes a completion after the lease ran out while nobody took over', async () => {
    const object = await createOne(under(), { name: 'web' });
    const claim = await claimOf(under(), uidOf(object));
    await under().advance(LEASE_MS + 1_000);
    expect(await under().store.complete([completion(claim)])).toEqual(['done']);
  });

  it('renews a lease and names those that were lost', async () => {
    const { store } = under();
    const kept = await createOne(under(), { name: 'kept' });
    const lost = await createOne(under(), { name: 'lost' });
    const claims = await claimAll(under());
    const keptClaim = present(claims.find((claim) => claim.uid === uidOf(kept)));
    await under().advance(LEASE_MS - 1_000);
    expect(await store.renew([keptClaim], LEASE_MS)).toEqual(new Set());
    await under().advance(2_000);
    expect(dueUids(await claimAll(under(), 'two'))).toEqual([uidOf(lost)]);
    expect(await store.renew(claims, LEASE_MS)).toEqual(new Set([uidOf(lost)]));
  });

  it('settles each completion of a batch by itself', async () => {
    const { store } = under();
    const [one, two] = [await createOne(under(), { name: 'one' }), await createOne(under(), { name: 'two' })];
    const claims = await claimAll(under());
    const of = (uid: string) => present(claims.find((claim) => claim.uid === uid));
    const fenced = { ...of(uidOf(two)), epoch: of(uidOf(two)).epoch - 1 };
    expect(await store.complete([completion(fenced), completion(of(uidOf(one)))])).toEqual(['fenced', 'done']);
    expect(await store.complete([completion({ ...fenced, uid: newUid() })])).toEqual(['fenced']);
    expect(await store.complete([])).toEqual([]);
  });
}

function describeDirt(under: () => StoreUnderTest): void {
  it('comes due at once if it was woken while it was leased', async () => {
    const { store } = under();
    const object = await createOne(under(), { name: 'web' });
    const claim = await claimOf(under(), uidOf(object));
    await store.wake([uidOf(object)]);
    expect(await claimAll(under())).toEqual([]);
    await store.complete([completion(claim)]);
    const again = await claimOf(under(), uidOf(object));
    expect(again.takenOverFrom).toBeNull();
    await store.complete([completion(again)]);
    expect(await claimAll(under())).toEqual([]);
  });

  it('wakes what would be due later, and ignores what is not there', async () => {
    const object = await createOne(under(), { name: 'web' });
    await settleAll(under());
    await under().store.wake([uidOf(object), newUid()]);
    expect(dueUids(await claimAll(under()))).toEqual([uidOf(object)]);
  });

  it('does not make an object later that is due already', async () => {
    const { store } = under();
    const object = await createOne(under(), { name: 'web' });
    const dueAt = await store.nextDueAt(ALL_SHARDS);
    await under().advance(1_000);
    await store.wake([uidOf(object)]);
    expect(await store.nextDueAt(ALL_SHARDS)).toBe(dueAt);
  });
}

function describePlaces(under: () => StoreUnderTest): void {
  it('wakes everything that is bound at a place', async () => {
    const { store } = under();
    const here = await createOne(under(), { name: 'here' });
    const there = await createOne(under(), { name: 'there' });
    const claims = await claimAll(under());
    const places = new Map([
      [uidOf(here), 'host-1'],
      [uidOf(there), 'host-2'],
    ]);
    await store.reserve(
      claims.map((claim) => ({
        claim,
        claims: { places: [present(places.get(claim.uid))], unique: [], capacity: [], chosen: {} },
        incarnation: 0,
      })),
    );
    await store.complete(claims.map((claim) => completion(claim)));
    await store.wakePlace('host-1');
    expect(dueUids(await claimAll(under()))).toEqual([uidOf(here)]);
  });

  it('tells the time, and its clock goes forward', async () => {
    const before = await under().store.now();
    await under().advance(60_000);
    expect((await under().store.now()) - before).toBeGreaterThanOrEqual(60_000);
  });
}
