import type { Capabilities, MachineSpec, NicSpec } from '../../../hypervisor/port.ts';
import { jsonEqual } from '../../../reconciler/equal.ts';
import type { JsonObject } from '../../../reconciler/json.ts';
import type { FieldChange } from '../../../reconciler/plan.ts';
import { diskChanges, nicChanges, scalarChanges } from './diff.ts';
import { CDROM, SEED } from './drives.ts';

/** A difference between what is wished and what runs. Without a verb it takes a restart. */
export interface LiveChange {
  /** What it is about, in the words of the manifest: `cpus`, `disks/data`, `nics/eth0`, `seed`. */
  about: string;
  changes: FieldChange[];
  act: { verb: string; args: JsonObject } | null;
}

export type LiveCapabilities = Pick<Capabilities, 'hotplugCpu' | 'hotplugMemory' | 'hotplugDisk' | 'hotplugNic'>;

/** NICs (by MAC) that hang in the air since their network was started again. */
export type Unplugged = ReadonlySet<string>;

interface Input {
  wished: MachineSpec;
  live: MachineSpec;
  can: LiveCapabilities;
  unplugged: Unplugged;
  /** Names of NICs whose network is not to be had yet. */
  awaitedNics: ReadonlySet<string>;
}

/** What it takes to make the running guest as wished. A device that must change is detached first; attaching follows once it was seen gone. Pure. */
export function liveChanges(input: Input): LiveChange[] {
  return [...sizeChanges(input), ...disksChanges(input), ...nicsChanges(input), ...bootChange(input)];
}

function sizeChanges({ wished, live, can }: Input): LiveChange[] {
  return scalarChanges(wished, live)
    .filter(({ path }) => path !== 'machine/bootOrder')
    .map((change): LiveChange => {
      const about = change.path.slice('machine/'.length);
      const { cpus, memoryMiB } = wished;
      const act =
        about === 'cpus' && can.hotplugCpu && cpus <= live.maxCpus
          ? { verb: 'setCpus', args: { cpus } }
          : about === 'memoryMiB' && can.hotplugMemory && memoryMiB <= live.maxMemoryMiB
            ? { verb: 'setMemory', args: { memoryMiB } }
            : null;
      return { about, changes: [change], act };
    });
}

/** Fields of a disk that are another disk when they change; the others need a restart. */
const SOURCE = /\/(source|format)$/;

function disksChanges({ wished, live, can }: Input): LiveChange[] {
  const hot = (device: string) => can.hotplugDisk && device === 'disk';
  const changes = wished.disks.flatMap((disk): LiveChange[] => {
    const about = aboutDisk(disk.name);
    const path = `machine/disks/${disk.name}`;
    const seen = live.disks.find(({ name }) => name === disk.name);
    if (!seen) {
      const act = hot(disk.device) ? { verb: 'attachDisk', args: { disk: disk as unknown as JsonObject } } : null;
      return [{ about, changes: [{ path, from: null, to: 'attached' }], act }];
    }
    const differing = diskChanges(disk, seen).filter((change) => !change.path.endsWith('/bootIndex'));
    if (differing.length === 0) return [];
    if (disk.name === CDROM && can.hotplugDisk && differing.every((change) => SOURCE.test(change.path)))
      return [
        { about, changes: differing, act: { verb: 'attachDisk', args: { disk: disk as unknown as JsonObject } } },
      ];
    const another = differing.some((change) => SOURCE.test(change.path)) && hot(seen.device);
    return [{ about, changes: differing, act: another ? { verb: 'detachDisk', args: { name: disk.name } } : null }];
  });
  const extra = live.disks
    .filter((disk) => !wished.disks.some(({ name }) => disk.name === name) && !isEmptyDrive(disk))
    .map(
      ({ name, device }): LiveChange => ({
        about: aboutDisk(name),
        changes: [{ path: `machine/disks/${name}`, from: 'attached', to: null }],
        act: hot(device) || (name === CDROM && can.hotplugDisk) ? { verb: 'detachDisk', args: { name } } : null,
      }),
    );
  return [...extra, ...changes];
}

function aboutDisk(name: string): string {
  return name === CDROM || name === SEED ? name : `disks/${name}`;
}

/** What is left of a CD-ROM drive that nobody wishes any more: the drive itself goes with the next start, and needs none. */
function isEmptyDrive({ name, source }: MachineSpec['disks'][number]): boolean {
  return name === CDROM && source === null;
}

function nicsChanges({ wished, live, can, unplugged, awaitedNics }: Input): LiveChange[] {
  const detach = (mac: string) => (can.hotplugNic ? { verb: 'detachNic', args: { mac } } : null);
  const changes = wished.nics.flatMap((nic): LiveChange[] => {
    const about = `nics/${nic.name}`;
    const path = `machine/${about}`;
    const seen = live.nics.find(({ mac }) => mac === nic.mac);
    if (!seen) return awaitedNics.has(nic.name) ? [] : attachment(nic, { can, path, about });
    const differing = nicChanges(nic, seen).filter((change) => !/\/(bootIndex|rateMbps)$/.test(change.path));
    if (differing.length > 0) return [{ about, changes: differing, act: detach(nic.mac) }];
    if (unplugged.has(nic.mac)) return [replug(nic, { can, path, about })];
    const rate = nicChanges(nic, seen).filter((change) => change.path.endsWith('/rateMbps'));
    return rate.length > 0 ? [{ about, changes: rate, act: null }] : [];
  });
  const extra = live.nics
    .filter(({ mac }) => !wished.nics.some((nic) => nic.mac === mac))
    .map(
      ({ name, mac }): LiveChange => ({
        about: `nics/${name}`,
        changes: [{ path: `machine/nics/${name}`, from: mac, to: null }],
        act: detach(mac),
      }),
    );
  return [...extra, ...changes];
}

function attachment(
  nic: NicSpec,
  { can, path, about }: { can: LiveCapabilities; path: string; about: string },
): LiveChange[] {
  const act = can.hotplugNic ? { verb: 'attachNic', args: { nic: nic as unknown as JsonObject } } : null;
  return [{ about, changes: [{ path, from: null, to: nic.mac }], act }];
}

/** The guest keeps its NIC; only its other end is put into the network's new bridge. */
function replug(
  nic: NicSpec,
  { can, path, about }: { can: LiveCapabilities; path: string; about: string },
): LiveChange {
  const act = can.hotplugNic ? { verb: 'attachNic', args: { nic: nic as unknown as JsonObject } } : null;
  return { about, changes: [{ path, from: 'unplugged', to: 'attached' }], act };
}

/** Only the order matters, and only of what has a place in both: a device that was attached while the guest ran has none. */
function bootChange({ wished, live }: Input): LiveChange[] {
  const [wishedPlaces, livePlaces] = [placesOf(wished), placesOf(live)];
  const order = (places: ReadonlyMap<string, number>, other: ReadonlyMap<string, number>) =>
    [...places.keys()].filter((name) => other.has(name)).sort((a, b) => (places.get(a) ?? 0) - (places.get(b) ?? 0));
  const [from, to] = [order(livePlaces, wishedPlaces), order(wishedPlaces, livePlaces)];
  const same = jsonEqual(from, to) && jsonEqual(live.bootOrder, wished.bootOrder);
  return same ? [] : [{ about: 'bootOrder', changes: [{ path: 'machine/bootOrder', from, to }], act: null }];
}

function placesOf({ disks, nics }: MachineSpec): Map<string, number> {
  const places = new Map<string, number>();
  for (const { name, bootIndex } of disks) if (bootIndex !== null) places.set(`disks/${name}`, bootIndex);
  for (const { mac, bootIndex } of nics) if (bootIndex !== null) places.set(`nics/${mac}`, bootIndex);
  return places;
}
