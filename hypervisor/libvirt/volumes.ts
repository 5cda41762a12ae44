import type { VolumeAddress, VolumePort } from '../port.ts';
import { endBackupsInto } from './backups.ts';
import { capabilitiesOf } from './capabilities.ts';
import { attempt, attemptRead, PortFailure } from './errors.ts';
import type { HostConnection } from './host-connection.ts';
import { poolOf, readPool, refreshPool } from './pools.ts';
import { createEmpty, deleteVolume, isExisting, requireShape, resize } from './volume-acts.ts';
import { lookAtVolumes, markedBy, markerOf, noPool, readComplete, readUser, readVolume } from './volume-reads.ts';
import { snapshot } from './volume-snapshots.ts';
import { clone, download, upload } from './volume-transfers.ts';

export function createVolumePort(host: HostConnection): VolumePort {
  return {
    sight: (request, options) => attemptRead(options, () => lookAtVolumes(host, request)),
    create: (request, options) => attempt(options, () => create(host, request)),
    clone: (request, options) => attempt(options, () => clone(host, request)),
    snapshot: (request, options) => attempt(options, () => snapshot(host, request, options)),
    grow: (request, options) => attempt(options, () => grow(host, request)),
    upload: (request, options) => upload(host, request, options),
    download: (request, options) => attempt(options, () => download(host, request, options)),
    remove: (volume, options) => attempt(options, () => remove(host, volume)),
  };
}

async function create(
  host: HostConnection,
  request: { volume: VolumeAddress; bytes: number; format: 'qcow2' | 'raw' },
): Promise<void> {
  const { volume } = request;
  const found = await readComplete(host, volume);
  if (found !== null) return requireShape(found, request);
  const part = { ...volume, name: markerOf(volume.name) };
  if ((await readVolume(host, part)) !== null) await remove(host, volume);
  try {
    await createEmpty(host, request);
  } catch (error) {
    if (!isExisting(error)) throw error;
    await refreshPool(host, poolOf(volume.poolUid));
    const unnoticed = await readComplete(host, volume);
    if (unnoticed === null) throw error;
    requireShape(unnoticed, request);
  }
}

async function grow(host: HostConnection, { volume, bytes }: { volume: VolumeAddress; bytes: number }): Promise<void> {
  if (!capabilitiesOf(host.driver).resizeVolume) throw new PortFailure('Unsupported', 'This host lacks resizeVolume.');
  const found = await readComplete(host, volume);
  if (found === null) throw new PortFailure('NotFound', `There is no volume ${volume.name} in pool ${volume.poolUid}.`);
  if (found.capacityBytes > bytes) {
    const shape = `has ${found.capacityBytes} bytes; it may only grow, not become ${bytes}`;
    throw new PortFailure('Invalid', `The volume ${volume.name} ${shape}.`);
  }
  if (found.capacityBytes === bytes) return;
  await resize(host, volume, bytes);
}

/** An unfinished volume goes before the marker that says it is unfinished, and nobody copies into it any more. */
async function remove(host: HostConnection, address: VolumeAddress): Promise<void> {
  const volume = { ...address, name: markedBy(address.name) ?? address.name };
  const marker = { ...address, name: markerOf(volume.name) };
  if ((await readPool(host, volume.poolUid)) === null) throw noPool(volume.poolUid);
  const found = await readVolume(host, volume);
  if (found !== null) {
    const user = await readUser(host, volume);
    if (user?.running)
      throw new PortFailure('Busy', `The volume ${volume.name} is in use by machine ${user.machineUid}.`);
    if ((await readVolume(host, marker)) !== null) await endBackupsInto(host, found.path);
    await deleteVolume(host, volume);
  }
  await deleteVolume(host, marker);
}
