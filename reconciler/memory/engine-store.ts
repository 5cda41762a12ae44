import { keyOf, keyText, type StoredObject } from '../object.ts';
import { passingRefsOf } from '../refs.ts';
import type { EngineStore, Loaded, RefLookup, Reservation, ReserveResult } from '../store.ts';
import { complete } from './complete.ts';
import { frozen } from './frozen.ts';
import { isVisible, keysMeant, pathsTo } from './references.ts';
import type { Tables } from './tables.ts';

const MAX_CONSULTED = 20_000;
const MAX_HOLDERS = 20;

/** The engine's side. Each method runs to its end without a pause: that is its transaction. */
export function createEngineStore(tables: Tables): EngineStore {
  const { clock, queue, objects, bindings, allocations } = tables;
  return {
    claim: async ({ shards, limit, leaseMs }) => queue.claim({ shards, limit, leaseMs, now: clock.now() }),
    renew: async (claims, leaseMs) => {
      const leaseUntil = clock.now() + leaseMs;
      return new Set(claims.filter((claim) => !queue.renew(claim, leaseUntil)).map((claim) => claim.uid));
    },
    load: async (uids) => new Map(uids.flatMap((uid) => load(tables, uid))),
    resolve: async (lookups) => lookups.map((lookup) => resolve(tables, lookup)),
    consult: async (request) => ({
      objects: Object.fromEntries(request.kinds.map((kind) => [kind, objects.ofKind(kind).slice(0, MAX_CONSULTED)])),
      capacity: request.capacity ? allocations.capacity() : [],
      taken: Object.fromEntries(request.pools.map((pool) => [pool, allocations.taken(pool)])),
    }),
    reserve: async (reservations) => reservations.map((reservation) => reserve(tables, reservation)),
    complete: async (completions) => completions.map((completion) => complete(tables, frozen(completion))),
    wake: async (uids) => {
      for (const uid of uids) queue.wake(uid, clock.now());
    },
    wakePlace: async (place) => {
      for (const uid of bindings.at(place)) queue.wake(uid, clock.now());
    },
    nextDueAt: async (shards) => queue.nextDueAt(shards),
    setCapacity: async (rows) => {
      for (const row of rows) allocations.setLimit(row);
    },
    cover: async (rows) => {
      for (const row of rows) tables.coverage.add(row);
    },
    existing: async (uids) => new Set(uids.filter((uid) => objects.get(uid) !== undefined)),
    now: async () => clock.now(),
  };
}

function load(tables: Tables, uid: string): [string, Loaded][] {
  const object = tables.objects.get(uid);
  if (!object) return [];
  const loaded = {
    object,
    claims: tables.allocations.of(uid),
    bindings: tables.bindings.of(uid),
    children: tables.objects.childrenOf(uid),
    holders: holdersOf(tables, object),
    levels: { ...tables.levels.get(uid) },
  };
  return [[uid, loaded]];
}

function holdersOf(tables: Tables, object: StoredObject): Loaded['holders'] {
  if (object.metadata.deletedAt === null) return { total: 0, first: [] };
  const { uid, name } = object.metadata;
  // A project is held by all that is in it: nothing may lose the place where its name means something.
  const holders =
    object.kind === 'Project'
      ? [...tables.objects.all()].filter(({ metadata }) => metadata.project === name).sort(byKey)
      : tables.objects
          .referrersOf(object)
          .filter((holder) => holder.metadata.ownerUid !== uid && holds(tables, holder, object));
  return { total: holders.length, first: holders.slice(0, MAX_HOLDERS).map(keyOf) };
}

/** An object that has been Ready lets go of what it needed only until then. */
function holds({ registry, readyGenerations }: Tables, holder: StoredObject, object: StoredObject): boolean {
  if ((readyGenerations.get(holder.metadata.uid) ?? 0) === 0) return true;
  const kind = registry.kind(holder.kind);
  const passing = kind ? passingRefsOf(kind) : new Set();
  return pathsTo(registry, holder, object).some((path) => !passing.has(path));
}

function byKey(a: StoredObject, b: StoredObject): number {
  return keyText(keyOf(a)) < keyText(keyOf(b)) ? -1 : 1;
}

function resolve(tables: Tables, lookup: RefLookup): StoredObject | undefined {
  const pinned = lookup.pinnedUid === null ? undefined : tables.objects.get(lookup.pinnedUid);
  if (pinned) return pinned;
  for (const key of keysMeant(tables.registry, lookup)) {
    const named = tables.objects.byKey(key);
    if (named && isVisible(named, lookup.project)) return named;
  }
  return undefined;
}

function reserve(tables: Tables, { claim, claims, incarnation }: Reservation): ReserveResult {
  const object = tables.objects.get(claim.uid);
  if (!object || !tables.queue.held(claim)) return { outcome: 'fenced' };
  const pool = tables.allocations.lost(claim.uid, claims);
  if (pool !== null) return { outcome: 'lost', pool };
  tables.allocations.hold(claim.uid, claims);
  if (!object.metadata.finalizer) {
    tables.objects.put({ ...object, metadata: { ...object.metadata, finalizer: true } });
  }
  return { outcome: 'reserved', bindings: tables.bindings.intend(claim.uid, claims.places, incarnation) };
}
