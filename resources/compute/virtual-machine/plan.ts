import type { DiskSpec, MachineSight } from '../../../hypervisor/port.ts';
import { type JsonObject, type Reason, reason } from '../../../reconciler/json.ts';
import type { PlanInput } from '../../../reconciler/kind.ts';
import { type Plan, type Step, step } from '../../../reconciler/plan.ts';
import { desiredMachine } from './desired.ts';
import { definitionChanges } from './diff.ts';
import { type GuestChanges, guestChanges } from './guest-changes.ts';
import type { MachineState } from './observe.ts';
import { planRemoval } from './plan-removal.ts';
import { decidePower, isOn, type PowerAct } from './power.ts';
import { releaseSteps, reservationSteps } from './reservations.ts';
import { seedRemovals, seedSteps } from './seed-steps.ts';
import type { MachineWish } from './spec.ts';
import type { MachineStatus } from './status.ts';
import { attachedDisks, lostDisks, machineChildren } from './volumes.ts';

export type MachineInput = PlanInput<MachineWish, MachineStatus, MachineState>;

const RETRY_MS = 10_000;
const PENDING_MS = 2_000;

/** Desired − observed: addresses, seed, definition, running guest, power, and last what is no longer wanted. Pure. */
export function planMachine(input: MachineInput): Plan {
  if (input.deleting) return { steps: planRemoval(input) };
  const place = input.claims?.chosen.host;
  if (place === undefined) return { waiting: reason('Pending'), afterMs: RETRY_MS };
  const running = input.observed.sightings.filter(({ state }) => isOn(state.machine)).map((sighting) => sighting.place);
  if (running.length > 1) return { waiting: reason('SplitBrain', { places: running.join(', ') }), afterMs: RETRY_MS };
  const [silent] = input.observed.silent;
  if (silent) return { waiting: reason('PlaceSilent', { place: silent.place, code: silent.code }), afterMs: RETRY_MS };
  const state = input.observed.sightings.find((sighting) => sighting.place === place)?.state ?? null;
  const machine = state?.machine ?? null;
  const adoption = adoptionPlan(input, { place, machine });
  if (adoption) return adoption;
  return planHere(input, { place, state });
}

interface Here {
  place: string;
  state: MachineState | null;
}

/** What there is when nothing was seen. */
const NOTHING: MachineState = {
  machine: null,
  networks: {},
  seeds: [],
  can: { hotplugCpu: false, hotplugMemory: false, hotplugDisk: false, hotplugNic: false },
};

function planHere(input: MachineInput, { place, state }: Here): Plan {
  const seen = state ?? NOTHING;
  const { machine } = seen;
  const children = machineChildren(input, attachedDisks(machine));
  const desired = desiredMachine(input, machine);
  if ('refused' in desired) return { invalid: desired.refused };
  const { spec, pending, withheld } = desired;
  const [firstPending] = pending;
  const defined = machine !== null;
  if (!defined && firstPending) return { waiting: firstPending, afterMs: PENDING_MS, children };

  const power = decidePower(input, machine);
  const stopping = power.act === 'shutdown' || power.act === 'destroy' || power.act === 'wait';
  const before = [...reservationSteps(input, { place, seen }), ...seedSteps(input, { place, seen })];
  const guest = guestChanges(input, { desired, state: seen, resume: power.act === 'resume' });
  const steps = [
    ...before,
    ...defineSteps({ place, spec, machine, input }),
    ...(stopping ? [] : guest.steps.map((change) => atPlace(change, input, { place, machine }))),
    ...powerSteps({ power, place, input, blocked: firstPending !== undefined && power.act === 'start' }),
    ...releaseSteps(input, { place, seen, spec }),
    ...seedRemovals(input, { place, seen, spec }),
  ];
  const unapproved = withheld.map((disk) => withheldStep(disk, input, place));
  if (steps.length > 0) return { steps: [...steps, ...unapproved], children };
  if (power.act === 'wait') return { waiting: power.why, afterMs: power.afterMs, children };
  if (firstPending) return { waiting: firstPending, afterMs: PENDING_MS, children };
  if (guest.againMs !== null) {
    const why = power.act === 'resume' ? power.why : guestReason(guest);
    return { waiting: why, afterMs: guest.againMs, children };
  }
  return { steps: unapproved, children };
}

/** What a guest that is not as wished waits for. */
function guestReason({ causes, following }: GuestChanges): Reason {
  return causes.length > 0
    ? reason('RestartRequired', { causes: causes.join(', ') })
    : reason('GuestDiffers', { about: following.join(', ') });
}

/** A machine that a manifest says to adopt is never created: what it names must be there. */
function adoptionPlan(
  input: MachineInput,
  { place, machine }: { place: string; machine: MachineSight | null },
): Plan | null {
  const { adopt: foreignUid, uid, name, project } = input.object.metadata;
  if (foreignUid === null || machine?.owned) return null;
  const adopted = input.bindings.some(({ state }) => state === 'confirmed');
  if (!machine) return adopted ? null : { waiting: reason('AdoptMissing', { uid: foreignUid }), afterMs: 3 * RETRY_MS };
  const title = project === null ? name : `${project}/${name}`;
  return {
    steps: [
      step('adopt', { place, foreignUid, uid, title }, { why: reason('AdoptWished', { uid: foreignUid }), place }),
    ],
  };
}

function defineSteps(given: {
  place: string;
  spec: Parameters<typeof definitionChanges>[0];
  machine: MachineSight | null;
  input: MachineInput;
}): Step[] {
  const { place, spec, machine, input } = given;
  const changes = definitionChanges(spec, machine?.persistent ?? null);
  if (changes.length === 0) return [];
  const fields = changes.map(({ path }) => path.replace(/^machine\//, '')).join(', ');
  const differs = reason('DefinitionDiffers', { fields });
  const why = machine === null ? reason('Absent') : machine.persistent === null ? reason('Undefined') : differs;
  const lost = lostDisks(input, machine).some(({ name }) => !spec.disks.some((disk) => disk.name === name));
  const risk = lost ? 'dataLoss' : 'none';
  return [step('define', { place, spec: spec as unknown as JsonObject }, { why, place, changes, risk })];
}

function atPlace(
  { verb, args, why, changes }: GuestChanges['steps'][number],
  input: MachineInput,
  { place, machine }: { place: string; machine: MachineSight | null },
): Step {
  const lost = verb === 'detachDisk' && lostDisks(input, machine).some(({ name }) => name === args.name);
  const risk = lost ? 'dataLoss' : 'none';
  return step(verb, { place, uid: input.object.metadata.uid, ...args }, { why, place, risk, changes });
}

/** Stands last, so that what is safe goes on while this waits for approval. */
function withheldStep({ name }: DiskSpec, { object }: MachineInput, place: string): Step {
  const changes = [{ path: `machine/disks/${name}`, from: 'attached', to: null }];
  const why = reason('DiskWouldBeLost', { disk: name });
  return step('detachDisk', { place, uid: object.metadata.uid, name }, { why, place, risk: 'dataLoss', changes });
}

function powerSteps(given: { power: PowerAct; place: string; input: MachineInput; blocked: boolean }): Step[] {
  const { power, place, input, blocked } = given;
  if (power.act === 'none' || power.act === 'wait' || power.act === 'resume' || blocked) return [];
  const { uid } = input.object.metadata;
  const request = 'request' in power && power.request ? { request: power.request } : {};
  return [step(power.act, { place, uid }, { why: power.why, place, ...request })];
}
