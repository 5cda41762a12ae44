import type { Allocation, Claims, World } from '../../../reconciler/claims.ts';
import { reason } from '../../../reconciler/json.ts';
import type { Subject } from '../../../reconciler/kind.ts';
import type { StoredObject } from '../../../reconciler/object.ts';
import { typed } from '../../typed.ts';
import type { ImageSpec, ImageStatus } from '../image/kind.ts';
import { hostsOfPool } from '../pool-hosts.ts';
import { roomIn } from '../pool-room.ts';
import type { ImageCopySpec, ImageCopyStatus } from './kind.ts';

type Input = Subject<ImageCopySpec, ImageCopyStatus> & { world: World; held: Claims | null; attempt: number };

const MIB = 1024 ** 2;
const RETRY_MS = 15_000;
/** What a file is taken for whose server does not tell its size. */
const UNKNOWN_MIB = 1024;

/** A copy lies in the pool that it names and takes as much as its file has. */
export function allocateImageCopy({ refs, world, held }: Input): Allocation {
  const image = typed<ImageSpec, ImageStatus>(refs.at('/image'));
  const pool = refs.at('/pool');
  if (!image || !pool) return { waiting: reason('ImageOrPoolGone'), afterMs: RETRY_MS };
  const { uid: place, name } = pool.metadata;
  const amount = sizeMiB(image);
  const freeMiB = roomIn(world, { place, held })?.free ?? 0;
  if (freeMiB < amount) {
    return { waiting: reason('PoolFullForCopy', { pool: name, neededMiB: amount, freeMiB }), afterMs: RETRY_MS };
  }
  const capacity = [{ place, resource: 'storageMiB', amount }];
  const reach = hostsOfPool(pool)[0] ?? place;
  return { claims: { places: [place], unique: [], capacity, chosen: { pool: name, poolUid: place, reach } } };
}

function sizeMiB({ spec, status }: StoredObject<ImageSpec, ImageStatus>): number {
  const bytes = status.bytes ?? status.virtualBytes;
  if (bytes !== undefined && bytes !== null) return Math.max(1, Math.ceil(bytes / MIB));
  return spec.minDiskGiB === undefined ? UNKNOWN_MIB : spec.minDiskGiB * 1024;
}
