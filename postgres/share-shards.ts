export interface ShardRow {
  shard: number;
  holder: string | null;
  epoch: number;
  /** Epoch ms. */
  lease_until: number;
}

export interface Share {
  keep: number[];
  take: number[];
  giveUp: number[];
}

/**
 * Pure: which shards one instance keeps, takes and gives up. Every live instance has its part, equal but for one; what nobody holds, or a
 * holder that is gone, is taken at once. Nobody takes from a live holder: it gives up what is too much for it at its own next beat.
 */
export function shareShards(
  rows: readonly ShardRow[],
  { instance, live, now }: { instance: string; live: readonly string[]; now: number },
): Share {
  const others = live.filter((id) => id !== instance);
  const rank = others.filter((id) => id < instance).length;
  const count = others.length + 1;
  const part = Math.floor(rows.length / count) + (rank < rows.length % count ? 1 : 0);
  const own = rows.filter(({ holder }) => holder === instance).map(({ shard }) => shard);
  const free = rows.filter(({ holder, lease_until }) => holder !== instance && (holder === null || lease_until <= now));
  return {
    keep: own.slice(0, part),
    take: free.slice(0, Math.max(0, part - own.length)).map(({ shard }) => shard),
    giveUp: own.slice(part),
  };
}
