import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import type { HostCandidate, PoolCandidate } from './candidate.ts';
import type { PlacementWish, Strategy } from './filters.ts';
import { place } from './place.ts';
import { choosePool } from './pools.ts';

function host(name: string, part: Partial<HostCandidate> = {}): HostCandidate {
  return {
    uid: `uid-${name}`,
    name,
    cluster: 'c1',
    pod: 'p1',
    zone: 'z1',
    disabledBy: undefined,
    reachable: true,
    twinOf: undefined,
    tags: ['ssd'],
    kvm: true,
    firmware: ['bios', 'uefi'],
    machineTypes: ['pc-q35-7.2', 'pc-i440fx-7.2'],
    cpuMilli: { limit: 8000, used: 0 },
    memoryMiB: { limit: 16_384, used: 0 },
    pools: [pool('main')],
    ...part,
  };
}

function pool(name: string, part: Partial<PoolCandidate> = {}): PoolCandidate {
  return {
    uid: `pool-${name}`,
    name,
    enabled: true,
    active: true,
    tags: [],
    storageMiB: { limit: 1000, used: 0 },
    ...part,
  };
}

function wish(part: Partial<PlacementWish> = {}): PlacementWish {
  return { cpuMilli: 1000, memoryMiB: 512, tags: [], reach: [], pools: [], strategy: 'Spread', uid: 'vm-1', ...part };
}

const refusal = (part: Partial<HostCandidate>, wished: Partial<PlacementWish> = {}) => {
  const placement = place({ wish: wish(wished), hosts: [host('h1', part)], attempt: 0 });
  return placement.explanation[0]?.rejectedBy?.code ?? 'chosen';
};

describe('a host is refused', () => {
  it.each<[string, Partial<HostCandidate>, Partial<PlacementWish>, string]>([
    ['nothing', {}, {}, 'chosen'],
    ['outside the zone', { zone: 'z2' }, { zone: 'z1' }, 'NotWished'],
    ['in no pod at all', { pod: undefined }, { pod: 'p1' }, 'NotWished'],
    ['in another cluster', {}, { cluster: 'c2' }, 'NotWished'],
    ['when another is named', {}, { host: 'h2' }, 'NotWished'],
    ['when its pod is closed', { disabledBy: 'Pod/p1' }, {}, 'AllocationDisabled'],
    ['that does not answer', { reachable: false }, {}, 'HostUnreachable'],
    ['that is another one by a second name', { twinOf: 'h2' }, {}, 'SameMachineAs'],
    ['without the tag', {}, { tags: ['ssd', 'gpu'] }, 'TagMissing'],
    ['without UEFI', { firmware: ['bios'] }, { firmware: 'uefi' }, 'NoFirmware'],
    ['that does not list firmware: it is not judged by it', { firmware: [] }, { firmware: 'uefi' }, 'chosen'],
    ['where KVM was not seen to work', { kvm: undefined }, { accelerator: 'kvm' }, 'NoKvm'],
    ['that lacks the machine type', {}, { machineType: 'microvm' }, 'NoMachineType'],
    ['that has a version of the machine type: it is not', {}, { machineType: 'q35' }, 'chosen'],
    [
      'where the network is not',
      {},
      { reach: [{ kind: 'Network', name: 'lan', hosts: new Set(['uid-h2']) }] },
      'OutOfReach',
    ],
    ['with too few CPUs free', { cpuMilli: { limit: 8000, used: 7001 } }, {}, 'NotEnough'],
    ['with just enough: it is not', { cpuMilli: { limit: 8000, used: 7000 } }, {}, 'chosen'],
    ['with too little memory free', { memoryMiB: { limit: 16_384, used: 16_000 } }, {}, 'NotEnough'],
    ['that has not told its memory', { memoryMiB: null }, {}, 'CapacityUnknown'],
    [
      'without a pool for the disk',
      { pools: [] },
      { pools: [{ what: 'disk root', tags: [], storageMiB: 0 }] },
      'NoPool',
    ],
    [
      'whose wished pool is away',
      {},
      { pools: [{ what: 'disk root', pool: 'fast', tags: [], storageMiB: 0 }] },
      'PoolOutOfReach',
    ],
  ])('%s', (_what, part, wished, code) => {
    expect(refusal(part, wished)).toBe(code);
  });
});

describe('a strategy', () => {
  const hosts = [
    host('a', { cpuMilli: { limit: 8000, used: 4000 } }),
    host('b', { cpuMilli: { limit: 8000, used: 6000 } }),
    host('c', { cpuMilli: { limit: 8000, used: 1000 } }),
  ];
  const choice = (strategy: Strategy, attempt = 0) => place({ wish: wish({ strategy }), hosts, attempt }).host?.name;

  it.each<[Strategy, string]>([
    ['FirstFit', 'a'],
    ['Pack', 'b'],
    ['Spread', 'c'],
  ])('%s chooses %s', (strategy, name) => {
    expect(choice(strategy)).toBe(name);
  });

  it('goes to the next best after a lost race', () => {
    expect([0, 1, 2, 3].map((attempt) => choice('Pack', attempt))).toEqual(['b', 'a', 'c', 'b']);
  });

  it('shares a burst between equally good hosts', () => {
    const equal = [host('a'), host('b')];
    const names = Array.from(
      { length: 100 },
      (_, i) => place({ wish: wish({ uid: `vm-${i}` }), hosts: equal, attempt: 0 }).host?.name,
    );
    const share = names.filter((name) => name === 'a').length;
    expect(share).toBeGreaterThan(30);
    expect(share).toBeLessThan(70);
  });
});

describe('a choice', () => {
  const amount = fc.record({ limit: fc.nat(10_000), used: fc.nat(10_000) });
  const anyHost = fc.record({
    cpuMilli: amount,
    memoryMiB: amount,
    reachable: fc.boolean(),
    zone: fc.constantFrom('z1', 'z2'),
  });
  const anyWish = fc.record({
    cpuMilli: fc.nat(5_000),
    memoryMiB: fc.nat(5_000),
    zone: fc.constantFrom('z1', undefined),
    strategy: fc.constantFrom<Strategy>('FirstFit', 'Pack', 'Spread'),
  });

  it('is always a host that fits, is explained for every host, and there is one whenever one fits', () => {
    fc.assert(
      fc.property(fc.array(anyHost, { maxLength: 8 }), anyWish, fc.nat(5), (parts, part, attempt) => {
        const hosts = parts.map((one, index) => host(`h${index}`, one));
        const wished = wish(part);
        const placement = place({ wish: wished, hosts, attempt });
        const fits = (one: HostCandidate) =>
          one.reachable &&
          (wished.zone === undefined || wished.zone === one.zone) &&
          (['cpuMilli', 'memoryMiB'] as const).every(
            (field) => wished[field] === 0 || wished[field] <= (one[field]?.limit ?? 0) - (one[field]?.used ?? 0),
          );
        expect(placement.host !== null).toBe(hosts.some(fits));
        if (placement.host) expect(fits(placement.host)).toBe(true);
        expect(placement.explanation.map(({ name }) => name).sort()).toEqual(hosts.map(({ name }) => name));
        expect(placement.explanation.filter(({ chosen }) => chosen)).toHaveLength(placement.host ? 1 : 0);
        for (const note of placement.explanation)
          expect((note.rejectedBy === null) === (note.score !== null)).toBe(true);
      }),
    );
  });

  it('does not depend on the order in which hosts are told', () => {
    fc.assert(
      fc.property(fc.array(anyHost, { minLength: 2, maxLength: 6 }), anyWish, (parts, part) => {
        const hosts = parts.map((one, index) => host(`h${index}`, one));
        const wished = wish({ ...part, strategy: part.strategy === 'FirstFit' ? 'Pack' : part.strategy });
        const [there, back] = [hosts, [...hosts].reverse()].map(
          (all) => place({ wish: wished, hosts: all, attempt: 0 }).host?.name,
        );
        expect(there).toBe(back);
      }),
    );
  });
});

describe('a pool', () => {
  const pools = [
    pool('a', { storageMiB: { limit: 1000, used: 900 } }),
    pool('b', { storageMiB: { limit: 1000, used: 100 }, tags: ['ssd'] }),
    pool('c', { storageMiB: { limit: 5000, used: 0 }, enabled: false }),
    pool('d', { active: false }),
  ];
  it.each([
    ['the one with the most room', {}, 'b'],
    ['the named one, though it is closed', { pool: 'c' }, 'c'],
    ['none that is not active', { pool: 'd' }, 'PoolOutOfReach'],
    ['one with the tags', { tags: ['ssd'] }, 'b'],
    ['none without them', { tags: ['nvme'] }, 'NoPool'],
    ['none that is too full', { storageMiB: 950 }, 'NoPool'],
  ])('is %s', (_what, part, expected) => {
    const choice = choosePool(pools, { what: 'disk root', tags: [], storageMiB: 50, ...part });
    expect('pool' in choice ? choice.pool.name : choice.refused.code).toBe(expected);
  });
});
