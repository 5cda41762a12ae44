import type { Allocation, Claims, World } from '../../../reconciler/claims.ts';
import { reason } from '../../../reconciler/json.ts';
import type { Subject } from '../../../reconciler/kind.ts';
import type { StoredObject } from '../../../reconciler/object.ts';
import { typed } from '../../typed.ts';
import { hostsOfPool } from '../pool-hosts.ts';
import { roomIn } from '../pool-room.ts';
import type { StoragePoolSpec, StoragePoolStatus } from '../storage-pool/kind.ts';
import type { VolumeSpec, VolumeStatus } from '../volume/kind.ts';
import type { VolumeSnapshotSpec, VolumeSnapshotStatus } from './kind.ts';

type Wish = Subject<VolumeSnapshotSpec, VolumeSnapshotStatus>;

const RETRY_MS = 15_000;

/** It lies in the pool of its volume, which promises it as much room as the volume has. */
export function allocateVolumeSnapshot(
  input: Wish & { world: World; held: Claims | null; attempt: number },
): Allocation {
  const { object, world, held } = input;
  const place = held?.places[0] ?? volumeOf(input)?.status.poolUid;
  const sizeGiB = wishedGiB(input);
  const pools = (world.objects.StoragePool ?? []) as unknown as StoredObject<StoragePoolSpec, StoragePoolStatus>[];
  const pool = pools.find(({ metadata }) => metadata.uid === place);
  if (place === undefined || sizeGiB === undefined || !pool) {
    return { waiting: reason('VolumeNotThere', { volume: object.spec.volume }), afterMs: RETRY_MS };
  }
  const { name } = pool.metadata;
  if (!held && pool.spec.allocation !== 'Enabled') {
    return { waiting: reason('PoolDisabled', { pool: name }), afterMs: RETRY_MS };
  }
  const amount = sizeGiB * 1024;
  const free = roomIn(world, { place, held })?.free ?? 0;
  if (free < amount) {
    const freeGiB = Math.max(0, Math.floor(free / 1024));
    return { waiting: reason('PoolFull', { pool: name, freeGiB, neededGiB: sizeGiB }), afterMs: RETRY_MS };
  }
  const capacity = [{ place, resource: 'storageMiB', amount }];
  const chosen = { pool: name, poolUid: place, reach: hostsOfPool(pool)[0] ?? place };
  return { claims: { places: [place], unique: [], capacity, chosen } };
}

/** A volume that grew before it was copied needs more room for its copy. */
export function fitsVolumeSnapshot(input: Wish & { held: Claims }): boolean {
  const wished = wishedGiB(input);
  return wished === undefined || input.held.capacity.every(({ amount }) => amount === wished * 1024);
}

/** What the copy has, and before it is there what the volume has. */
function wishedGiB(input: Wish): number | undefined {
  return input.object.status.sizeGiB ?? volumeOf(input)?.status.sizeGiB;
}

function volumeOf({ refs }: Wish) {
  return typed<VolumeSpec, VolumeStatus>(refs.at('/volume'));
}
