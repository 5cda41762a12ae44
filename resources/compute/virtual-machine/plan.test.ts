import { describe, expect, it } from '@jest/globals';
import type { MachineSight, MachineSpec } from '../../../hypervisor/port.ts';
import type { Claims } from '../../../reconciler/claims.ts';
import type { Plan } from '../../../reconciler/plan.ts';
import { machineSpec } from '../../../test/fixtures/machine-spec.ts';
import { storedObject, testRefs, testUid } from '../../../test/fixtures/objects.ts';
import { desiredMachine } from './desired.ts';
import type { MachineState } from './observe.ts';
import { type MachineInput, planMachine } from './plan.ts';
import type { MachineWish } from './spec.ts';
import type { MachineStatus } from './status.ts';

const UID = testUid('web');
const NOW = Date.parse('2026-01-01T12:00:00Z');
const CLAIMS: Claims = {
  places: ['h1'],
  unique: [],
  capacity: [
    { place: 'h1', resource: 'cpuMilli', amount: 1000 },
    { place: 'h1', resource: 'memoryMiB', amount: 512 },
  ],
  chosen: { host: 'h1', hostName: 'one' },
};

function input(part: Partial<MachineInput> = {}): MachineInput {
  return {
    object: storedObject<MachineWish, MachineStatus>({
      kind: 'VirtualMachine',
      name: 'web',
      spec: { cpus: 1, memoryMiB: 512 },
    }),
    refs: testRefs({}),
    now: NOW,
    observed: { sightings: [], silent: [], asOf: NOW },
    claims: CLAIMS,
    bindings: [{ place: 'h1', incarnation: 0, externalId: null, state: 'confirmed' }],
    children: {},
    deleting: false,
    installationId: 'test',
    ...part,
  };
}

function asWished(): MachineSpec {
  const desired = desiredMachine(input(), null);
  return 'spec' in desired ? desired.spec : machineSpec();
}

function state(part: Partial<MachineSight> = {}): MachineState {
  const spec = asWished();
  const machine: MachineSight = {
    uid: UID,
    owned: true,
    incarnation: 0,
    installationId: 'test',
    title: spec.title,
    power: 'running',
    powerReason: 'booted',
    runId: '1',
    unresponsive: false,
    persistent: spec,
    live: spec,
    accelerator: 'tcg',
    vnc: null,
    serialLog: null,
    ports: {},
    ...part,
  };
  const can = { hotplugCpu: true, hotplugMemory: true, hotplugDisk: true, hotplugNic: true };
  return { machine, networks: {}, seeds: [], can };
}

const seenAt = (...places: string[]) => ({
  sightings: places.map((place) => ({ place, owned: true, state: state(), runId: '1' })),
  silent: [],
  asOf: NOW,
});
const verbs = (plan: Plan) => ('steps' in plan ? plan.steps.map(({ verb }) => verb) : plan);

describe('a plan', () => {
  it('is empty for a machine that is as wished', () => {
    expect(planMachine(input({ observed: seenAt('h1') }))).toEqual({ steps: [], children: [] });
  });

  it('is a definition and a start for one that is not there', () => {
    expect(verbs(planMachine(input()))).toEqual(['define', 'start']);
  });

  it('touches nothing while it runs in two places', () => {
    const two = input({ observed: seenAt('h1', 'h2') });
    expect(planMachine(two)).toMatchObject({ waiting: { code: 'SplitBrain', params: { places: 'h1, h2' } } });
  });

  it('makes nothing elsewhere while a bound place is silent, and removes nothing there', () => {
    const silent = { sightings: [], silent: [{ place: 'h1', code: 'Unreachable' as const }], asOf: NOW };
    expect(planMachine(input({ observed: silent }))).toMatchObject({ waiting: { code: 'PlaceSilent' } });
    expect(verbs(planMachine(input({ observed: silent, deleting: true })))).toEqual([]);
  });

  it('says what changes, field by field', () => {
    const other = { ...asWished(), memoryMiB: 300, vnc: false };
    const observed = {
      ...seenAt(),
      sightings: [{ place: 'h1', owned: true, state: state({ persistent: other, live: null, power: 'off' }) }],
    };
    const plan = planMachine(input({ observed }));
    expect('steps' in plan && plan.steps[0]).toMatchObject({
      verb: 'define',
      risk: 'none',
      changes: [
        { path: 'machine/memoryMiB', from: 300, to: 512 },
        { path: 'machine/vnc', from: false, to: true },
      ],
    });
  });

  it('on the way out cuts the power, takes the definition and the seeds, at every place', () => {
    const found = { ...state(), seeds: ['seed-x.iso'] };
    const claims = { ...CLAIMS, chosen: { ...CLAIMS.chosen, 'seed/seed-x.iso': 'pool-1' } };
    const observed = {
      sightings: [
        { place: 'h1', owned: true, state: found },
        { place: 'h2', owned: true, state: state({ live: null, power: 'off' }) },
      ],
      silent: [],
      asOf: NOW,
    };
    const plan = planMachine(input({ observed, claims, deleting: true }));
    expect('steps' in plan && plan.steps.map(({ verb, place }) => `${verb} ${place}`)).toEqual([
      'destroy h1',
      'undefine h1',
      'removeSeed h1',
      'undefine h2',
    ]);
  });

  it('leaves alone on the way out what somebody else made', () => {
    const observed = { ...seenAt(), sightings: [{ place: 'h1', owned: false, state: state({ owned: false }) }] };
    expect(verbs(planMachine(input({ observed, deleting: true })))).toEqual([]);
  });
});
