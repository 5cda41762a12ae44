import type { Capabilities, DiskSpec, MachinePort, MachineSpec, NicSpec, PortError, Result } from '../port.ts';
import { type Connection, call } from './call.ts';
import { capabilitiesOf } from './capabilities.ts';
import { isActive, ownMachine, settle, uidOf } from './machine-power.ts';
import { monitorCall } from './monitor.ts';
import { DONE, failure } from './results.ts';
import type { MachineState } from './state.ts';
import { findVolume } from './volume-state.ts';
import { grow } from './volumes.ts';
import { changed } from './world.ts';

type DeviceActs = Pick<
  MachinePort,
  'setCpus' | 'setMemory' | 'attachDisk' | 'detachDisk' | 'resizeDisk' | 'attachNic' | 'detachNic'
>;

/** Changes of a machine that a running guest sees at once, where the capability is there; a stopped one sees them at its start. */
export function deviceActs(connection: Connection): DeviceActs {
  const { host } = connection;
  return {
    setCpus: ({ uid, cpus }, options) =>
      reshape(connection, { verb: 'setCpus', uid, needs: 'hotplugCpu', options }, (spec) =>
        cpus < 1 || cpus > spec.maxCpus
          ? invalid(`${cpus} CPUs; possible are 1 to ${spec.maxCpus}`)
          : { ...spec, cpus },
      ),
    setMemory: ({ uid, memoryMiB }, options) =>
      reshape(connection, { verb: 'setMemory', uid, needs: 'hotplugMemory', options }, (spec) =>
        memoryMiB < 1 || memoryMiB > spec.maxMemoryMiB
          ? invalid(`${memoryMiB} MiB; possible are 1 to ${spec.maxMemoryMiB}`)
          : { ...spec, memoryMiB },
      ),
    attachDisk: ({ uid, disk }, options) =>
      reshape(connection, { verb: 'attachDisk', uid, needs: 'hotplugDisk', options }, (spec) =>
        disk.source !== null && !findVolume(host, disk.source)
          ? failure('NotFound', `There is no volume ${disk.source.name}.`)
          : withDisk(spec, disk),
      ),
    detachDisk: ({ uid, name }, options) =>
      reshape(connection, { verb: 'detachDisk', uid, needs: 'hotplugDisk', options }, (spec, runs) => ({
        ...spec,
        disks: spec.disks.flatMap((disk) => (disk.name === name ? left(disk, runs) : [disk])),
      })),
    attachNic: ({ uid, nic }, options) =>
      reshape(connection, { verb: 'attachNic', uid, needs: 'hotplugNic', options, plugs: nic.mac }, (spec) =>
        host.networks[nic.networkUid]?.active
          ? withNic(spec, nic)
          : failure('NotFound', `Network ${nic.networkUid} is not active.`),
      ),
    detachNic: ({ uid, mac }, options) =>
      reshape(connection, { verb: 'detachNic', uid, needs: 'hotplugNic', options }, (spec) => ({
        ...spec,
        nics: spec.nics.filter((nic) => nic.mac !== mac),
      })),
    resizeDisk: ({ uid, volume, bytes }, options) =>
      monitorCall(connection, { verb: 'machines.resizeDisk', uid, changes: true, options }, (machine) => {
        if (!capabilitiesOf(connection.world).resizeVolume) return unsupported('resizeVolume');
        const { live } = machine;
        const has = live?.disks.some((d) => d.source?.poolUid === volume.poolUid && d.source.name === volume.name);
        if (!has) return failure('NotFound', `Machine ${uid} does not run with volume ${volume.name}.`);
        return grow(connection, { volume, bytes });
      }),
  };
}

interface Change {
  verb: string;
  uid: string;
  needs: keyof Capabilities;
  options: Parameters<MachinePort['setCpus']>[1];
  /** MAC of a NIC that hangs in a network from now on, also if it was there and had lost it. */
  plugs?: string;
}

type Reshaped = MachineSpec | { ok: false; error: PortError };

type Reshape = (spec: MachineSpec, runs: boolean) => Reshaped;

async function reshape(connection: Connection, change: Change, to: Reshape) {
  const { uid, options } = change;
  const request = { verb: `machines.${change.verb}`, uid, changes: true, options };
  const machine = ownMachine(connection.host, uid, connection.installationId);
  const runs = machine.ok && isActive(machine.value);
  if (runs) return monitorCall(connection, request, (found) => apply(connection, { found, change, to }));
  return call(connection, request, () => {
    settle(connection.world, connection.host);
    const found = ownMachine(connection.host, uid, connection.installationId);
    return found.ok ? apply(connection, { found: found.value, change, to }) : found;
  });
}

function apply(
  { world, host }: Connection,
  { found, change, to }: { found: MachineState; change: Change; to: Reshape },
): Result<void> {
  const { live, persistent } = found;
  if (live && !capabilitiesOf(world)[change.needs]) return unsupported(change.needs);
  const nextLive = live && to(live, true);
  if (nextLive && 'ok' in nextLive) return nextLive;
  const nextPersistent = persistent && to(persistent, false);
  if (nextPersistent && 'ok' in nextPersistent) return nextPersistent;
  const replugged = change.plugs !== undefined && found.unplugged.includes(change.plugs);
  const nothingNew = !replugged && JSON.stringify([live, persistent]) === JSON.stringify([nextLive, nextPersistent]);
  if (live && nextLive) notePlugs(found, { before: live, after: nextLive, now: world.clock.now() });
  found.live = structuredClone(nextLive);
  found.persistent = structuredClone(nextPersistent);
  const macs = new Set(found.live?.nics.map((nic) => nic.mac));
  found.unplugged = found.unplugged.filter((mac) => macs.has(mac) && mac !== change.plugs);
  if (!nothingNew) changed(world, host, { noun: 'machine', uid: uidOf(found) });
  return DONE;
}

/** A device that comes counts from zero, also one that was there before. */
function notePlugs(
  machine: MachineState,
  { before, after, now }: { before: MachineSpec; after: MachineSpec; now: number },
): void {
  const keysOf = ({ nics, disks }: MachineSpec) => [...nics.map(({ mac }) => mac), ...disks.map(({ name }) => name)];
  const had = new Set(keysOf(before));
  for (const key of keysOf(after).filter((each) => !had.has(each))) {
    machine.pluggedAt = { ...machine.pluggedAt, [key]: now };
    delete machine.moved?.[key];
  }
}

function withDisk(spec: MachineSpec, disk: DiskSpec): Reshaped {
  const same = spec.disks.find((other) => other.name === disk.name);
  if (!same) return { ...spec, disks: [...spec.disks, disk] };
  const equal = same.source?.poolUid === disk.source?.poolUid && same.source?.name === disk.source?.name;
  if (equal) return spec;
  if (same.device !== 'cdrom') return exists(`a disk named ${disk.name} with another source`);
  return { ...spec, disks: spec.disks.map((other) => (other === same ? { ...same, source: disk.source } : other)) };
}

/** A drive stays in the guest and is only emptied. */
function left(disk: DiskSpec, runs: boolean): DiskSpec[] {
  return runs && disk.device === 'cdrom' ? [{ ...disk, source: null }] : [];
}

function withNic(spec: MachineSpec, nic: NicSpec): Reshaped {
  const same = spec.nics.find((other) => other.mac === nic.mac);
  if (!same) return { ...spec, nics: [...spec.nics, nic] };
  return same.networkUid === nic.networkUid ? spec : exists(`a NIC ${nic.mac} in another network`);
}

function exists(what: string): Reshaped {
  return failure('Exists', `The machine has ${what}.`);
}

function invalid(what: string): Reshaped {
  return failure('Invalid', `The machine cannot have ${what}.`);
}

function unsupported(capability: string) {
  return failure('Unsupported', `This host lacks ${capability}.`);
}
