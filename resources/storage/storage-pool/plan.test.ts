import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import type { PlanInput } from '../../../reconciler/kind.ts';
import type { Plan } from '../../../reconciler/plan.ts';
import { storedObject, testRefs } from '../../../test/fixtures/objects.ts';
import type { StoragePoolSpec, StoragePoolStatus } from './kind.ts';
import type { PoolState } from './observe.ts';
import { planStoragePool } from './plan.ts';
import { poolCapacity, reportStoragePool } from './report.ts';

type Standing = 'active' | 'inactive' | 'elsewhere' | 'missing' | 'silent';
type Input = PlanInput<StoragePoolSpec, StoragePoolStatus, PoolState>;

interface Situation {
  /** How the pool stands on each host. */
  hosts: Record<string, Standing>;
  wanted: string[];
  deleting?: boolean;
  volumes?: string[];
}

function situation({ hosts, wanted, deleting = false, volumes = [] }: Situation): Input {
  const entries = Object.entries(hosts);
  const state = (standing: Standing): PoolState => ({
    active: standing !== 'inactive',
    path: standing === 'elsewhere' ? '/elsewhere' : '/pools/main',
    capacityMiB: 1_000,
    availableMiB: 400,
    volumes: deleting && standing !== 'inactive' ? volumes : null,
  });
  return {
    object: storedObject({ kind: 'StoragePool', name: 'main', spec: { path: '/pools/main', hosts: ['h1'] } }),
    refs: testRefs({}),
    now: 0,
    observed: {
      sightings: entries
        .filter(([, standing]) => standing !== 'missing' && standing !== 'silent')
        .map(([place, standing]) => ({ place, owned: true, state: state(standing) })),
      silent: entries.flatMap(([place, s]) => (s === 'silent' ? [{ place, code: 'Unreachable' as const }] : [])),
      asOf: 0,
    },
    claims: { places: wanted, unique: [], capacity: [], chosen: {} },
    bindings: [],
    children: {},
    deleting,
    installationId: 'test',
  };
}

const summary = (plan: Plan): string => {
  if ('steps' in plan) return plan.steps.map(({ verb, place }) => `${verb}@${place}`).join(' ');
  return 'waiting' in plan ? `waiting ${plan.waiting.code}` : `invalid ${plan.invalid.code}`;
};
const planned = (s: Situation) => summary(planStoragePool(situation(s)));
const both = ['h1', 'h2'];

describe('what is done about a pool', () => {
  it.each<[string, Situation, string]>([
    ['active everywhere', { hosts: { h1: 'active', h2: 'active' }, wanted: both }, ''],
    ['missing on one', { hosts: { h1: 'active', h2: 'missing' }, wanted: both }, 'ensure@h2'],
    ['stopped', { hosts: { h1: 'inactive' }, wanted: ['h1'] }, 'ensure@h1'],
    ['moved', { hosts: { h1: 'elsewhere' }, wanted: ['h1'] }, 'ensure@h1'],
    ['one host silent', { hosts: { h1: 'missing', h2: 'silent' }, wanted: both }, 'ensure@h1'],
    ['all hosts silent', { hosts: { h1: 'silent', h2: 'silent' }, wanted: both }, 'waiting PlaceSilent'],
    ['left behind on a host', { hosts: { h1: 'active', h2: 'active' }, wanted: ['h1'] }, 'remove@h2'],
    ['deleted', { hosts: { h1: 'active', h2: 'active' }, wanted: both, deleting: true }, 'remove@h1 remove@h2'],
    [
      'deleted, with volumes',
      { hosts: { h1: 'active' }, wanted: ['h1'], deleting: true, volumes: ['v'] },
      'waiting PoolHoldsVolumes',
    ],
    ['deleted, contents unknown', { hosts: { h1: 'inactive' }, wanted: ['h1'], deleting: true }, 'ensure@h1'],
    ['deleted and gone', { hosts: { h1: 'missing' }, wanted: ['h1'], deleting: true }, ''],
  ])('%s', (_what, s, expected) => {
    expect(planned(s)).toBe(expected);
  });

  it('never touches a silent host, and never takes a pool off that holds volumes', () => {
    const standing = fc.constantFrom<Standing>('active', 'inactive', 'elsewhere', 'missing', 'silent');
    fc.assert(
      fc.property(standing, standing, fc.boolean(), fc.subarray(['v1', 'v2']), (h1, h2, deleting, volumes) => {
        const hosts = { h1, h2 };
        const plan = planStoragePool(situation({ hosts, wanted: both, deleting, volumes }));
        for (const { place, verb } of 'steps' in plan ? plan.steps : []) {
          expect(hosts[place as 'h1' | 'h2']).not.toBe('silent');
          if (verb === 'remove') expect([deleting, volumes]).toEqual([true, []]);
        }
      }),
    );
  });
});

describe('what is said about a pool', () => {
  const said = (hosts: Record<string, Standing>) =>
    reportStoragePool(situation({ hosts, wanted: Object.keys(hosts) })).conditions.map(
      ({ type, status, reason }) => `${type} ${status} ${reason.code}`,
    );

  it.each<[string, Record<string, Standing>, string[]]>([
    ['everywhere', { h1: 'active', h2: 'active' }, ['Active True PoolActive', 'Reached True AllHostsAnswer']],
    ['one silent', { h1: 'active', h2: 'silent' }, ['Active True PoolActive', 'Reached Unknown HostsSilent']],
    ['one missing', { h1: 'active', h2: 'missing' }, ['Active False NotEverywhere', 'Reached True AllHostsAnswer']],
    ['nobody answers', { h1: 'silent' }, ['Active Unknown HostsSilent', 'Reached Unknown HostsSilent']],
    ['stopped', { h1: 'inactive' }, ['Active False NotEverywhere', 'Reached True AllHostsAnswer']],
  ])('%s', (_what, hosts, expected) => {
    expect(said(hosts)).toEqual(expected);
  });

  it('tells free space in steps, so that a guest that writes does not change the status', () => {
    expect(reportStoragePool(situation({ hosts: { h1: 'active' }, wanted: ['h1'] })).status).toMatchObject({
      capacityMiB: 1_000,
      availableMiB: 256,
    });
  });

  it('promises twice what is there, and nothing new while nobody answers', () => {
    const limit = (hosts: Record<string, Standing>) => poolCapacity(situation({ hosts, wanted: Object.keys(hosts) }));
    expect(limit({ h1: 'active' })).toEqual([{ place: expect.any(String), resource: 'storageMiB', limit: 2_000 }]);
    expect(limit({ h1: 'silent' })).toBeNull();
    expect(limit({ h1: 'inactive' })).toBeNull();
  });
});
