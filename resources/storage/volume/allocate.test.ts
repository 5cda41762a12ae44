import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import type { Claims } from '../../../reconciler/claims.ts';
import type { StoredObject } from '../../../reconciler/object.ts';
import { storedObject, testRefs, testUid } from '../../../test/fixtures/objects.ts';
import { allocateVolume } from './allocate.ts';
import type { VolumeSpec, VolumeStatus } from './kind.ts';

interface PoolWish {
  name: string;
  tags?: string[];
  allocation?: string;
  active?: boolean;
  limitGiB?: number;
  usedGiB?: number;
  availableMiB?: number;
  deletedAt?: string | null;
}

const pool = ({
  name,
  tags = [],
  allocation = 'Enabled',
  active = true,
  deletedAt = null,
  availableMiB = 50_000,
}: PoolWish): StoredObject =>
  storedObject({
    kind: 'StoragePool',
    name,
    spec: { path: `/pools/${name}`, hosts: ['h1'], tags, allocation },
    status: {
      availableMiB,
      refs: { '/hosts/0': testUid('h1') },
      hosts: [{ uid: testUid('h1'), state: active ? 'Active' : 'Missing' }],
    },
    metadata: { deletedAt },
  });

function allocate(
  pools: PoolWish[],
  wish: { spec?: Record<string, string | number | string[]>; held?: Claims; attempt?: number } = {},
) {
  const object = storedObject<VolumeSpec, VolumeStatus>({
    kind: 'Volume',
    name: 'v',
    spec: wish.spec ?? { sizeGiB: 10 },
  });
  const objects = pools.map(pool);
  const named = objects.find(({ metadata }) => metadata.name === wish.spec?.pool);
  const capacity = pools.map(({ name, limitGiB = 100, usedGiB = 0 }) => ({
    place: testUid(name),
    resource: 'storageMiB',
    limit: limitGiB * 1024,
    used: usedGiB * 1024,
  }));
  return allocateVolume({
    object,
    refs: testRefs({ '/pool': named }),
    now: 0,
    world: { objects: { StoragePool: objects }, capacity, taken: {} },
    held: wish.held ?? null,
    attempt: wish.attempt ?? 0,
  });
}

const held = (name: string, gib: number): Claims => ({
  places: [testUid(name)],
  unique: [],
  capacity: [{ place: testUid(name), resource: 'storageMiB', amount: gib * 1024 }],
  chosen: { pool: name, poolUid: testUid(name), reach: testUid('h1') },
});

describe('where a volume goes', () => {
  it('is where most is free; a lost race tries the next', () => {
    const pools = [
      { name: 'a', usedGiB: 50 },
      { name: 'b', usedGiB: 10 },
      { name: 'c', usedGiB: 80 },
    ];
    expect(allocate(pools)).toMatchObject({ claims: { chosen: { pool: 'b', reach: testUid('h1') } } });
    expect(allocate(pools, { attempt: 1 })).toMatchObject({ claims: { chosen: { pool: 'a' } } });
    expect(allocate(pools)).toMatchObject({ claims: { capacity: [{ resource: 'storageMiB', amount: 10 * 1024 }] } });
  });

  it.each([
    ['disabled', { allocation: 'Disabled' }, 'PoolDisabled'],
    ['going away', { deletedAt: '2026-01-01T00:00:00Z' }, 'PoolDeleting'],
    ['not active', { active: false }, 'PoolNotActive'],
    ['full', { usedGiB: 91 }, 'PoolFull'],
    ['out of bytes', { availableMiB: 100 }, 'PoolNearlyFull'],
    ['of the wrong sort', { tags: ['hdd'] }, 'TagsMissing'],
  ])('is not a pool that is %s', (_what, state, code) => {
    const spec = { sizeGiB: 10, tags: code === 'TagsMissing' ? ['ssd'] : [] };
    expect(allocate([{ name: 'a', ...state }], { spec })).toMatchObject({ waiting: { code } });
    expect(
      allocate(
        [
          { name: 'a', ...state, limitGiB: 100 },
          { name: 'b', tags: ['ssd'] },
        ],
        { spec },
      ),
    ).toMatchObject({
      claims: { chosen: { pool: 'b' } },
    });
  });

  it('is the pool that the spec names, or nowhere', () => {
    const pools = [{ name: 'a', usedGiB: 95 }, { name: 'b' }];
    expect(allocate(pools, { spec: { sizeGiB: 10, pool: 'a' } })).toMatchObject({
      waiting: { code: 'PoolFull', params: { pool: 'a', neededGiB: 10, freeGiB: 5 } },
    });
  });

  it('stays where it is, whatever becomes of the pool, as long as there is room to grow', () => {
    const pools = [{ name: 'a', allocation: 'Disabled', active: false, usedGiB: 60 }, { name: 'b' }];
    expect(allocate(pools, { spec: { sizeGiB: 50 }, held: held('a', 10) })).toMatchObject({
      claims: { places: [testUid('a')], capacity: [{ amount: 50 * 1024 }] },
    });
    expect(allocate(pools, { spec: { sizeGiB: 51 }, held: held('a', 10) })).toMatchObject({
      waiting: { code: 'PoolFull' },
    });
  });

  it('never takes more than there is, and is the same for the same world in any order', () => {
    const wish = fc.record({
      name: fc.constantFrom('a', 'b', 'c', 'd', 'e'),
      limitGiB: fc.integer({ min: 0, max: 200 }),
      usedGiB: fc.integer({ min: 0, max: 200 }),
      active: fc.boolean(),
    });
    fc.assert(
      fc.property(
        fc.uniqueArray(wish, { selector: ({ name }) => name }),
        fc.integer({ min: 1, max: 60 }),
        (pools, sizeGiB) => {
          const outcome = allocate(pools, { spec: { sizeGiB } });
          expect(allocate([...pools].reverse(), { spec: { sizeGiB } })).toEqual(outcome);
          const fitting = pools
            .filter((p) => p.active && p.limitGiB - p.usedGiB >= sizeGiB)
            .map((p) => testUid(p.name));
          if ('claims' in outcome) expect(fitting).toContain(outcome.claims.places[0]);
          else expect(fitting).toEqual([]);
        },
      ),
    );
  });
});
