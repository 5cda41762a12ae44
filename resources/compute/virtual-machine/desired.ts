import type { DiskSpec, MachineSight, MachineSpec, NicSpec } from '../../../hypervisor/port.ts';
import { wasReady, whyNotReady } from '../../../reconciler/conditions.ts';
import { type Reason, reason } from '../../../reconciler/json.ts';
import { riskier } from '../../../reconciler/plan.ts';
import { macSlot, networksOf } from './addresses.ts';
import { CDROM, SEED } from './drives.ts';
import { isoCopy } from './iso-copy.ts';
import type { MachineInput } from './plan.ts';
import { seedFileName, seedWish } from './seed.ts';
import { machineSize, type Size } from './size.ts';
import type { DiskWish, MachineWish, NicWish } from './spec.ts';
import { lostDisks, volumeOf } from './volumes.ts';

/** A device as it should be, or why it cannot be had now. */
type Wished<T> = { device: T } | { name: string; pending: Reason };

export interface Desired {
  spec: MachineSpec;
  /** What is wished and not to be had yet: a machine that was never there waits for it, one that is there goes on without. */
  pending: Reason[];
  /** Names of NICs among it: nobody tries to plug them in meanwhile. */
  awaitedNics: ReadonlySet<string>;
  /** Disks whose volumes would be lost with them: kept, until that risk is allowed. */
  withheld: DiskSpec[];
}

/** The machine as its host should have it. What is pending or withheld stays as it is defined now. Pure. */
export function desiredMachine(input: MachineInput, machine: MachineSight | null): Desired | { refused: Reason } {
  const current = machine?.persistent ?? machine?.live ?? null;
  const { object, claims, refs, installationId } = input;
  const { spec, metadata } = object;
  const size = machineSize(spec, refs.at('/offering'));
  if ('refused' in size) return size;
  const places = bootPlaces(spec);
  const disks = [
    ...spec.disks.map((disk, index) => diskDevice(input, { disk, index, bootIndex: places.get(disk) ?? null })),
    ...cdromDevice(input, places.get(CDROM) ?? null),
    ...seedDevice(input),
  ];
  const nics = nicDevices(input, { size, places });
  const waiting = [...disks, ...nics].flatMap((device) => ('pending' in device ? [device] : []));
  const keep = new Set(waiting.map(({ name }) => name));
  const withheld = riskier('dataLoss', metadata.allowedRisk) ? lostDisks(input, machine) : [];
  return {
    spec: {
      uid: metadata.uid,
      incarnation: Math.max(0, ...input.bindings.map((binding) => binding.incarnation)),
      title: metadata.project === null ? metadata.name : `${metadata.project}/${metadata.name}`,
      installationId,
      ...held(size, claims),
      cpuShares: size.cpuShares,
      cpuLimitMilli: size.cpuLimitMilli,
      accelerator: spec.accelerator,
      machineType: spec.machineType ?? null,
      cpuModel: spec.cpuModel ?? null,
      firmware: spec.firmware,
      secureBoot: spec.secureBoot,
      bootOrder: spec.bootOrder,
      disks: [...merged(disks, { current: current?.disks ?? [], keep }), ...withheld],
      nics: merged(nics, { current: current?.nics ?? [], keep }),
      serialLog: spec.serialLog,
      vnc: spec.vnc,
      autostart: false,
    },
    pending: waiting.map(({ pending }) => pending),
    awaitedNics: new Set(nics.flatMap((nic) => ('pending' in nic ? [nic.name] : []))),
    withheld,
  };
}

/** It never has more than the room that is held for it. */
function held(
  size: Size,
  claims: MachineInput['claims'],
): Pick<MachineSpec, 'cpus' | 'maxCpus' | 'memoryMiB' | 'maxMemoryMiB'> {
  const amount = (resource: string) => claims?.capacity.find((claim) => claim.resource === resource)?.amount;
  const { maxCpus, maxMemoryMiB } = size;
  return {
    cpus: Math.min(size.cpus, Math.floor((amount('cpuMilli') ?? size.cpus * 1000) / 1000)),
    maxCpus,
    memoryMiB: Math.min(size.memoryMiB, amount('memoryMiB') ?? size.memoryMiB),
    maxMemoryMiB,
  };
}

function merged<T extends { name: string }>(
  wished: readonly Wished<T>[],
  { current, keep }: { current: readonly T[]; keep: ReadonlySet<string> },
): T[] {
  return wished.flatMap((device) => {
    if ('device' in device) return [device.device];
    const present = current.find(({ name }) => name === device.name && keep.has(name));
    return present ? [present] : [];
  });
}

function diskDevice(
  input: MachineInput,
  { disk, index, bootIndex }: { disk: DiskWish; index: number; bootIndex: number | null },
): Wished<DiskSpec> {
  const volume = volumeOf(disk, index, input);
  const name = volume?.metadata.name ?? disk.volume ?? disk.name;
  const { poolUid, file, format, iops, cache } = volume?.status ?? {};
  if (!volume || !wasReady(volume) || poolUid === undefined || file === undefined) {
    const why = volume ? whyNotReady(volume) : 'Pending';
    return { name: disk.name, pending: reason('VolumeNotReady', { disk: disk.name, volume: name, why }) };
  }
  return {
    device: {
      name: disk.name,
      device: 'disk',
      bus: disk.bus,
      source: { poolUid, name: file },
      format: format ?? 'qcow2',
      readOnly: disk.readOnly,
      bootIndex,
      iops: iops ?? null,
      cache: cache ?? null,
    },
  };
}

function cdromDevice(input: MachineInput, bootIndex: number | null): Wished<DiskSpec>[] {
  if (input.object.spec.cdrom === undefined) return [];
  const copy = isoCopy(input);
  const poolUid = input.claims?.chosen.filesPool;
  if (copy?.ready && poolUid !== undefined)
    return [{ device: { ...drive(CDROM, { poolUid, name: copy.file }), bootIndex } }];
  const pending =
    copy?.ready === false
      ? copy.why
      : reason('ImageCopyPending', { image: input.object.spec.cdrom, pool: '', why: 'Pending' });
  return [{ name: CDROM, pending }];
}

function seedDevice({ object, refs, claims }: MachineInput): Wished<DiskSpec>[] {
  const wish = seedWish(object, refs);
  if (wish === null) return [];
  const name = wish && seedFileName(wish);
  const poolUid = name && claims?.chosen[`seed/${name}`];
  if (name === undefined || poolUid === undefined || poolUid === '')
    return [{ name: SEED, pending: reason('SeedNotReady') }];
  // Kernels made for clouds know virtio and no SATA: on a SATA drive they would never find their seed.
  return [{ device: { ...drive(SEED, { poolUid, name }), bus: 'scsi' } }];
}

function drive(name: string, source: NonNullable<DiskSpec['source']>): DiskSpec {
  return {
    name,
    device: 'cdrom',
    bus: 'sata',
    source,
    format: 'raw',
    readOnly: true,
    bootIndex: null,
    iops: null,
    cache: null,
  };
}

function nicDevices(
  { object, refs, claims }: MachineInput,
  { size, places }: { size: Size; places: BootPlaces },
): Wished<NicSpec>[] {
  const networks = networksOf(object.spec, refs);
  return object.spec.nics.map((nic: NicWish): Wished<NicSpec> => {
    const network = networks.get(nic.name);
    const mac = claims?.unique.find(({ slot }) => slot === macSlot(nic.name))?.value;
    const host = claims?.chosen.host;
    const there = network?.status.hosts?.some(({ uid, active }) => uid === host && active) === true;
    if (!network || mac === undefined || !there) {
      const why = network ? whyNotReady(network) : 'RefMissing';
      return { name: nic.name, pending: reason('NetworkNotReady', { nic: nic.name, network: nic.network, why }) };
    }
    const { name, model } = nic;
    const bootIndex = places.get(nic) ?? null;
    return { device: { name, mac, networkUid: network.metadata.uid, model, bootIndex, rateMbps: size.nicRateMbps } };
  });
}

type BootPlaces = ReadonlyMap<DiskWish | NicWish | typeof CDROM, number>;

/** The place of each device in the order of booting: its own where any has one, else those of `bootOrder`, kind by kind. */
function bootPlaces({ disks, nics, cdrom, bootOrder }: MachineWish): BootPlaces {
  const devices = [...disks, ...nics];
  const chosen = devices.filter(({ bootIndex }) => bootIndex !== undefined);
  if (chosen.length > 0) return new Map(chosen.map((device) => [device, device.bootIndex ?? 0]));
  const kinds = { disk: disks, cdrom: cdrom === undefined ? [] : [CDROM as typeof CDROM], network: nics };
  return new Map(
    bootOrder
      .flatMap((kind): readonly (DiskWish | NicWish | typeof CDROM)[] => kinds[kind])
      .map((device, index) => [device, index + 1]),
  );
}
