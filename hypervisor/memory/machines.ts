import type { CallOptions, MachinePort, MachineSight, MachineSpec, Result } from '../port.ts';
import { type Connection, call } from './call.ts';
import { openConsole } from './console.ts';
import { countersOf, statsOf } from './machine-counters.ts';
import { deviceActs } from './machine-devices.ts';
import {
  findMachine,
  isActive,
  notOwned,
  ownMachine,
  pause,
  powerOff,
  pressPowerButton,
  restartGuest,
  settle,
  start,
  uidOf,
  unpause,
} from './machine-power.ts';
import { monitorCall } from './monitor.ts';
import { DONE, failure, success } from './results.ts';
import type { HostState, MachineState } from './state.ts';
import { changed, type World } from './world.ts';

export function createMachinePort(connection: Connection): MachinePort {
  const { world, host, installationId } = connection;
  const act = (
    verb: string,
    { uid, options }: { uid: string; options: CallOptions | undefined },
    effect: (found: Result<MachineState>) => Result<void>,
  ) =>
    call(connection, { verb: `machines.${verb}`, uid, changes: true, options }, () => {
      settle(world, host);
      return effect(ownMachine(host, uid, installationId));
    });
  const monitor = (verb: string, apply: (world: World, host: HostState, machine: MachineState) => Result<void>) =>
    ((uid, options) =>
      monitorCall(connection, { verb: `machines.${verb}`, uid, changes: true, options }, (machine) =>
        apply(world, host, machine),
      )) satisfies MachinePort['start'];
  return {
    sight: (uids, options) =>
      call(connection, { verb: 'machines.sight', uid: null, changes: false, options }, () =>
        success(sights(connection, uids)),
      ),
    define: (spec, options) =>
      call(connection, { verb: 'machines.define', uid: spec.uid, changes: true, options }, () =>
        define(connection, spec),
      ),
    adopt: (request, options) =>
      call(connection, { verb: 'machines.adopt', uid: request.uid, changes: true, options }, () =>
        adopt(connection, request),
      ),
    start: (uid, options) =>
      act('start', { uid, options }, (found) => (found.ok ? start(world, host, found.value) : found)),
    destroy: (uid, options) =>
      act('destroy', { uid, options }, (found) => {
        if (found.ok) powerOff(world, host, { machine: found.value, reason: 'destroyed' });
        return found.ok ? DONE : found;
      }),
    undefine: (uid, options) => act('undefine', { uid, options }, (found) => undefine(world, host, found)),
    shutdown: monitor('shutdown', pressPowerButton),
    reboot: monitor('reboot', restartGuest),
    reset: monitor('reset', restartGuest),
    suspend: monitor('suspend', pause),
    resume: monitor('resume', unpause),
    ...deviceActs(connection),
    stats: (uid, options) =>
      monitorCall(connection, { verb: 'machines.stats', uid, changes: false, options }, (machine) =>
        statsOf(world, machine),
      ),
    counters: (options) =>
      call(connection, { verb: 'machines.counters', uid: null, changes: false, options }, () => countersOf(connection)),
    openConsole: (uid, options) =>
      monitorCall(connection, { verb: 'machines.openConsole', uid, changes: false, options }, (machine) =>
        openConsole(connection, machine),
      ),
  };
}

function sights({ world, host, installationId }: Connection, uids: readonly string[] | undefined): MachineSight[] {
  settle(world, host);
  const machines = uids
    ? uids.map((uid) => findMachine(host, uid)).filter((machine) => machine !== undefined)
    : Object.values(host.machines);
  return [...new Set(machines)].map((machine) => sightOf(host, machine, installationId));
}

function sightOf(host: HostState, machine: MachineState, installationId: string): MachineSight {
  const accelerator = machine.live?.accelerator === 'tcg' || !host.kvm ? 'tcg' : 'kvm';
  return {
    uid: uidOf(machine),
    owned: machine.owner?.installationId === installationId,
    incarnation: machine.owner?.incarnation ?? 0,
    installationId: machine.owner?.installationId ?? null,
    title: machine.owner?.title ?? machine.persistent?.title ?? machine.live?.title ?? '',
    power: machine.power,
    powerReason: machine.powerReason,
    runId: machine.runId === null ? null : String(machine.runId),
    unresponsive: machine.unresponsive,
    persistent: machine.persistent,
    live: machine.live,
    accelerator: isActive(machine) ? accelerator : null,
    vnc: null,
    serialLog: null,
    ports: Object.fromEntries((machine.live?.nics ?? []).map(({ mac }) => [mac, mac])),
  };
}

function define({ world, host, installationId }: Connection, spec: MachineSpec): Result<void> {
  settle(world, host);
  const found = findMachine(host, spec.uid) ?? host.machines[spec.uid];
  if (found && found.owner?.installationId !== installationId) return notOwned(spec.uid);
  if (spec.cpus < 1 || spec.maxCpus < spec.cpus || spec.memoryMiB < 1 || spec.maxMemoryMiB < spec.memoryMiB) {
    return failure('Invalid', `Machine ${spec.uid}: CPUs and memory must be positive and not above their maximum.`);
  }
  const machine = found ?? newMachine(world, spec.uid);
  const { uid, incarnation, title } = spec;
  machine.owner = { uid, installationId: spec.installationId, incarnation, title };
  machine.persistent = structuredClone(spec);
  host.machines[machine.id] = machine;
  changed(world, host, { noun: 'machine', uid });
  return DONE;
}

export function newMachine(world: World, id: string): MachineState {
  return {
    id,
    owner: null,
    persistent: null,
    live: null,
    power: 'off',
    powerReason: 'unknown',
    runId: null,
    startedAt: null,
    shutdownAt: null,
    unplugged: [],
    guest: { shutdownMs: world.settings.shutdownMs, ignoresPowerButton: false, hung: false },
    unresponsive: false,
  };
}

function adopt(
  { world, host, installationId }: Connection,
  request: Parameters<MachinePort['adopt']>[0],
): Result<void> {
  const { foreignUid, uid, title } = request;
  settle(world, host);
  const machine = host.machines[foreignUid];
  if (!machine) return failure('NotFound', `There is no machine ${foreignUid}.`);
  const { owner } = machine;
  if (owner && owner.installationId !== installationId) return notOwned(foreignUid);
  if (owner && owner.uid !== uid) return failure('Exists', `Machine ${foreignUid} belongs to ${owner.uid} already.`);
  machine.owner = { uid, title, installationId: request.installationId, incarnation: owner?.incarnation ?? 0 };
  changed(world, host, { noun: 'machine', uid });
  return DONE;
}

function undefine(world: World, host: HostState, found: Result<MachineState>): Result<void> {
  if (!found.ok) return found.error.code === 'NotFound' ? DONE : found;
  const machine = found.value;
  machine.persistent = null;
  if (!isActive(machine)) delete host.machines[machine.id];
  changed(world, host, { noun: 'machine', uid: uidOf(machine) });
  return DONE;
}
