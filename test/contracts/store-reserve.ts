import { describe, expect, it } from '@jest/globals';
import type { Claims } from '../../reconciler/claims.ts';
import type { Claim, ReserveResult } from '../../reconciler/store.ts';
import type { StoreUnderTest } from './store.ts';
import {
  claimAll,
  claimOf,
  claimsOn,
  completion,
  createOne,
  LEASE_MS,
  newUid,
  present,
  uidOf,
} from './store-fixture.ts';

export function describeReserve(under: () => StoreUnderTest): void {
  describe('reserving', () => {
    describeUnique(under);
    describeCapacity(under);
    describeRaces(under);
  });
}

const ip = (value: string): Partial<Claims> => ({ unique: [{ pool: 'ip/net', value, slot: 'nic/0/ip' }] });
const memory = (amount: number): Partial<Claims> => ({
  capacity: [{ place: 'host-1', resource: 'memoryMiB', amount }],
});

async function machines(under: StoreUnderTest, count: number): Promise<Claim[]> {
  for (let i = 0; i < count; i++) await createOne(under, { name: `m-${i}` });
  return (await claimAll(under)).sort((a, b) => (a.uid < b.uid ? -1 : 1));
}

function reserveAll({ store }: StoreUnderTest, claims: readonly [Claim, Partial<Claims>][]): Promise<ReserveResult[]> {
  return store.reserve(claims.map(([claim, more]) => ({ claim, claims: claimsOn(more), incarnation: 0 })));
}

function outcomes(results: readonly ReserveResult[]): string[] {
  return results.map((result) => (result.outcome === 'lost' ? `lost ${result.pool}` : result.outcome));
}

function describeUnique(under: () => StoreUnderTest): void {
  it('puts the finalizer on and the claims and bindings down in one change', async () => {
    const { store } = under();
    const object = await createOne(under(), { name: 'web' });
    const claim = await claimOf(under(), uidOf(object));
    const [result] = await reserveAll(under(), [[claim, { places: ['host-2', 'host-1'], ...ip('10.0.0.5') }]]);
    const bindings = ['host-1', 'host-2'].map((place) => ({
      place,
      incarnation: 0,
      externalId: null,
      state: 'intended',
    }));
    expect(result).toEqual({ outcome: 'reserved', bindings });
    const [after] = await store.getByUid([uidOf(object)]);
    expect(after?.metadata.finalizer).toBe(true);
    expect(after?.metadata.resourceVersion).not.toBe(object.metadata.resourceVersion);
    expect(await store.complete([completion(claim)])).toEqual(['done']);
  });

  it('gives a value to one object only, and changes nothing for the loser', async () => {
    const [one, two] = await machines(under(), 2);
    expect(outcomes(await reserveAll(under(), [[present(one), ip('10.0.0.5')]]))).toEqual(['reserved']);
    const lost = await reserveAll(under(), [
      [
        present(two),
        { places: ['host-1'], unique: [{ pool: 'mac', value: '02', slot: 'mac' }, ...present(ip('10.0.0.5').unique)] },
      ],
    ]);
    expect(outcomes(lost)).toEqual(['lost ip/net']);
    const { store } = under();
    expect(await store.claims(present(two).uid)).toBeNull();
    expect(await store.bindings(present(two).uid)).toEqual([]);
    expect((await store.getByUid([present(two).uid]))[0]?.metadata.finalizer).toBe(false);
    expect((await store.consult({ kinds: [], pools: ['mac'], capacity: false })).taken.mac).toEqual(new Set());
  });

  it('lets the first of a batch have it, and the others win what is free', async () => {
    const [one, two, three] = (await machines(under(), 3)).map(present);
    const results = await reserveAll(under(), [
      [present(two), ip('10.0.0.5')],
      [present(one), ip('10.0.0.5')],
      [present(three), ip('10.0.0.6')],
    ]);
    expect(outcomes(results)).toEqual(['reserved', 'lost ip/net', 'reserved']);
  });

  it('frees what new claims no longer hold', async () => {
    const [one, two] = await machines(under(), 2);
    await reserveAll(under(), [[present(one), ip('10.0.0.5')]]);
    expect(outcomes(await reserveAll(under(), [[present(one), ip('10.0.0.6')]]))).toEqual(['reserved']);
    expect(outcomes(await reserveAll(under(), [[present(two), ip('10.0.0.5')]]))).toEqual(['reserved']);
  });

  it('keeps what was held when new claims are lost', async () => {
    const [one, two] = await machines(under(), 2);
    await reserveAll(under(), [
      [present(one), ip('10.0.0.5')],
      [present(two), ip('10.0.0.6')],
    ]);
    expect(outcomes(await reserveAll(under(), [[present(two), ip('10.0.0.5')]]))).toEqual(['lost ip/net']);
    const { taken } = await under().store.consult({ kinds: [], pools: ['ip/net'], capacity: false });
    expect(taken['ip/net']).toEqual(new Set(['10.0.0.5', '10.0.0.6']));
    expect((await under().store.claims(present(two).uid))?.unique[0]?.value).toBe('10.0.0.6');
  });

  it('refuses a reservation that was overtaken', async () => {
    const [late] = await machines(under(), 1);
    await under().advance(LEASE_MS + 1_000);
    await claimAll(under(), 'two');
    const results = await reserveAll(under(), [
      [present(late), ip('10.0.0.5')],
      [{ ...present(late), uid: newUid() }, ip('10.0.0.6')],
    ]);
    expect(outcomes(results)).toEqual(['fenced', 'fenced']);
    const { taken } = await under().store.consult({ kinds: [], pools: ['ip/net'], capacity: false });
    expect(taken['ip/net']).toEqual(new Set());
  });
}

function describeCapacity(under: () => StoreUnderTest): void {
  const limit = (amount: number) =>
    under().store.setCapacity([{ place: 'host-1', resource: 'memoryMiB', limit: amount }]);
  const used = async () => (await under().store.capacity())[0]?.used;

  it('takes capacity up to the limit and not one more', async () => {
    await limit(1_000);
    const [one, two] = await machines(under(), 2);
    expect(outcomes(await reserveAll(under(), [[present(one), memory(600)]]))).toEqual(['reserved']);
    expect(outcomes(await reserveAll(under(), [[present(two), memory(401)]]))).toEqual(['lost memoryMiB/host-1']);
    expect(outcomes(await reserveAll(under(), [[present(two), memory(400)]]))).toEqual(['reserved']);
    expect(await under().store.capacity()).toEqual([
      { place: 'host-1', resource: 'memoryMiB', limit: 1_000, used: 1_000 },
    ]);
  });

  it('adds up within a batch and within one object', async () => {
    await limit(1_000);
    const [one, two, three] = await machines(under(), 3);
    const twice = [...present(memory(300).capacity), ...present(memory(300).capacity)];
    const results = await reserveAll(under(), [
      [present(one), { capacity: twice }],
      [present(two), memory(500)],
      [present(three), memory(400)],
    ]);
    expect(outcomes(results)).toEqual(['reserved', 'lost memoryMiB/host-1', 'reserved']);
    expect(await used()).toBe(1_000);
  });

  it('counts only the difference when an object changes what it holds', async () => {
    await limit(1_000);
    const [one] = await machines(under(), 1);
    await reserveAll(under(), [[present(one), memory(900)]]);
    expect(outcomes(await reserveAll(under(), [[present(one), memory(1_000)]]))).toEqual(['reserved']);
    expect(outcomes(await reserveAll(under(), [[present(one), memory(100)]]))).toEqual(['reserved']);
    expect(await used()).toBe(100);
    await reserveAll(under(), [[present(one), {}]]);
    expect(await used()).toBe(0);
  });

  it('destroys nothing when a limit falls below use, but grants nothing more', async () => {
    await limit(1_000);
    const [one, two] = await machines(under(), 2);
    await reserveAll(under(), [[present(one), memory(800)]]);
    await limit(500);
    expect(await under().store.capacity()).toEqual([{ place: 'host-1', resource: 'memoryMiB', limit: 500, used: 800 }]);
    expect(outcomes(await reserveAll(under(), [[present(two), memory(1)]]))).toEqual(['lost memoryMiB/host-1']);
    expect(outcomes(await reserveAll(under(), [[present(one), memory(800)]]))).toEqual(['reserved']);
    expect(outcomes(await reserveAll(under(), [[present(one), memory(700)]]))).toEqual(['reserved']);
    expect(outcomes(await reserveAll(under(), [[present(one), memory(701)]]))).toEqual(['lost memoryMiB/host-1']);
    expect(outcomes(await reserveAll(under(), [[present(one), memory(400)]]))).toEqual(['reserved']);
    expect(outcomes(await reserveAll(under(), [[present(two), memory(100)]]))).toEqual(['reserved']);
    expect(await used()).toBe(500);
  });

  it('grants nothing at a place whose capacity nobody told', async () => {
    const [one] = await machines(under(), 1);
    expect(outcomes(await reserveAll(under(), [[present(one), memory(1)]]))).toEqual(['lost memoryMiB/host-1']);
  });
}

function describeRaces(under: () => StoreUnderTest): void {
  it('never oversubscribes under parallel reservations', async () => {
    await under().store.setCapacity([{ place: 'host-1', resource: 'memoryMiB', limit: 1_000 }]);
    const claims = await machines(under(), 24);
    const results = await Promise.all(claims.map((claim) => reserveAll(under(), [[claim, memory(100)]])));
    expect(outcomes(results.flat()).filter((outcome) => outcome === 'reserved')).toHaveLength(10);
    expect((await under().store.capacity())[0]?.used).toBe(1_000);
  });

  it('gives a value to exactly one of many who want it at the same time', async () => {
    const claims = await machines(under(), 12);
    const results = await Promise.all(
      claims.map((claim, i) =>
        reserveAll(under(), [
          [
            claim,
            {
              unique: [
                { pool: 'ip/net', value: '10.0.0.5', slot: 'a' },
                { pool: 'ip/own', value: String(i), slot: 'b' },
              ],
            },
          ],
        ]),
      ),
    );
    expect(outcomes(results.flat()).filter((outcome) => outcome === 'reserved')).toHaveLength(1);
    const { taken } = await under().store.consult({ kinds: [], pools: ['ip/own'], capacity: false });
    expect(taken['ip/own']?.size).toBe(1);
  });
}
