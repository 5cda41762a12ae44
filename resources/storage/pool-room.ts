import type { Claims, World } from '../../reconciler/claims.ts';

/** MiB that a pool has left to promise to one object, whose own share counts as free, and its limit. Null while the limit is not known. */
export function roomIn(
  { capacity }: World,
  { place, held }: { place: string; held: Claims | null },
): { free: number; limit: number } | null {
  const row = capacity.find((each) => each.place === place && each.resource === 'storageMiB');
  if (!row) return null;
  const own = (held?.capacity ?? []).filter((claim) => claim.place === place && claim.resource === 'storageMiB');
  return { free: row.limit - row.used + own.reduce((sum, { amount }) => sum + amount, 0), limit: row.limit };
}
