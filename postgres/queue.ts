import { type Claim, type EngineStore, type ObjectStore, SHARDS } from '../reconciler/store.ts';
import type { Database } from './database.ts';
import { json } from './statement.ts';
import { CLAIM } from './statements/claim.ts';
import { NEXT_DUE } from './statements/next-due.ts';
import { QUEUE_STATS } from './statements/queue-stats.ts';
import { RENEW } from './statements/renew.ts';
import { WAKE } from './statements/wake.ts';
import { WAKE_PLACE } from './statements/wake-place.ts';

type Queue = Pick<EngineStore, 'claim' | 'renew' | 'wake' | 'wakePlace' | 'nextDueAt'> &
  Pick<ObjectStore, 'queueStats'>;

export function createQueue(database: Database): Queue {
  // Each claim starts at another shard, so that a long queue in one never starves the others.
  let turn = 0;
  return {
    claim: async ({ shards, limit, leaseMs, holder }) => {
      turn = (turn + 7) % SHARDS;
      const start = shards.length === 0 ? 0 : turn % shards.length;
      const order = [...shards.slice(start), ...shards.slice(0, start)];
      const rows = await database.run<ClaimRow>(CLAIM, [order, limit, leaseMs, holder]);
      return rows.map(claimFrom);
    },
    renew: async (claims, leaseMs) => {
      const held = await database.run<{ uid: string }>(RENEW, [
        json(claims.map(({ uid, epoch }) => ({ uid, epoch }))),
        leaseMs,
      ]);
      const kept = new Set(held.map(({ uid }) => uid));
      return new Set(claims.map(({ uid }) => uid).filter((uid) => !kept.has(uid)));
    },
    wake: async (uids) => {
      if (uids.length === 0) return;
      await database.transaction(async (tx) => {
        await tx.run(WAKE, [uids]);
        return { commit: true, value: null, notify: ['steward_queue'] };
      });
    },
    wakePlace: async (place) => {
      await database.transaction(async (tx) => {
        await tx.run(WAKE_PLACE, [place]);
        return { commit: true, value: null, notify: ['steward_queue'] };
      });
    },
    nextDueAt: async (shards) => (await database.run<{ due_at: number | null }>(NEXT_DUE, [shards]))[0]?.due_at ?? null,
    queueStats: async () => {
      const [row] = await database.run<{ depth: number; due: number; oldest_due_ms: number }>(QUEUE_STATS, []);
      return { depth: row?.depth ?? 0, due: row?.due ?? 0, oldestDueMs: row?.oldest_due_ms ?? 0 };
    },
  };
}

interface ClaimRow {
  uid: string;
  kind: string;
  shard: number;
  epoch: number;
  claimed_at: number;
  lease_until: number;
  attempts: number;
  taken_over_from: number | null;
}

function claimFrom(row: ClaimRow): Claim {
  const { uid, kind, shard, epoch, attempts } = row;
  return {
    uid,
    kind,
    shard,
    epoch,
    attempts,
    claimedAt: row.claimed_at,
    leaseUntil: row.lease_until,
    takenOverFrom: row.taken_over_from,
  };
}
