import type { Database } from './database.ts';
import { type ShardRow, shareShards } from './share-shards.ts';
import {
  BEAT,
  HOLD_NAME,
  LEAVE,
  LEAVE_NAME,
  LIVE_INSTANCES,
  LOCK_LEASES,
  READ_SHARDS,
  WRITE_SHARDS,
} from './statements/leases.ts';

/** Who works on what among many instances. Leases share out work and connections; it is the epochs of claims that keep writes safe. */
export interface Leases {
  /**
   * One heartbeat: renews, gives up what is too much, takes what is free. Call it at thirds of the lease, and work on no shard for longer
   * than `leaseMs` after the call began. Answers the shards held, with the epoch that each got when it came here.
   */
  holdShards(request: { instance: string; leaseMs: number }): Promise<ReadonlyMap<number, number>>;
  /** Renews or takes a lease by name, for what only one instance may do; its epoch, or null while another holds it. */
  holdName(request: { name: string; instance: string; leaseMs: number }): Promise<number | null>;
  leaveName(request: { name: string; instance: string }): Promise<void>;
  /** Gives up everything at once, so that others need not wait for the lease to end. */
  leave(instance: string): Promise<void>;
}

export function createLeases(database: Database): Leases {
  return {
    holdShards: (request) => holdShards(database, request),
    holdName: async ({ name, instance, leaseMs }) =>
      (await database.run<{ epoch: number }>(HOLD_NAME, [name, instance, leaseMs]))[0]?.epoch ?? null,
    leaveName: async ({ name, instance }) => {
      await database.run(LEAVE_NAME, [name, instance]);
    },
    leave: async (instance) => {
      await database.transaction(async (tx) => {
        await tx.run(LOCK_LEASES, []);
        await tx.run(LEAVE, [instance]);
        return { commit: true, value: null };
      });
    },
  };
}

async function holdShards(
  database: Database,
  { instance, leaseMs }: { instance: string; leaseMs: number },
): Promise<ReadonlyMap<number, number>> {
  const held = await database.transaction<[number, number][]>(async (tx) => {
    await tx.run(LOCK_LEASES, []);
    await tx.run(BEAT, [instance, leaseMs]);
    const live = await tx.run<{ id: string; now: number }>(LIVE_INSTANCES, []);
    const rows = await tx.run<ShardRow>(READ_SHARDS, []);
    const share = shareShards(rows, { instance, live: live.map(({ id }) => id), now: live[0]?.now ?? 0 });
    const written = await tx.run<{ shard: number; holder: string | null; epoch: number }>(WRITE_SHARDS, [
      instance,
      leaseMs,
      share.keep,
      share.take,
      share.giveUp,
    ]);
    const mine = written.filter(({ holder }) => holder === instance);
    return { commit: true, value: mine.map(({ shard, epoch }) => [shard, epoch]) };
  });
  return new Map(held.sort(([a], [b]) => a - b));
}
