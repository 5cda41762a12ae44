import type { Claims } from '../../../reconciler/claims.ts';
import type { Reason } from '../../../reconciler/json.ts';
import type { Refs } from '../../../reconciler/kind.ts';
import type { HostCandidate } from '../../placement/candidate.ts';
import { choosePool, type PoolWish } from '../../placement/pools.ts';
import type { DiskOfferingSpec } from '../../storage/disk-offering/kind.ts';
import { typed } from '../../typed.ts';
import type { MachineWish } from './spec.ts';

export const diskPoolSlot = (disk: string) => `disk/${disk}/pool`;

/** Pools for the volumes that are made for the machine; a disk keeps the pool that it was given. Pure. */
export function newDiskPools(
  { object, refs, held }: { object: { spec: MachineWish }; refs: Refs; held: Claims | null },
  host: HostCandidate,
): { chosen: Record<string, string> } | { refused: Reason } {
  const chosen: Record<string, string> = {};
  for (const { disk, wish } of poolWishes(object.spec, refs)) {
    const kept = held?.chosen[diskPoolSlot(disk)];
    const choice = kept === undefined ? choosePool(host.pools, wish) : { pool: { name: kept } };
    if ('refused' in choice) return choice;
    chosen[diskPoolSlot(disk)] = choice.pool.name;
  }
  return { chosen };
}

/** What each disk without a volume of its own asks of a pool. */
export function poolWishes(spec: MachineWish, refs: Refs): { disk: string; wish: PoolWish }[] {
  return spec.disks.flatMap((disk, index) => {
    if (disk.volume !== undefined) return [];
    const offering = typed<DiskOfferingSpec, object>(refs.at(`/disks/${index}/offering`))?.spec;
    const storageMiB = (disk.sizeGiB ?? offering?.sizeGiB ?? 0) * 1024;
    return [
      { disk: disk.name, wish: { what: `disk ${disk.name}`, pool: disk.pool, tags: offering?.tags ?? [], storageMiB } },
    ];
  });
}

/** The pool of a machine's small files: kept while it has any, chosen when it needs one. */
export function filesPool(input: {
  host: HostCandidate;
  held: Claims | null;
  needed: boolean;
}): { uid: string; name: string } | { refused: Reason } | null {
  const { host, held, needed } = input;
  const { filesPool: uid, filesPoolName: name } = held?.chosen ?? {};
  if (uid !== undefined && name !== undefined) return { uid, name };
  if (!needed) return null;
  const choice = choosePool(host.pools, SMALL_FILES);
  return 'refused' in choice ? choice : choice.pool;
}

export const SMALL_FILES: PoolWish = { what: 'its seed or ISO', tags: [], storageMiB: 0 };
