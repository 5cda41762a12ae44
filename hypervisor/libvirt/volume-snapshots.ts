import { dirname, join } from 'node:path';
import type { CallOptions, VolumeAddress, VolumePort } from '../port.ts';
import { beginBackup, endBackupsInto, untilBackupEnds } from './backups.ts';
import { PortFailure } from './errors.ts';
import type { HostConnection } from './host-connection.ts';
import { poolOf, readPool } from './pools.ts';
import { createEmpty } from './volume-acts.ts';
import { markerOf, noPool, readComplete, readUser, readVolume, volumeRef } from './volume-reads.ts';
import { behindMarker, copyTimeoutMs } from './volume-transfers.ts';
import { procedures } from './wire/procedures.ts';
import { buildVolume, type Volume } from './xml/storage.ts';
import { writeXml } from './xml/write.ts';

type Snapshot = Parameters<VolumePort['snapshot']>[0];

/** A copy of a volume as it was at one instant: through the guest that has it open, else by libvirt's own copying of the file. */
export async function snapshot(
  host: HostConnection,
  { from, to }: Snapshot,
  options: CallOptions | undefined,
): Promise<void> {
  if (from.poolUid !== to.poolUid) throw new PortFailure('Unsupported', 'A snapshot stays in the pool of its volume.');
  if ((await readPool(host, to.poolUid)) === null) throw noPool(to.poolUid);
  if ((await readComplete(host, to)) !== null) return;
  const source = await readComplete(host, from);
  if (source === null) throw new PortFailure('NotFound', `There is no volume ${from.name} in pool ${from.poolUid}.`);
  const user = await readUser(host, from);
  await endLeftBackup(host, { source, to });
  if (user?.running) {
    const copy = { machineUid: user.machineUid, from, to, source };
    await copyThroughGuest(host, copy, options?.signal);
  } else await copyAtRest(host, { from, to, source });
}

interface Copy extends Snapshot {
  source: Volume;
}

/** Whoever began to fill this file through a guest, and was killed, has left the guest copying. */
async function endLeftBackup(host: HostConnection, { source, to }: Omit<Copy, 'from'>): Promise<void> {
  const marker = await readVolume(host, { ...to, name: markerOf(to.name) });
  if (marker !== null) await endBackupsInto(host, pathBeside(source, to));
}

function pathBeside({ path }: Volume, { name }: VolumeAddress): string {
  return join(dirname(path), name);
}

/**
 * Nobody can keep a machine from being started on the volume meanwhile, here or at another host of the pool. So the file is looked at before
 * and afterwards: what was written to in between is thrown away, and made again.
 */
async function copyAtRest(host: HostConnection, { from, to, source }: Copy): Promise<void> {
  const bytes = source.capacityBytes;
  await behindMarker(host, to, async () => {
    const before = stateOf(await readVolume(host, from));
    const xml = writeXml(buildVolume({ name: to.name, bytes, format: 'qcow2' }));
    const args = { pool: poolOf(to.poolUid), xml, source: volumeRef(from.poolUid, from.name), flags: 0 };
    await host.lanes.transfers.call(procedures.storageVolumeCreateXmlFrom, args, { timeoutMs: copyTimeoutMs });
    if (before !== stateOf(await readVolume(host, from))) {
      throw new PortFailure('Busy', `The volume ${from.name} was written to while it was copied.`);
    }
  });
}

function stateOf(volume: Volume | null): string {
  return `${volume?.capacityBytes} ${volume?.modifiedAt}`;
}

/** The new file is made first, so that libvirt's pool knows it, and then filled by the guest's hypervisor with what the disk holds now. */
async function copyThroughGuest(
  host: HostConnection,
  { machineUid, from, to, source }: Copy & { machineUid: string },
  signal: AbortSignal | undefined,
): Promise<void> {
  await behindMarker(host, to, async () => {
    await createEmpty(host, { volume: to, bytes: source.capacityBytes, format: 'qcow2' });
    const uuid = await beginBackup(host, { machineUid, from, source, path: pathBeside(source, to) });
    await untilBackupEnds(host, uuid, { signal, timeoutMs: copyTimeoutMs });
  });
}
