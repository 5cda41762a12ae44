import type { CapacityClaim, CapacityRow } from '../reconciler/claims.ts';
import type { Reservation } from '../reconciler/store.ts';

export type CapacityHeld = CapacityRow;
export type Amount = CapacityClaim & { uid: string };
/** A value that is held: by whom, and whether since this very transaction. */
export interface Taken {
  pool: string;
  value: string;
  uid: string;
  fresh: boolean;
}

export interface Decision {
  winners: Reservation[];
  /** The pool or capacity that was lost. */
  lost: Map<Reservation, string>;
  /** Values that the winners hold from now on. */
  kept: { uid: string; pool: string; value: string }[];
  /** Values that were taken for losers. */
  giveBack: { pool: string; value: string }[];
  deltas: { place: string; resource: string; delta: number }[];
  amounts: Amount[];
}

/** Pure: who gets what, in the order of asking, over rows that are locked. */
export function decide(
  reservations: readonly Reservation[],
  world: { limits: readonly CapacityHeld[]; amounts: readonly Amount[]; taken: readonly Taken[] },
): Decision {
  const owners = new Map(world.taken.map(({ pool, value, uid }) => [`${pool}\n${value}`, uid]));
  const capacity = new Map(world.limits.map((row) => [capacityKey(row), { ...row, before: row.used }]));
  const decision: Decision = { winners: [], lost: new Map(), kept: [], giveBack: [], deltas: [], amounts: [] };
  const losers = new Set<string>();
  for (const reservation of reservations) {
    const { uid } = reservation.claim;
    const wanted = sums(uid, reservation.claims.capacity);
    const held = world.amounts.filter((amount) => amount.uid === uid);
    const lost = lostValue(reservation, owners) ?? lostCapacity(wanted, { held, capacity });
    if (lost !== null) {
      decision.lost.set(reservation, lost);
      losers.add(uid);
      continue;
    }
    for (const { place, resource, amount } of held) move(capacity, { place, resource, amount: -amount });
    for (const claim of wanted) move(capacity, claim);
    decision.winners.push(reservation);
    decision.amounts.push(...wanted);
    decision.kept.push(...reservation.claims.unique.map(({ pool, value }) => ({ uid, pool, value })));
  }
  decision.giveBack = world.taken
    .filter(({ uid, fresh }) => fresh && losers.has(uid))
    .map(({ pool, value }) => ({ pool, value }));
  decision.deltas = [...capacity.values()]
    .filter(({ used, before }) => used !== before)
    .map(({ place, resource, used, before }) => ({ place, resource, delta: used - before }));
  return decision;
}

type Ledger = Map<string, CapacityRow & { before: number }>;

function lostValue({ claim, claims }: Reservation, owners: ReadonlyMap<string, string>): string | null {
  return claims.unique.find(({ pool, value }) => owners.get(`${pool}\n${value}`) !== claim.uid)?.pool ?? null;
}

function lostCapacity(
  wanted: readonly CapacityClaim[],
  { held, capacity }: { held: readonly CapacityClaim[]; capacity: Ledger },
): string | null {
  const before = new Map(held.map((claim) => [capacityKey(claim), claim.amount]));
  for (const claim of wanted) {
    const more = claim.amount - (before.get(capacityKey(claim)) ?? 0);
    const row = capacity.get(capacityKey(claim));
    if (more > 0 && (row?.used ?? 0) + more > (row?.limit ?? 0)) return `${claim.resource}/${claim.place}`;
  }
  return null;
}

function move(capacity: Ledger, { place, resource, amount }: CapacityClaim): void {
  const row = capacity.get(capacityKey({ place, resource }));
  if (row) row.used += amount;
}

/** Amounts of one object added up, one a capacity; nothing for nothing. */
function sums(uid: string, claims: readonly CapacityClaim[]): Amount[] {
  const totals = new Map<string, Amount>();
  for (const { place, resource, amount } of claims) {
    const key = capacityKey({ place, resource });
    totals.set(key, { uid, place, resource, amount: amount + (totals.get(key)?.amount ?? 0) });
  }
  return [...totals.values()].filter(({ amount }) => amount > 0);
}

function capacityKey({ place, resource }: { place: string; resource: string }): string {
  return `${place}\n${resource}`;
}
