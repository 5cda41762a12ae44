import type { ObjectKey } from '../reconciler/object.ts';
import type { Claim } from '../reconciler/store.ts';
import type { Transaction } from './database.ts';
import { keyColumns } from './rows.ts';
import { json } from './statement.ts';
import { LOCK_ROWS } from './statements/lock-rows.ts';

/** Locks the queue rows of all that a change may touch and answers which claims still hold: not overtaken, not completed. */
export async function lockRows(
  tx: Transaction,
  touched: {
    claims: readonly Claim[];
    uids?: readonly string[];
    changing?: readonly string[];
    keys?: readonly ObjectKey[];
  },
): Promise<ReadonlySet<Claim>> {
  const { claims, uids = [], changing = [], keys = [] } = touched;
  const rows = await tx.run<{ uid: string; epoch: number; leased: boolean }>(LOCK_ROWS, [
    [...claims.map(({ uid }) => uid), ...uids],
    changing,
    json(keys.map(keyColumns)),
  ]);
  const leased = new Map(rows.filter((row) => row.leased).map((row) => [row.uid, row.epoch]));
  const held = new Set<Claim>();
  for (const claim of claims) {
    if (leased.get(claim.uid) !== claim.epoch) continue;
    held.add(claim);
    // A claim is good once, also within one batch.
    leased.delete(claim.uid);
  }
  return held;
}
