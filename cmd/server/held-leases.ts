import type { Leases } from '../../postgres/leases.ts';
import { steadyClock } from './environment.ts';

/**
 * Heartbeats at thirds of the lease. A shard counts as ours for one lease after the beat that gave it began, and not longer,
 * whatever happens to the machine's clock meanwhile.
 */
export async function holdLeases(
  leases: Pick<Leases, 'holdShards' | 'holdName'>,
  { holder, leaseMs, onError }: { holder: string; leaseMs: number; onError(error: unknown): void },
  moved: () => void,
) {
  let shards: readonly number[] = [];
  let until = 0;
  const names = new Map<string, number>();
  const beat = async () => {
    const began = steadyClock.now();
    const now = [...(await leases.holdShards({ instance: holder, leaseMs })).keys()];
    const more = now.length > shards.length;
    shards = now;
    until = began + leaseMs;
    if (more) moved();
    for (const name of names.keys()) {
      const epoch = await leases.holdName({ name, instance: holder, leaseMs });
      names.set(name, epoch === null ? 0 : began + leaseMs);
    }
  };
  await beat();
  return {
    shards: () => (steadyClock.now() < until ? shards : []),
    name: (name: string) => {
      if (!names.has(name)) names.set(name, 0);
      return (names.get(name) ?? 0) > steadyClock.now();
    },
    keep: async (stop: AbortSignal) => {
      while (!stop.aborted) {
        await steadyClock.sleep(leaseMs / 3, stop);
        if (!stop.aborted) await beat().catch(onError);
      }
    },
  };
}
