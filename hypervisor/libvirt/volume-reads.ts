import type { MachineSight, VolumeAddress, VolumeSight } from '../port.ts';
import { pipelined } from './batch.ts';
import { isRefusal, PortFailure, unlessRefused } from './errors.ts';
import type { HostConnection } from './host-connection.ts';
import { poolOf, readPool, refreshPool } from './pools.ts';
import { procedures } from './wire/procedures.ts';
import type { StorageVolumeRef } from './wire/refs.ts';
import { readXml } from './xml/read.ts';
import { parseVolume, type Volume } from './xml/storage.ts';

/**
 * While a volume is being filled, a marker volume `<name>.part` stands beside it, and the volume counts as not there. libvirt can
 * neither rename a volume nor fill one before it has its name; but creating the marker first and deleting it last makes the
 * marker's deletion the one step that completes. Whatever is killed in between, the marker stays and says so.
 */
export function markerOf(name: string): string {
  return `${name}${markerSuffix}`;
}

/** The volume that a marker stands beside, or null for a name that is no marker's. */
export function markedBy(name: string): string | null {
  return name.endsWith(markerSuffix) ? name.slice(0, -markerSuffix.length) : null;
}

/** A volume as libvirt has it, complete or not. Null when there is none, or its file has vanished. */
export async function readVolume(host: HostConnection, { poolUid, name }: VolumeAddress): Promise<Volume | null> {
  const args = { volume: volumeRef(poolUid, name), flags: 0 };
  try {
    const { xml } = await host.lanes.inventory.call(procedures.storageVolumeGetXmlDesc, args);
    return parseVolume(readXml(xml));
  } catch (error) {
    if (isRefusal(error, 'NO_STORAGE_VOL')) return null;
    if (!isRefusal(error, 'SYSTEM_ERROR', 'INTERNAL_ERROR', 'OPERATION_FAILED')) throw poolError(error, poolUid);
    // The file may have been deleted behind libvirt's back; a refresh makes it look. What is still there is a real error.
    await refreshPool(host, poolOf(poolUid));
    const again = host.lanes.inventory.call(procedures.storageVolumeGetXmlDesc, args);
    const answer = await unlessRefused(again, ['NO_STORAGE_VOL'], null);
    return answer === null ? null : parseVolume(readXml(answer.xml));
  }
}

/** A volume that is there and complete. */
export async function readComplete(host: HostConnection, address: VolumeAddress): Promise<Volume | null> {
  const marker = { ...address, name: markerOf(address.name) };
  const [volume, part] = await Promise.all([readVolume(host, address), readVolume(host, marker)]);
  return part === null ? volume : null;
}

/** What is seen under a name: a complete volume, or under a marker's name the unfinished one beside it. */
async function readShown(host: HostConnection, { poolUid, name }: VolumeAddress): Promise<Volume | null> {
  const unfinished = markedBy(name);
  if (unfinished === null) return await readComplete(host, { poolUid, name });
  const marker = await readVolume(host, { poolUid, name });
  if (marker === null) return null;
  const volume = await readVolume(host, { poolUid, name: unfinished });
  return { ...(volume ?? marker), name };
}

/** Looks at the volumes named, or at all of a pool. */
export async function lookAtVolumes(
  host: HostConnection,
  { poolUid, names }: { poolUid: string; names?: readonly string[] | undefined },
): Promise<VolumeSight[]> {
  const pool = await readPool(host, poolUid);
  if (pool === null) throw noPool(poolUid);
  const { active } = await host.lanes.inventory.call(procedures.storagePoolIsActive, { pool: poolOf(poolUid) });
  if (!active) throw poolOff(poolUid);
  const chosen = names ? [...new Set(names)] : await completeNames(host, poolUid);
  const volumes = await pipelined(chosen, (name) => readShown(host, { poolUid, name }));
  const machines = volumes.some((volume) => volume !== null) ? await host.inventory.recent(attachmentMaxAgeMs) : [];
  const users = usersOf(machines);
  return volumes.flatMap((volume) => (volume === null ? [] : [sightOf(volume, poolUid, users)]));
}

/** The running machine that has a volume, else a stopped one, looked at just now. */
export async function readUser(host: HostConnection, address: VolumeAddress): Promise<VolumeSight['attachedTo']> {
  const volume = await readVolume(host, address);
  const users = usersOf(await host.inventory.sight(undefined));
  return users.get(keyOf(address.poolUid, address.name)) ?? users.get(keyOf('', volume?.path ?? '')) ?? null;
}

export function volumeRef(poolUid: string, name: string): StorageVolumeRef {
  return { pool: poolUid, name, key: '' };
}

export function noPool(poolUid: string): PortFailure {
  return new PortFailure('NotFound', `There is no pool ${poolUid}.`);
}

/** libvirt answers for a pool that is gone or off as if something were wrong with the call. */
export function poolError(error: unknown, poolUid: string): unknown {
  if (isRefusal(error, 'NO_STORAGE_POOL')) return noPool(poolUid);
  return isRefusal(error, 'OPERATION_INVALID') && /is not active/.test(error.message) ? poolOff(poolUid) : error;
}

/** Not NotFound: what is in a pool that is off is there nevertheless. */
function poolOff(poolUid: string): PortFailure {
  return new PortFailure('Failed', `The pool ${poolUid} is not active, so nothing can be said of its volumes.`);
}

const markerSuffix = '.part';
/** Which machine has a volume is read from the machines' definitions, all of them; so a burst of looks shares one reading. */
const attachmentMaxAgeMs = 2_000;

async function completeNames(host: HostConnection, poolUid: string): Promise<string[]> {
  await refreshPool(host, poolOf(poolUid));
  const args = { pool: poolOf(poolUid), needResults: true, flags: 0 };
  const { volumes } = await host.lanes.inventory.call(procedures.storagePoolListAllVolumes, args);
  return volumes.map(({ name }) => name);
}

function sightOf(
  volume: Volume,
  poolUid: string,
  users: ReadonlyMap<string, NonNullable<VolumeSight['attachedTo']>>,
): VolumeSight {
  const { name, capacityBytes, allocatedBytes, format, path } = volume;
  const attachedTo = users.get(keyOf(poolUid, name)) ?? users.get(keyOf('', path)) ?? null;
  return { name, capacityBytes, allocatedBytes, format, attachedTo };
}

/** Users by volume: a running one comes before a stopped one. Disks outside any pool are found by their path. */
function usersOf(machines: readonly MachineSight[]): Map<string, NonNullable<VolumeSight['attachedTo']>> {
  const users = new Map<string, NonNullable<VolumeSight['attachedTo']>>();
  for (const running of [false, true]) {
    for (const machine of machines) {
      for (const disk of (running ? machine.live : machine.persistent)?.disks ?? []) {
        if (disk.source === null) continue;
        const use = { machineUid: machine.uid, diskName: disk.name, running };
        users.set(keyOf(disk.source.poolUid, disk.source.name), use);
      }
    }
  }
  return users;
}

function keyOf(poolUid: string, name: string): string {
  return `${poolUid}/${name}`;
}
