import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import type { PlanInput } from '../../../reconciler/kind.ts';
import type { Plan } from '../../../reconciler/plan.ts';
import { storedObject, testRefs, testUid } from '../../../test/fixtures/objects.ts';
import type { VolumeSpec, VolumeStatus } from './kind.ts';
import type { Attachment, VolumeState } from './observe.ts';
import { planVolume } from './plan.ts';
import { reportVolume } from './report.ts';

type Input = PlanInput<VolumeSpec, VolumeStatus, VolumeState>;

const POOL = testUid('main');
const GIB = 1024 ** 3;
const FILE = `${testUid('v')}.qcow2`;

interface Situation {
  wishedGiB: number;
  hasGiB: number | null;
  attached: 'no' | 'off' | 'running';
  silent: string[];
  deleting: boolean;
  provisioned: boolean;
  token?: string;
}

const CALM: Situation = { wishedGiB: 10, hasGiB: 10, attached: 'no', silent: [], deleting: false, provisioned: true };

function situation(part: Partial<Situation>): Input {
  const s = { ...CALM, ...part };
  const attachedTo: Attachment | null =
    s.attached === 'no'
      ? null
      : { machineUid: testUid('vm'), disk: 'root', host: testUid('h1'), running: s.attached === 'running' };
  const state =
    s.hasGiB === null
      ? null
      : {
          capacityBytes: s.hasGiB * GIB,
          allocatedBytes: 0,
          format: 'qcow2' as const,
          attachedTo,
          hosts: [],
          whole: true,
        };
  return {
    object: storedObject({
      kind: 'Volume',
      name: 'v',
      spec: { sizeGiB: s.wishedGiB },
      status: { provisioned: s.provisioned },
      metadata: { requests: s.token === undefined ? {} : { recreate: s.token } },
    }),
    refs: testRefs({}),
    now: 0,
    observed: {
      sightings: state && !s.silent.includes(POOL) ? [{ place: POOL, owned: true, state }] : [],
      silent: s.silent.map((place) => ({ place, code: 'Unreachable' as const })),
      asOf: 0,
    },
    claims: { places: [POOL], unique: [], capacity: [], chosen: { pool: 'main', poolUid: POOL } },
    bindings: [{ place: POOL, incarnation: 0, externalId: null, state: 'intended' }],
    children: {},
    deleting: s.deleting,
    installationId: 'test',
  };
}

const summary = (plan: Plan): string => {
  if ('steps' in plan)
    return plan.steps.map(({ verb, risk }) => (risk === 'none' ? verb : `${verb}!${risk}`)).join(' ');
  return 'waiting' in plan ? `waiting ${plan.waiting.code}` : `invalid ${plan.invalid.code}`;
};

describe('what is done about a volume', () => {
  it.each<[string, Partial<Situation>, string]>([
    ['as wished: nothing', {}, ''],
    ['never there: made', { hasGiB: null, provisioned: false }, 'create'],
    ['too small, at rest: grown', { hasGiB: 5 }, 'grow'],
    ['too small, defined on a machine at rest: grown', { hasGiB: 5, attached: 'off' }, 'grow'],
    ['too small, running: grown through the machine', { hasGiB: 5, attached: 'running' }, 'growLive'],
    ['bigger than wished: left', { hasGiB: 20 }, ''],
    ['lost: not without leave', { hasGiB: null }, 'create!dataLoss'],
    ['lost, asked to be made anew', { hasGiB: null, token: 't1' }, 'create'],
    ['pool silent: nothing', { silent: [POOL] }, 'waiting PlaceSilent'],
    ['pool silent, never there: nothing', { silent: [POOL], hasGiB: null, provisioned: false }, 'waiting PlaceSilent'],
    ['one host silent, too small: nothing', { silent: ['h2'], hasGiB: 5 }, 'waiting PlaceSilent'],
    ['one host silent, lost: nothing', { silent: ['h2'], hasGiB: null }, 'waiting PlaceSilent'],
    ['one host silent, never there: made', { silent: ['h2'], hasGiB: null, provisioned: false }, 'create'],
    ['deleted: removed', { deleting: true }, 'remove'],
    ['deleted and gone: nothing', { deleting: true, hasGiB: null }, ''],
    ['deleted while attached: not yet', { deleting: true, attached: 'off' }, 'waiting StillAttached'],
    ['deleted while one host is silent: not yet', { deleting: true, silent: ['h2'] }, 'waiting PlaceSilent'],
    ['deleted while the pool is silent: not yet', { deleting: true, silent: [POOL] }, 'waiting PlaceSilent'],
  ])('%s', (_what, part, expected) => {
    expect(summary(planVolume(situation(part)))).toBe(expected);
  });

  it('names the request that it fulfils', () => {
    expect(planVolume(situation({ hasGiB: null, token: 't1' }))).toMatchObject({
      steps: [{ args: { poolUid: POOL, name: FILE, bytes: 10 * GIB }, request: { name: 'recreate', token: 't1' } }],
    });
  });

  const any = fc.record({
    wishedGiB: fc.integer({ min: 1, max: 40 }),
    hasGiB: fc.option(fc.integer({ min: 1, max: 40 })),
    attached: fc.constantFrom('no' as const, 'off' as const, 'running' as const),
    silent: fc.subarray([POOL, 'h2']),
    deleting: fc.boolean(),
    provisioned: fc.boolean(),
  });

  it('never destroys, replaces or grows blindly, and grows nothing from outside that runs', () => {
    fc.assert(
      fc.property(any, (s) => {
        const plan = planVolume(situation(s));
        const steps = 'steps' in plan ? plan.steps : [];
        if (s.silent.includes(POOL)) expect(steps).toEqual([]);
        for (const { verb, risk } of steps) {
          if (verb === 'remove') expect([s.deleting, s.attached, s.silent]).toEqual([true, 'no', []]);
          if (verb === 'grow') expect([s.attached === 'running', s.silent]).toEqual([false, []]);
          if (verb === 'create' && s.provisioned) expect(risk).toBe('dataLoss');
        }
      }),
    );
  });

  it('plans nothing more once its steps have been done', () => {
    fc.assert(
      fc.property(any, (s) => {
        const plan = planVolume(situation(s));
        if (!('steps' in plan) || plan.steps.length === 0) return;
        const hasGiB = plan.steps[0]?.verb === 'remove' ? null : Math.max(s.hasGiB ?? 0, s.wishedGiB);
        expect(summary(planVolume(situation({ ...s, hasGiB, provisioned: true })))).toBe('');
      }),
    );
  });
});

describe('what is said about a volume', () => {
  const conditions = (part: Partial<Situation>) => {
    const input = situation(part);
    const report = reportVolume(input);
    return report.conditions.map(({ type, status, reason }) => `${type} ${status} ${reason.code}`);
  };

  it.each<[string, Partial<Situation>, string[]]>([
    ['there', {}, ['Provisioned True VolumeThere', 'Sized True SizeFits']],
    ['too small', { hasGiB: 5 }, ['Provisioned True VolumeThere', 'Sized False TooSmall']],
    ['not yet there', { hasGiB: null, provisioned: false }, ['Provisioned False VolumeMissing']],
    ['lost', { hasGiB: null }, ['Provisioned False DataLost']],
    ['out of sight', { silent: [POOL] }, ['Provisioned Unknown PlaceSilent']],
  ])('%s', (_what, part, expected) => {
    expect(conditions(part)).toEqual(expected);
  });

  it('remembers that it was there, and never says so before', () => {
    const input = situation({ hasGiB: null, provisioned: false });
    expect(reportVolume(input).status).not.toHaveProperty('provisioned');
    const seen = situation({ provisioned: false });
    expect(reportVolume(seen).status).toMatchObject({
      provisioned: true,
      sizeGiB: 10,
      file: FILE,
    });
  });
});
