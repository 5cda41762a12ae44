import type { CallOptions, DiskSpec, MachinePort, MachineSpec, NicSpec, Result, VolumeAddress } from '../port.ts';
import { capabilitiesOf } from './capabilities.ts';
import { type Definition, readOurs, redefine } from './definitions.ts';
import { attempt, isRefusal, PortFailure } from './errors.ts';
import type { HostConnection } from './host-connection.ts';
import { parkingName } from './parking.ts';
import { replugNic } from './replug.ts';
import { readVolume } from './volume-reads.ts';
import { affect, domainFlags } from './wire/flags.ts';
import { procedures } from './wire/procedures.ts';
import {
  buildDisk,
  buildNic,
  diskName,
  disksOf,
  macOf,
  nicsOf,
  parseDisk,
  targetNames,
  targetOf,
} from './xml/devices.ts';
import { descend, setChild, type XmlElement } from './xml/tree.ts';
import { writeXml } from './xml/write.ts';

type DeviceActs = Pick<
  MachinePort,
  'setCpus' | 'setMemory' | 'attachDisk' | 'detachDisk' | 'resizeDisk' | 'attachNic' | 'detachNic'
>;

/** Changes of a machine that a running guest sees at once, and its definition as well; a stopped one sees them at its start. */
export function deviceActs(host: HostConnection): DeviceActs {
  return {
    setCpus: ({ uid, cpus }, options) =>
      change(
        host,
        { uid, options, needs: 'hotplugCpu' },
        {
          live: (machine) => setCpus(machine, cpus),
          spec: (spec) => (spec.cpus === cpus ? spec : { ...spec, cpus }),
        },
      ),
    setMemory: ({ uid, memoryMiB }, options) =>
      change(
        host,
        { uid, options, needs: 'hotplugMemory' },
        {
          live: (machine) => setMemory(machine, memoryMiB),
          spec: (spec) => (spec.memoryMiB === memoryMiB ? spec : { ...spec, memoryMiB }),
        },
      ),
    attachDisk: ({ uid, disk }, options) =>
      change(
        host,
        { uid, options, needs: 'hotplugDisk' },
        {
          live: (machine) => attachDisk(machine, disk),
          spec: (spec) => withDisk(spec, disk),
        },
      ),
    detachDisk: ({ uid, name }, options) =>
      change(
        host,
        { uid, options, needs: 'hotplugDisk' },
        {
          live: (machine) => detachDisk(machine, name),
          spec: (spec) => ({ ...spec, disks: spec.disks.filter((disk) => disk.name !== name) }),
        },
      ),
    resizeDisk: ({ uid, volume, bytes }, options) =>
      change(host, { uid, options, needs: 'hotplugDisk' }, { live: (machine) => resizeDisk(machine, volume, bytes) }),
    attachNic: ({ uid, nic }, options) =>
      change(
        host,
        { uid, options, needs: 'hotplugNic' },
        {
          live: (machine) => attachNic(machine, nic),
          spec: (spec) => withNic(spec, nic),
        },
      ),
    detachNic: ({ uid, mac }, options) =>
      change(
        host,
        { uid, options, needs: 'hotplugNic' },
        {
          live: (machine) => detachNic(machine, mac),
          spec: (spec) => ({ ...spec, nics: spec.nics.filter((nic) => !sameMac(nic.mac, mac)) }),
        },
      ),
  };
}

/** A running guest of ours, with the way into it. */
export interface LiveMachine extends Definition {
  host: HostConnection;
  options: CallOptions | undefined;
}

interface Change {
  live: (machine: LiveMachine) => Promise<void>;
  spec?: (spec: MachineSpec) => MachineSpec;
}

function change(
  host: HostConnection,
  request: {
    uid: string;
    options: CallOptions | undefined;
    needs: 'hotplugCpu' | 'hotplugMemory' | 'hotplugDisk' | 'hotplugNic';
  },
  { live, spec }: Change,
): Promise<Result<void>> {
  const { uid, options, needs } = request;
  return attempt(options, async () => {
    const machine = await readOurs(host, uid, 0);
    // What the definition cannot hold must not reach the guest either.
    if (spec !== undefined) spec(machine.domain.spec);
    try {
      if (machine.domain.id !== null) {
        if (!capabilitiesOf(host.driver)[needs]) throw new PortFailure('Unsupported', `This host lacks ${needs}.`);
        await live({ ...machine, host, options });
      }
      if (spec !== undefined) await redefine(host, uid, spec);
    } finally {
      host.inventory.markChanged(machine.domain.uuid);
    }
  });
}

async function setCpus({ host, ref, domain, options }: LiveMachine, cpus: number): Promise<void> {
  const { maxCpus } = domain.spec;
  if (cpus < 1 || cpus > maxCpus) {
    throw new PortFailure('Invalid', `The running guest can have 1 to ${maxCpus} CPUs, not ${cpus}.`);
  }
  const args = { domain: ref, vcpus: cpus, flags: affect.live };
  if (cpus !== domain.spec.cpus) {
    await host.gate.call(domain.uuid, procedures.domainSetVcpusFlags, args, options?.timeoutMs);
  }
}

/** Up to what the guest was started with: the balloon gives back and takes again, it adds nothing. */
async function setMemory({ host, ref, domain, options }: LiveMachine, memoryMiB: number): Promise<void> {
  const { maxMemoryMiB } = domain.spec;
  if (memoryMiB < 1 || memoryMiB > maxMemoryMiB) {
    throw new PortFailure('Invalid', `The running guest can have 1 to ${maxMemoryMiB} MiB, not ${memoryMiB}.`);
  }
  const args = { domain: ref, memoryKiB: memoryMiB * 1024, flags: affect.live };
  await host.gate.call(domain.uuid, procedures.domainSetMemoryFlags, args, options?.timeoutMs);
}

async function attachDisk(machine: LiveMachine, disk: DiskSpec): Promise<void> {
  const disks = disksOf(machine.tree);
  const there = disks.find((found) => diskName(found) === disk.name);
  if (there === undefined) {
    const taken = new Map(disks.map((found) => [diskName(found), targetOf(found)]));
    const target = targetNames([disk], taken).get(disk.name) ?? '';
    return await plug(machine, buildDisk(disk, { target, place: undefined }));
  }
  if (sameVolume(parseDisk(there).source, disk.source)) return;
  await changeMedium(machine, there, descend(buildDisk(disk, { target: '', place: undefined }), 'source') ?? null);
}

/** A drive stays in the guest and is only emptied; a disk is asked for and gone once the guest lets go of it. */
async function detachDisk(machine: LiveMachine, name: string): Promise<void> {
  const there = disksOf(machine.tree).find((found) => diskName(found) === name);
  if (there === undefined) return;
  if (there.attributes.device === 'cdrom') await changeMedium(machine, there, null);
  else await unplug(machine, there);
}

async function resizeDisk(machine: LiveMachine, volume: VolumeAddress, bytes: number): Promise<void> {
  const { host, ref, domain, options } = machine;
  const there = disksOf(machine.tree).find((found) => sameVolume(parseDisk(found).source, volume));
  if (there === undefined) {
    throw new PortFailure('NotFound', `The running guest has no disk on volume ${volume.name}.`);
  }
  const found = await readVolume(host, volume);
  if (found !== null && found.capacityBytes > bytes) {
    throw new PortFailure(
      'Invalid',
      `The disk has ${found.capacityBytes} bytes; it may only grow, not become ${bytes}.`,
    );
  }
  const args = { domain: ref, disk: targetOf(there), size: bytes, flags: domainFlags.blockResizeBytes };
  await host.gate.call(domain.uuid, procedures.domainBlockResize, args, options?.timeoutMs);
}

/** A NIC that is there already is plugged into its network again, if the network has lost it by a restart. */
async function attachNic(machine: LiveMachine, nic: NicSpec): Promise<void> {
  const there = nicsOf(machine.tree).find((found) => sameMac(macOf(found), nic.mac));
  if (there === undefined) await plug(machine, buildNic(nic, undefined));
  else await replugNic(machine, there, nic.networkUid);
}

async function detachNic(machine: LiveMachine, mac: string): Promise<void> {
  const there = nicsOf(machine.tree).find((found) => sameMac(macOf(found), mac));
  if (there !== undefined) await unplug(machine, there);
}

async function plug({ host, ref, domain, options }: LiveMachine, device: XmlElement): Promise<void> {
  const args = { domain: ref, xml: writeXml(device), flags: affect.live };
  await host.gate.call(domain.uuid, procedures.domainAttachDeviceFlags, args, options?.timeoutMs);
}

async function unplug({ host, ref, domain, options }: LiveMachine, device: XmlElement): Promise<void> {
  const args = { domain: ref, xml: writeXml(device), flags: affect.live };
  try {
    await host.gate.call(domain.uuid, procedures.domainDetachDeviceFlags, args, options?.timeoutMs);
  } catch (error) {
    // Gone already, or the guest was asked before and has not let go yet.
    const asked = error instanceof Error && /already in the process of unplug/.test(error.message);
    if (!asked && !isRefusal(error, 'DEVICE_MISSING')) throw error;
  }
}

async function changeMedium(machine: LiveMachine, drive: XmlElement, source: XmlElement | null): Promise<void> {
  if (drive.attributes.device !== 'cdrom') {
    throw new PortFailure('Exists', `The machine has a disk named ${diskName(drive)} with another source.`);
  }
  const { host, ref, domain, options } = machine;
  const changed = structuredClone(drive);
  changed.attributes.type = source === null ? 'file' : 'volume';
  setChild(changed, 'backingStore', null);
  setChild(changed, 'source', source);
  const args = { domain: ref, xml: writeXml(changed), flags: affect.live };
  await host.gate.call(domain.uuid, procedures.domainUpdateDeviceFlags, args, options?.timeoutMs);
}

function withDisk(spec: MachineSpec, disk: DiskSpec): MachineSpec {
  const there = spec.disks.find(({ name }) => name === disk.name);
  if (there === undefined) return { ...spec, disks: [...spec.disks, disk] };
  if (sameVolume(there.source, disk.source)) return spec;
  if (there.device !== 'cdrom') {
    throw new PortFailure('Exists', `The machine has a disk named ${disk.name} with another source.`);
  }
  return { ...spec, disks: spec.disks.map((it) => (it === there ? disk : it)) };
}

function withNic(spec: MachineSpec, nic: NicSpec): MachineSpec {
  const there = spec.nics.find(({ mac }) => sameMac(mac, nic.mac));
  if (there === undefined) return { ...spec, nics: [...spec.nics, nic] };
  if (there.networkUid === nic.networkUid || there.networkUid === parkingName) return spec;
  throw new PortFailure('Exists', `The machine has a NIC ${nic.mac} in another network.`);
}

function sameVolume(one: VolumeAddress | null, other: VolumeAddress | null): boolean {
  return one?.poolUid === other?.poolUid && one?.name === other?.name;
}

function sameMac(one: string, other: string): boolean {
  return one.toLowerCase() === other.toLowerCase();
}
