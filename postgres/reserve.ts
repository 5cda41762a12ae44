import type { Binding, CapacityClaim, UniqueClaim } from '../reconciler/claims.ts';
import type { EngineStore, Reservation, ReserveResult } from '../reconciler/store.ts';
import type { Database, Transaction } from './database.ts';
import { type CapacityHeld, type Decision, decide, type Taken } from './decide-reservations.ts';
import { isolated } from './isolate.ts';
import { lockRows } from './lock-rows.ts';
import { json } from './statement.ts';
import { BIND } from './statements/bind.ts';
import { HELD_CAPACITY } from './statements/held-capacity.ts';
import { LOCK_CAPACITY } from './statements/lock-capacity.ts';
import { READ_BINDINGS } from './statements/read-bindings.ts';
import { SET_CAPACITY } from './statements/set-capacity.ts';
import { SETTLE_CLAIMS } from './statements/settle-claims.ts';
import { TAKE_VALUES } from './statements/take-values.ts';

/** Locks are taken in one order everywhere: queue rows by uid, capacity rows by key, allocations by key. */
export function createReserve(database: Database): Pick<EngineStore, 'reserve' | 'setCapacity'> {
  return {
    reserve: async (reservations) => {
      if (reservations.length === 0) return [];
      return isolated(reservations, (some) =>
        database.transaction(async (tx) => ({
          commit: true,
          value: await reserve(tx, some),
          notify: ['steward_changes'],
        })),
      );
    },
    setCapacity: async (rows) => {
      if (rows.length === 0) return;
      const last = new Map(rows.map((row) => [`${row.place}\n${row.resource}`, row]));
      await database.run(SET_CAPACITY, [json([...last.values()])]);
    },
  };
}

async function reserve(tx: Transaction, reservations: readonly Reservation[]): Promise<ReserveResult[]> {
  const held = await lockRows(tx, { claims: reservations.map(({ claim }) => claim) });
  const valid = reservations.filter(({ claim }) => held.has(claim));
  const uids = valid.map(({ claim }) => claim.uid);
  const wanted = valid.flatMap(({ claims }) => claims.capacity);
  const [limits, amounts, taken] = [
    await tx.run<CapacityHeld>(LOCK_CAPACITY, [uids, json(wanted.map(({ place, resource }) => ({ place, resource })))]),
    await tx.run<CapacityClaim & { uid: string }>(HELD_CAPACITY, [uids]),
    await tx.run<Taken>(TAKE_VALUES, [json(firstOfEach(valid))]),
  ];
  const decision = decide(valid, { limits, amounts, taken });
  if (decision.winners.length > 0 || decision.giveBack.length > 0) await settle(tx, decision);
  const bindings = await bind(tx, decision.winners);
  return reservations.map((reservation) => {
    const { uid } = reservation.claim;
    if (!held.has(reservation.claim)) return { outcome: 'fenced' };
    const pool = decision.lost.get(reservation);
    return pool === undefined ? { outcome: 'reserved', bindings: bindings.get(uid) ?? [] } : { outcome: 'lost', pool };
  });
}

/** Each value once, for the first that wants it. */
function firstOfEach(reservations: readonly Reservation[]): (UniqueClaim & { uid: string })[] {
  const first = new Map<string, UniqueClaim & { uid: string }>();
  for (const { claim, claims } of reservations) {
    for (const unique of claims.unique) {
      const key = `${unique.pool}\n${unique.value}`;
      if (!first.has(key)) first.set(key, { ...unique, uid: claim.uid });
    }
  }
  return [...first.values()];
}

async function settle(tx: Transaction, { winners, kept, giveBack, deltas, amounts }: Decision): Promise<void> {
  const settled = winners.map(({ claim, claims }) => ({ uid: claim.uid, claims }));
  await tx.run(SETTLE_CLAIMS, [settled, kept, giveBack, deltas, amounts].map(json));
}

async function bind(tx: Transaction, winners: readonly Reservation[]): Promise<Map<string, Binding[]>> {
  const found = new Map<string, Binding[]>();
  if (winners.length === 0) return found;
  const wanted = winners.map(({ claim, claims, incarnation }) => ({
    uid: claim.uid,
    incarnation,
    places: claims.places,
  }));
  await tx.run(BIND, [json(wanted)]);
  const rows = await tx.run<{
    uid: string;
    place: string;
    incarnation: number;
    external_id: string | null;
    state: Binding['state'];
  }>(READ_BINDINGS, [wanted.map(({ uid }) => uid)]);
  for (const { uid, place, incarnation, external_id, state } of rows) {
    const binding = { place, incarnation, externalId: external_id, state };
    found.set(uid, [...(found.get(uid) ?? []), binding]);
  }
  return found;
}
