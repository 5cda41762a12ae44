import type { CapacityClaim, CapacityRow, Claims } from '../reconciler/claims.ts';
import type { Completion } from '../reconciler/store.ts';
import type { Transaction } from './database.ts';
import { json } from './statement.ts';
import { HELD_CAPACITY } from './statements/held-capacity.ts';
import { LOCK_CAPACITY } from './statements/lock-capacity.ts';
import { SETTLE_CLAIMS } from './statements/settle-claims.ts';

type Amount = CapacityClaim & { uid: string };

/** Frees what completions no longer hold. It only ever frees: to hold more is to reserve. */
export async function shrinkClaims(tx: Transaction, completions: readonly Completion[]): Promise<void> {
  const shrinking = completions.flatMap(({ claim, claims }) => (claims === null ? [] : [{ uid: claim.uid, claims }]));
  if (shrinking.length === 0) return;
  const uids = shrinking.map(({ uid }) => uid);
  await tx.run<CapacityRow>(LOCK_CAPACITY, [uids, '[]']);
  const held = await tx.run<Amount>(HELD_CAPACITY, [uids]);
  const amounts = held
    .map((row) => ({ ...row, amount: Math.min(row.amount, wanted(shrinking, row)) }))
    .filter(({ amount }) => amount > 0);
  const kept = shrinking.flatMap(({ uid, claims }) => claims.unique.map(({ pool, value }) => ({ uid, pool, value })));
  await tx.run(SETTLE_CLAIMS, [shrinking, kept, [], deltas(held, amounts), amounts].map(json));
}

function wanted(shrinking: readonly { uid: string; claims: Claims }[], { uid, place, resource }: Amount): number {
  const claims = shrinking.find((candidate) => candidate.uid === uid)?.claims.capacity ?? [];
  return claims
    .filter((claim) => claim.place === place && claim.resource === resource)
    .reduce((total, claim) => total + claim.amount, 0);
}

function deltas(before: readonly Amount[], after: readonly Amount[]) {
  const sums = new Map<string, { place: string; resource: string; delta: number }>();
  const add = ({ place, resource }: Amount, delta: number) => {
    const row = sums.get(`${place}\n${resource}`) ?? { place, resource, delta: 0 };
    sums.set(`${place}\n${resource}`, { ...row, delta: row.delta + delta });
  };
  for (const row of before) add(row, -row.amount);
  for (const row of after) add(row, row.amount);
  return [...sums.values()].filter(({ delta }) => delta !== 0);
}
