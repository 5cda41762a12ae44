import type { Result, VolumeAddress, VolumePort, VolumeSight } from '../port.ts';
import { type Connection, call } from './call.ts';
import { capabilitiesOf } from './capabilities.ts';
import { settle, uidOf } from './machine-power.ts';
import { DONE, failure, success } from './results.ts';
import type { HostState, VolumeState } from './state.ts';
import { clone, download, snapshot, upload } from './transfers.ts';
import { allocatedBytes, availableBytes, findVolume, folderOf } from './volume-state.ts';
import { changed } from './world.ts';

export function createVolumePort(connection: Connection): VolumePort {
  const { world, host } = connection;
  return {
    sight: ({ poolUid, names }, options) =>
      call(connection, { verb: 'volumes.sight', uid: poolUid, changes: false, options }, () => {
        settle(world, host);
        return sights(host, poolUid, names);
      }),
    create: (request, options) =>
      call(connection, { verb: 'volumes.create', uid: nameOf(request.volume), changes: true, options }, () =>
        create(connection, request),
      ),
    clone: (request, options) => clone(connection, request, options),
    snapshot: (request, options) => snapshot(connection, request, options),
    grow: (request, options) =>
      call(connection, { verb: 'volumes.grow', uid: nameOf(request.volume), changes: true, options }, () =>
        grow(connection, request),
      ),
    upload: (request, options) => upload(connection, request, options),
    download: (request, options) => download(connection, request, options),
    remove: (volume, options) =>
      call(connection, { verb: 'volumes.remove', uid: nameOf(volume), changes: true, options }, () => {
        settle(world, host);
        return remove(connection, volume);
      }),
  };
}

export function nameOf(volume: VolumeAddress): string {
  return `${volume.poolUid}/${volume.name}`;
}

export function noPool(poolUid: string) {
  return failure('NotFound', `There is no pool ${poolUid}.`);
}

export function noVolume(volume: VolumeAddress) {
  return failure('NotFound', `There is no volume ${volume.name} in pool ${volume.poolUid}.`);
}

function sights(host: HostState, poolUid: string, names: readonly string[] | undefined): Result<VolumeSight[]> {
  const folder = folderOf(host, poolUid);
  if (!folder) return noPool(poolUid);
  const volumes = Object.values(folder).filter((volume) => names === undefined || names.includes(volume.name));
  return success(
    volumes.map((volume) => ({
      name: volume.name,
      capacityBytes: volume.capacityBytes,
      allocatedBytes: allocatedBytes(volume),
      format: volume.format,
      attachedTo: attachmentOf(host, { poolUid, name: volume.name }),
    })),
  );
}

/** A running user comes first: it is the one that matters for a removal. */
export function attachmentOf(host: HostState, volume: VolumeAddress): VolumeSight['attachedTo'] {
  const machines = Object.values(host.machines);
  const users = (running: boolean) =>
    machines.flatMap((machine) => {
      const disks = (running ? machine.live : machine.persistent)?.disks ?? [];
      const disk = disks.find(({ source }) => source?.poolUid === volume.poolUid && source.name === volume.name);
      return disk ? [{ machineUid: uidOf(machine), diskName: disk.name, running }] : [];
    });
  return users(true)[0] ?? users(false)[0] ?? null;
}

function create(
  { world, host }: Connection,
  request: { volume: VolumeAddress; bytes: number; format: 'qcow2' | 'raw' },
): Result<void> {
  const { volume, bytes, format } = request;
  const folder = folderOf(host, volume.poolUid);
  const pool = host.pools[volume.poolUid];
  if (!folder || !pool) return noPool(volume.poolUid);
  const found = folder[volume.name];
  if (found) return sameShape(found, { bytes, format });
  const made: VolumeState = { name: volume.name, capacityBytes: bytes, format, content: null };
  if (allocatedBytes(made) > availableBytes(host, pool.path)) return noSpace(volume, bytes);
  folder[volume.name] = made;
  changed(world, host, { noun: 'pool', uid: volume.poolUid });
  return DONE;
}

/** Done already, if what is there is what was asked for. */
export function sameShape(found: VolumeState, { bytes, format }: { bytes: number; format: string }): Result<void> {
  if (found.capacityBytes === bytes && found.format === format) return DONE;
  return failure(
    'Exists',
    `Volume ${found.name} exists as ${found.format} of ${found.capacityBytes} bytes, not ${format} of ${bytes}.`,
  );
}

export function noSpace(volume: VolumeAddress, bytes: number) {
  return failure('NoSpace', `There is no room for the ${bytes} bytes of ${volume.name}.`);
}

export function grow({ world, host }: Connection, request: { volume: VolumeAddress; bytes: number }): Result<void> {
  const { volume, bytes } = request;
  if (!capabilitiesOf(world).resizeVolume) return failure('Unsupported', 'This host lacks resizeVolume.');
  const pool = host.pools[volume.poolUid];
  if (!pool) return noPool(volume.poolUid);
  const found = findVolume(host, volume);
  if (!found) return noVolume(volume);
  const more = bytes - found.capacityBytes;
  if (more < 0) return failure('Invalid', `Volume ${volume.name} has ${found.capacityBytes} bytes; it may only grow.`);
  if (found.format === 'raw' && more > availableBytes(host, pool.path)) return noSpace(volume, bytes);
  if (more === 0) return DONE;
  found.capacityBytes = bytes;
  changed(world, host, { noun: 'pool', uid: volume.poolUid });
  return DONE;
}

/** What somebody began to fill and left goes with the volume. */
function dropPart(folder: Record<string, VolumeState>, { name }: VolumeAddress): void {
  delete folder[`${name}.part`];
}

function remove({ world, host }: Connection, volume: VolumeAddress): Result<void> {
  const folder = folderOf(host, volume.poolUid);
  if (!folder) return noPool(volume.poolUid);
  dropPart(folder, volume);
  if (!folder[volume.name]) return DONE;
  const user = attachmentOf(host, volume);
  if (user?.running) return failure('Busy', `Volume ${volume.name} is in use by machine ${user.machineUid}.`);
  delete folder[volume.name];
  changed(world, host, { noun: 'pool', uid: volume.poolUid });
  return DONE;
}
