import type { MachineSight } from '../../../hypervisor/port.ts';
import { type JsonObject, type Reason, reason } from '../../../reconciler/json.ts';
import type { PlanInput } from '../../../reconciler/kind.ts';
import { type Plan, type Step, step } from '../../../reconciler/plan.ts';
import { desiredMachine } from './desired.ts';
import { definitionChanges } from './diff.ts';
import { guestChanges } from './guest-changes.ts';
import type { MachineState } from './observe.ts';
import { planRemoval } from './plan-removal.ts';
import { decidePower, isOn, type PowerAct } from './power.ts';
import { releaseSteps, reservationSteps } from './reservations.ts';
import { seedRemovals, seedSteps } from './seed-steps.ts';
import type { MachineWish } from './spec.ts';
import type { MachineStatus } from './status.ts';
import { attachedDisks, diskKey, machineChildren } from './volumes.ts';

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
  const desired = desiredMachine(input, machine?.persistent ?? null);
  if ('refused' in desired) return { invalid: desired.refused };
  const { spec, pending } = desired;
  const [firstPending] = pending;
  const defined = machine !== null;
  if (!defined && firstPending) return { waiting: firstPending, afterMs: PENDING_MS, children };

  const power = decidePower({ object: input.object, machine, now: input.now });
  const stopping = power.act === 'shutdown' || power.act === 'destroy' || power.act === 'wait';
  const before = [...reservationSteps(input, { place, seen }), ...seedSteps(input, { place, seen })];
  const steps = [
    ...before,
    ...defineSteps({ place, spec, machine, input }),
    ...(stopping
      ? []
      : guestChanges(input, { spec, state: seen, resume: power.act === 'resume' }).steps.map((change) =>
          atPlace(change, input, place),
        )),
    ...powerSteps({ power, place, input, blocked: firstPending !== undefined && power.act === 'start' }),
    ...releaseSteps(input, { place, seen, spec }),
    ...seedRemovals(input, { place, seen, spec }),
  ];
  if (steps.length > 0) return { steps, children };
  if (power.act === 'wait') return { waiting: power.why, afterMs: power.afterMs, children };
  if (firstPending) return { waiting: firstPending, afterMs: PENDING_MS, children };
  return { steps, children };
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
  const code = machine === null ? 'Absent' : machine.persistent === null ? 'Undefined' : 'DefinitionDiffers';
  const risk = machine !== null && !isOn(machine) && losesData(input) ? 'dataLoss' : 'none';
  return [step('define', { place, spec: spec as unknown as JsonObject }, { why: reason(code), place, changes, risk })];
}

/** A disk whose volume was made for this machine goes with all that is on it. */
function losesData({ children, object }: MachineInput): boolean {
  return Object.entries(children).some(
    ([key, child]) =>
      child.kind === 'Volume' &&
      child.metadata.ownerUid === object.metadata.uid &&
      child.metadata.deletedAt === null &&
      !object.spec.disks.some(({ name, volume }) => volume === undefined && key === diskKey(name)),
  );
}

function atPlace(
  change: { verb: string; args: JsonObject; why: Reason; changes: Step['changes'] },
  input: MachineInput,
  place: string,
): Step {
  const { verb, args, why, changes } = change;
  const risk = verb === 'detachDisk' && losesData(input) && isOwn(input, args) ? 'dataLoss' : 'none';
  return step(
    verb,
    { place, uid: input.object.metadata.uid, ...args },
    { why, place, risk, ...(changes ? { changes } : {}) },
  );
}

function isOwn({ children, object }: MachineInput, args: JsonObject): boolean {
  return children[diskKey(String(args.name))]?.metadata.ownerUid === object.metadata.uid;
}

function powerSteps(given: { power: PowerAct; place: string; input: MachineInput; blocked: boolean }): Step[] {
  const { power, place, input, blocked } = given;
  if (power.act === 'none' || power.act === 'wait' || power.act === 'resume' || blocked) return [];
  const { uid } = input.object.metadata;
  const request = 'request' in power && power.request ? { request: power.request } : {};
  return [step(power.act, { place, uid }, { why: power.why, place, ...request })];
}
