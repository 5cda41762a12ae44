import { iso } from '../../../reconciler/clock.ts';
import type { Reason } from '../../../reconciler/json.ts';
import type { ConditionReport, Report } from '../../../reconciler/kind.ts';
import type { Plan } from '../../../reconciler/plan.ts';
import { finished } from '../../storage/names.ts';
import { ipSlot, macSlot, nameSlot, networksOf } from './addresses.ts';
import { conditionsOf } from './conditions.ts';
import { type Desired, desiredMachine } from './desired.ts';
import { type GuestChanges, guestChanges } from './guest-changes.ts';
import { isLeaving, leavingAddresses, leavingMacs } from './leaving.ts';
import type { MachineState } from './observe.ts';
import type { MachineInput } from './plan.ts';
import { decidePower, hasFinished, isOn, type PowerAct, pending } from './power.ts';
import { seedFileName, seedWish } from './seed.ts';
import type { MachineStatus } from './status.ts';
import { volumeName } from './volumes.ts';

/** What a report is made of: everything that was decided, once. */
export interface Findings {
  input: MachineInput;
  plan: Plan;
  /** Null: it was not seen, at the place where it should be. */
  state: MachineState | null;
  desired: Desired | { refused: Reason };
  power: PowerAct;
  guest: GuestChanges;
}

/** Pure: what was seen → status fields and conditions. A place that does not answer leaves the last known as it is. */
export function reportMachine(input: MachineInput & { plan: Plan }): Report<MachineStatus> {
  const findings = findingsOf(input);
  const conditions: ConditionReport[] = conditionsOf(findings);
  const blind = input.observed.silent.length > 0;
  return { status: blind ? {} : { ...power(findings), ...identity(findings), ...progress(findings) }, conditions };
}

function findingsOf(input: MachineInput & { plan: Plan }): Findings {
  const { observed, claims, plan } = input;
  const host = claims?.chosen.host;
  const state = observed.sightings.find(({ place, owned }) => place === host && owned)?.state ?? null;
  const machine = state?.machine ?? null;
  const desired = desiredMachine(input, machine);
  const power = decidePower(input, machine);
  const guest =
    state && 'spec' in desired
      ? guestChanges(input, { desired, state, resume: power.act === 'resume' })
      : { steps: [], causes: [], following: [], asked: {}, againMs: null };
  return { input, plan, state, desired, power, guest };
}

function power({ input, state, desired }: Findings): Partial<MachineStatus> {
  const machine = state?.machine ?? null;
  const spec = machine?.live ?? ('spec' in desired ? desired.spec : null);
  return {
    power: machine ? machine.power : 'absent',
    powerReason: machine?.powerReason ?? '',
    host: input.claims?.chosen.hostName ?? '',
    runId: machine?.runId ?? null,
    accelerator: machine?.accelerator ?? null,
    ...(spec ? { cpus: spec.cpus, memoryMiB: spec.memoryMiB } : {}),
    vnc: machine?.vnc ?? null,
    serialLog: machine?.serialLog ?? null,
  };
}

function identity({ input, state }: Findings): Partial<MachineStatus> {
  const { object, refs, claims, observed } = input;
  const machine = state?.machine ?? null;
  const networks = networksOf(object.spec, refs);
  const held = new Map((claims?.unique ?? []).map(({ slot, value }) => [slot, value]));
  const definition = machine?.live ?? machine?.persistent;
  return {
    nics: object.spec.nics.flatMap(({ name }) => {
      const [mac, network] = [held.get(macSlot(name)), networks.get(name)?.metadata.uid];
      if (mac === undefined || network === undefined) return [];
      return [
        {
          name,
          mac,
          ip: held.get(ipSlot(name)) ?? null,
          dnsName: held.get(nameSlot(name)) ?? null,
          network,
        },
      ];
    }),
    disks: object.spec.disks.map((disk) => ({
      name: disk.name,
      volume: disk.volume ?? volumeName(object.metadata.name, disk.name),
      attached: definition?.disks.some(({ name }) => name === disk.name) === true,
    })),
    gone: observed.sightings.every(({ owned }) => owned) ? goneSlots(input, state) : [],
  };
}

/** Slots of what is not wanted any more and is nowhere to be seen. */
function goneSlots(input: MachineInput, state: MachineState | null): string[] {
  const { claims, object, refs } = input;
  const networks = state?.networks ?? {};
  const nics = [...(state?.machine?.live?.nics ?? []), ...(state?.machine?.persistent?.nics ?? [])];
  const reserved = Object.values(networks).flatMap((network) => network?.reservations ?? []);
  const addresses = leavingAddresses(claims).filter(
    (leaving) => networks[leaving.networkUid]?.reservations.some((found) => isLeaving(leaving, found)) !== true,
  );
  const macs = leavingMacs(claims).filter(({ mac }) => ![...nics, ...reserved].some((found) => found.mac === mac));
  const wish = seedWish(object, refs);
  const seeds = Object.keys(claims?.chosen ?? {}).filter(
    (slot) =>
      slot.startsWith('seed/') &&
      wish !== undefined &&
      !(wish && slot === `seed/${seedFileName(wish)}`) &&
      state?.seeds.map(finished).includes(slot.slice('seed/'.length)) !== true,
  );
  return [...addresses.map(({ slot }) => slot), ...macs.map(({ slot }) => slot), ...seeds];
}

/** What must be remembered of a change that takes more than one look. */
function progress({ input, plan, state, power: decided, guest }: Findings): Partial<MachineStatus> {
  const { object } = input;
  const machine = state?.machine ?? null;
  const stopping = isOn(machine) && (decided.act === 'shutdown' || decided.act === 'wait' || decided.act === 'destroy');
  const pressed = 'steps' in plan && plan.steps.some(({ verb }) => verb === 'shutdown');
  const restarting = pending(object, 'restart') !== null;
  const stopFulfilled = 'steps' in plan && plan.steps.some(({ request }) => request?.name === 'stop');
  return {
    stoppingSince: stopping ? (object.status.stoppingSince ?? (pressed ? iso(input.now) : null)) : null,
    pressedAt: stopping ? (pressed ? iso(input.now) : (object.status.pressedAt ?? null)) : null,
    restartedFrom: restarting ? (object.status.restartedFrom ?? machine?.runId ?? 'off') : null,
    finished: hasFinished({ object, machine, stopFulfilled }),
    asked:
      machine?.runId && Object.keys(guest.asked).length > 0 ? { runId: machine.runId, changes: guest.asked } : null,
  };
}
