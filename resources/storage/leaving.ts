/** Deleted, and what it holds is to go now: a `deletedAt` that lies ahead is a grace period. */
export function isLeaving({ metadata }: { metadata: { deletedAt: string | null } }, now: number): boolean {
  return metadata.deletedAt !== null && Date.parse(metadata.deletedAt) <= now;
}
