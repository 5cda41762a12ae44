import { type Reason, reason } from '../../reconciler/json.ts';
import type { PoolCandidate } from './candidate.ts';

/** Something that will be made in a pool of the machine's host. */
export interface PoolWish {
  /** What it is for, in the words of the manifest: `disk root`. */
  what: string;
  /** Name of the pool, when one is wished. */
  pool?: string | undefined;
  tags: readonly string[];
  /** 0: too small to count, or not known yet. */
  storageMiB: number;
}

/** The pool with the most room among those that fit; by name where equal. Pure. */
export function choosePool(
  pools: readonly PoolCandidate[],
  { what, pool: wished, tags, storageMiB }: PoolWish,
): { pool: PoolCandidate } | { refused: Reason } {
  const active = pools.filter((pool) => pool.active && (wished === undefined ? pool.enabled : pool.name === wished));
  if (wished !== undefined && active.length === 0) {
    return { refused: reason('PoolOutOfReach', { pool: wished, what }) };
  }
  const [best] = active
    .filter((pool) => wished !== undefined || tags.every((tag) => pool.tags.includes(tag)))
    .filter((pool) => storageMiB === 0 || storageMiB <= free(pool))
    .sort((a, b) => free(b) - free(a) || (a.name < b.name ? -1 : 1));
  return best ? { pool: best } : { refused: reason('NoPool', { what }) };
}

function free({ storageMiB }: PoolCandidate): number {
  return storageMiB === null ? 0 : storageMiB.limit - storageMiB.used;
}
