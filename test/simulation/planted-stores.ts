import type { Claim, EngineStore } from '../../reconciler/store.ts';
import type { Cluster } from './cluster.ts';

/** Databases, and ways to them, with a mistake in each: see `planted-bugs.ts`. */

export function withoutFencing(store: EngineStore, cluster: Cluster): EngineStore {
  const newest = newestClaims(cluster);
  const current = (claim: Claim) => newest.get(claim.uid) ?? claim;
  return {
    ...store,
    claim: async (request) => {
      const claims = await store.claim(request);
      for (const claim of claims) newest.set(claim.uid, claim);
      return claims;
    },
    reserve: (reservations) => store.reserve(reservations.map((one) => ({ ...one, claim: current(one.claim) }))),
    complete: (completions) => store.complete(completions.map((one) => ({ ...one, claim: current(one.claim) }))),
  };
}

const claimsOf = new WeakMap<Cluster, Map<string, Claim>>();

/** Of all processes together, as a fence would know them. */
function newestClaims(cluster: Cluster): Map<string, Claim> {
  const known = claimsOf.get(cluster) ?? new Map<string, Claim>();
  claimsOf.set(cluster, known);
  return known;
}

/** Says that it holds everything, and writes it down only when the work is done. */
export function reservingLate(store: EngineStore, { tables }: Cluster): EngineStore {
  return {
    ...store,
    reserve: async (reservations) => {
      const results = await store.reserve(reservations);
      for (const { claim } of reservations) tables.bindings.set(claim.uid, []);
      return results;
    },
  };
}

/** Every claim is given to one more process than the one that asked. */
export function handedOutTwice(store: EngineStore, cluster: Cluster): EngineStore {
  const newest = newestClaims(cluster);
  const own = new Set<string>();
  const nameOf = ({ uid, epoch }: Claim) => `${uid} ${epoch}`;
  return {
    ...store,
    claim: async (request) => {
      const claims = await store.claim(request);
      const busy = [...newest.values()].filter(
        (claim) => claim.leaseUntil > cluster.clock.now() && !own.has(nameOf(claim)),
      );
      for (const claim of claims) newest.set(claim.uid, claim);
      for (const claim of [...claims, ...busy]) own.add(nameOf(claim));
      return [...claims, ...busy];
    },
  };
}

/** A unique index that was forgotten: everybody's values are in a pool of their own, and nobody sees those of others. */
export function holdingNothingUnique(store: EngineStore): EngineStore {
  const SEPARATOR = ' of ';
  return {
    ...store,
    reserve: (reservations) =>
      store.reserve(
        reservations.map((one) => {
          const unique = one.claims.unique.map((claim) => ({ ...claim, pool: claim.pool + SEPARATOR + one.claim.uid }));
          return { ...one, claims: { ...one.claims, unique } };
        }),
      ),
    load: async (uids) => {
      const rows = await store.load(uids);
      return new Map(
        [...rows].map(([uid, row]) => {
          const unique = row.claims?.unique.map((claim) => ({ ...claim, pool: claim.pool.split(SEPARATOR)[0] ?? '' }));
          return [uid, { ...row, claims: row.claims && { ...row.claims, unique: unique ?? [] } }] as const;
        }),
      );
    },
  };
}

export function holdingNoRoom(store: EngineStore): EngineStore {
  return {
    ...store,
    reserve: (reservations) =>
      store.reserve(reservations.map((one) => ({ ...one, claims: { ...one.claims, capacity: [] } }))),
  };
}

/** Every third read of an object is the row as it was at the first. */
export function readingOldRows(store: EngineStore): EngineStore {
  const old = new Map<string, NonNullable<ReturnType<Awaited<ReturnType<EngineStore['load']>>['get']>>>();
  let reads = 0;
  return {
    ...store,
    load: async (uids) => {
      const rows = await store.load(uids);
      return new Map(
        [...rows].map(([uid, row]) => {
          const first = old.get(uid) ?? row;
          old.set(uid, first);
          return [uid, ++reads % 3 === 0 ? first : row] as const;
        }),
      );
    },
  };
}
