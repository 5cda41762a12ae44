import type { MachineSpec, Result } from '../port.ts';
import { DONE, failure, success } from './results.ts';
import type { HostState, MachineState } from './state.ts';
import { findVolume } from './volume-state.ts';
import { changed, type World } from './world.ts';

export function isActive(machine: MachineState): boolean {
  return machine.live !== null;
}

/** Lets guests that were told to shut down be off once their time has come. Called before every look at a host. */
export function settle(world: World, host: HostState): void {
  const now = world.clock.now();
  if ((nextShutdown.get(host) ?? 0) > now) return;
  let next = Number.POSITIVE_INFINITY;
  for (const machine of Object.values(host.machines)) {
    if (machine.shutdownAt === null) continue;
    if (machine.shutdownAt <= now && !machine.guest.hung) powerOff(world, host, { machine, reason: 'shutdown' });
    else next = Math.min(next, machine.shutdownAt);
  }
  nextShutdown.set(host, next);
}

/** When the next guest of a host may have followed its power button: until then nobody need look for it. */
const nextShutdown = new WeakMap<HostState, number>();

export function start(world: World, host: HostState, machine: MachineState): Result<void> {
  if (isActive(machine)) return DONE;
  if (machine.persistent === null) return failure('NotFound', `Machine ${machine.id} has no definition.`);
  const obstacle = obstacleToStart(host, machine, machine.persistent);
  if (obstacle) return failure('Failed', obstacle);
  machine.live = structuredClone(machine.persistent);
  machine.power = 'running';
  machine.powerReason = 'booted';
  machine.runId = host.nextRunId++;
  beginCounting(machine, world.clock.now());
  machine.unplugged = [];
  changed(world, host, { noun: 'machine', uid: uidOf(machine) });
  return DONE;
}

/** Every start of the guest begins with counters at zero. */
function beginCounting(machine: MachineState, now: number): void {
  machine.startedAt = now;
  delete machine.pluggedAt;
  delete machine.moved;
}

/** What a real hypervisor refuses a start for: no network to plug into, no disk, or a disk that another running machine writes. */
function obstacleToStart(host: HostState, machine: MachineState, spec: MachineSpec): string | null {
  if (spec.accelerator === 'kvm' && !host.kvm) return 'KVM does not work on this host.';
  for (const nic of spec.nics) {
    if (!host.networks[nic.networkUid]?.active) return `Network ${nic.networkUid} is not active.`;
  }
  for (const disk of spec.disks) {
    if (disk.source === null) continue;
    const volume = findVolume(host, disk.source);
    if (!volume) return `Volume ${disk.source.name} does not exist.`;
    const rival = Object.values(host.machines).find((other) => other !== machine && writes(other, disk.source));
    if (rival && !disk.readOnly) return `Volume ${disk.source.name} is in use by machine ${uidOf(rival)}.`;
  }
  return null;
}

function writes(machine: MachineState, source: MachineSpec['disks'][number]['source']): boolean {
  return (machine.live?.disks ?? []).some(
    (disk) => !disk.readOnly && disk.source?.poolUid === source?.poolUid && disk.source?.name === source?.name,
  );
}

export function powerOff(
  world: World,
  host: HostState,
  { machine, reason, power = 'off' }: { machine: MachineState; reason: string; power?: 'off' | 'crashed' },
): void {
  if (!isActive(machine)) return;
  machine.live = null;
  machine.power = power;
  machine.powerReason = reason;
  machine.runId = null;
  machine.startedAt = null;
  machine.shutdownAt = null;
  machine.unplugged = [];
  machine.guest.hung = false;
  machine.unresponsive = false;
  if (machine.persistent === null) delete host.machines[machine.id];
  changed(world, host, { noun: 'machine', uid: uidOf(machine) });
}

/** The guest follows after its time; pressing again does not make it longer. */
export function pressPowerButton(world: World, host: HostState, machine: MachineState): Result<void> {
  if (!isActive(machine) || machine.guest.ignoresPowerButton || machine.shutdownAt !== null) return DONE;
  if (machine.power === 'paused') return failure('Invalid', `Machine ${uidOf(machine)} is paused.`);
  machine.shutdownAt = world.clock.now() + machine.guest.shutdownMs;
  nextShutdown.delete(host);
  changed(world, host, { noun: 'machine', uid: uidOf(machine) });
  void world.clock.sleep(machine.guest.shutdownMs).then(() => settle(world, host));
  return DONE;
}

/** Restarts the guest within the same run, as a reset button does: the definition in use stays. */
export function restartGuest(world: World, host: HostState, machine: MachineState): Result<void> {
  if (!isActive(machine)) return notRunning(machine);
  machine.power = 'running';
  machine.powerReason = 'booted';
  machine.shutdownAt = null;
  beginCounting(machine, world.clock.now());
  changed(world, host, { noun: 'machine', uid: uidOf(machine) });
  return DONE;
}

export function pause(world: World, host: HostState, machine: MachineState): Result<void> {
  if (!isActive(machine)) return notRunning(machine);
  if (machine.power === 'paused') return DONE;
  machine.power = 'paused';
  machine.powerReason = 'user';
  changed(world, host, { noun: 'machine', uid: uidOf(machine) });
  return DONE;
}

export function unpause(world: World, host: HostState, machine: MachineState): Result<void> {
  if (!isActive(machine)) return notRunning(machine);
  if (machine.power === 'running') return DONE;
  machine.power = 'running';
  machine.powerReason = 'unpaused';
  changed(world, host, { noun: 'machine', uid: uidOf(machine) });
  return DONE;
}

/** The machine that carries this uid: as its owner's name, or as its own id. */
export function findMachine(host: HostState, uid: string): MachineState | undefined {
  const direct = host.machines[uid];
  if (direct && uidOf(direct) === uid) return direct;
  return Object.values(host.machines).find((machine) => uidOf(machine) === uid);
}

/** The machine for an act: an existing one that this installation made. */
export function ownMachine(host: HostState, uid: string, installationId: string): Result<MachineState> {
  const machine = findMachine(host, uid) ?? host.machines[uid];
  if (!machine) return failure('NotFound', `There is no machine ${uid}.`);
  if (machine.owner?.installationId !== installationId || uidOf(machine) !== uid) return notOwned(uid);
  return success(machine);
}

export function notOwned(uid: string) {
  return failure('NotOwned', `Machine ${uid} was not made by this installation.`);
}

export function notRunning(machine: MachineState) {
  return failure('Invalid', `Machine ${uidOf(machine)} is not running.`);
}

export function uidOf(machine: MachineState): string {
  return machine.owner?.uid ?? machine.id;
}
