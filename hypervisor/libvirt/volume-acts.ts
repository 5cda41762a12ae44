import type { VolumeAddress } from '../port.ts';
import { isRefusal, PortFailure, unlessRefused } from './errors.ts';
import type { HostConnection } from './host-connection.ts';
import { poolOf } from './pools.ts';
import { poolError, volumeRef } from './volume-reads.ts';
import { procedures } from './wire/procedures.ts';
import { buildVolume, type Volume } from './xml/storage.ts';
import { writeXml } from './xml/write.ts';

/** Long: a volume may be allocated or copied on a slow disk while libvirt answers nothing. */
export const storageTimeoutMs = 600_000;

/** Done already, if what is there is what was asked for. */
export function requireShape(found: Volume, wanted: { bytes: number; format: 'qcow2' | 'raw' }): void {
  if (found.capacityBytes === wanted.bytes && found.format === wanted.format) return;
  const shape = `${found.format} of ${found.capacityBytes} bytes, not ${wanted.format} of ${wanted.bytes}`;
  throw new PortFailure('Exists', `The volume ${found.name} exists as ${shape}.`);
}

/** Creates an empty volume in libvirt, whatever stands beside it. A file that libvirt had not noticed counts as existing. */
export async function createEmpty(
  host: HostConnection,
  { volume, bytes, format }: { volume: VolumeAddress; bytes: number; format: 'qcow2' | 'raw' },
): Promise<void> {
  const xml = writeXml(buildVolume({ name: volume.name, bytes, format }));
  const args = { pool: poolOf(volume.poolUid), xml, flags: 0 };
  try {
    await host.lanes.acts.call(procedures.storageVolumeCreateXml, args, { timeoutMs: storageTimeoutMs });
  } catch (error) {
    throw poolError(error, volume.poolUid);
  }
}

export async function deleteVolume(host: HostConnection, { poolUid, name }: VolumeAddress): Promise<void> {
  const args = { volume: volumeRef(poolUid, name), flags: 0 };
  const deleting = host.lanes.acts.call(procedures.storageVolumeDelete, args, { timeoutMs: storageTimeoutMs });
  try {
    await unlessRefused(deleting, ['NO_STORAGE_VOL'], undefined);
  } catch (error) {
    throw poolError(error, poolUid);
  }
}

export function isExisting(error: unknown): boolean {
  return isRefusal(error, 'STORAGE_VOL_EXIST') || (error instanceof Error && /already exists/.test(error.message));
}

export async function resize(host: HostConnection, { poolUid, name }: VolumeAddress, bytes: number): Promise<void> {
  const args = { volume: volumeRef(poolUid, name), capacity: bytes, flags: 0 };
  await host.lanes.acts.call(procedures.storageVolumeResize, args, { timeoutMs: storageTimeoutMs });
}
