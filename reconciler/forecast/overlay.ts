import type { Clock } from '../clock.ts';
import { quietCompletion } from '../completion.ts';
import { createMemoryStore, type MemoryStore } from '../memory/store.ts';
import type { StoredObject } from '../object.ts';
import type { Registry } from '../registry.ts';
import { type EngineStore, type ObjectStore, SHARDS } from '../store.ts';

/** A store on top of another: reads fall through and are brought over, writes stay here. What is brought over sleeps until something wakes it. */
export interface Overlay extends EngineStore, ObjectStore {
  /** Brings objects over, with what the engine keeps beside them. */
  bring(objects: readonly StoredObject[]): Promise<void>;
  /** Whether it is, or was, here: otherwise nothing happened to it. */
  brought(object: StoredObject): boolean;
}

type Base = EngineStore & ObjectStore;

/** The holder of whatever objects that were not brought over hold. */
const ELSEWHERE = 'elsewhere';

export const ALL_SHARDS: readonly number[] = Array.from({ length: SHARDS }, (_, shard) => shard);

export function createOverlay({ base, clock, registry }: { base: Base; clock: Clock; registry: Registry }): Overlay {
  const top = createMemoryStore({ clock, registry });
  const known = new Set<string>();

  const bring = async (objects: readonly StoredObject[]) => {
    const fresh = objects.filter((object) => !known.has(object.metadata.uid));
    if (fresh.length === 0) return;
    for (const object of fresh) known.add(object.metadata.uid);
    const loaded = await base.load(fresh.map((object) => object.metadata.uid));
    const present = [...loaded.entries()];
    top.seed({
      objects: present.map(([, { object }]) => object),
      bindings: Object.fromEntries(present.map(([uid, { bindings }]) => [uid, bindings])),
      claims: Object.fromEntries(present.flatMap(([uid, { claims }]) => (claims ? [[uid, claims] as const] : []))),
      levels: Object.fromEntries(present.map(([uid, { levels }]) => [uid, levels])),
    });
    await park(top, clock, new Set(fresh.map((object) => object.metadata.uid)));
    await bring(present.flatMap(([, { children }]) => children));
  };

  return {
    ...top,
    bring,
    brought: ({ metadata }) => known.has(metadata.uid),
    getByKey: async (keys) => {
      await bring(present(await base.getByKey(keys)));
      return top.getByKey(keys);
    },
    resolve: async (lookups) => {
      await bring(present(await base.resolve(lookups)));
      return top.resolve(lookups);
    },
    consult: async (request) => {
      const below = await base.consult(request);
      await bring(Object.values(below.objects).flat());
      await holdTheRest(top, below);
      return top.consult(request);
    },
  };
}

function present(objects: readonly (StoredObject | undefined)[]): StoredObject[] {
  return objects.filter((object): object is StoredObject => object !== undefined);
}

/** Rows that were only brought over as context are put to sleep; the rest of what is due stays due. */
async function park(top: MemoryStore, clock: Clock, uids: ReadonlySet<string>): Promise<void> {
  const due = await top.claim({ shards: ALL_SHARDS, limit: 100_000, leaseMs: 1_000, holder: 'overlay' });
  const sleepUntil = clock.now() + 365 * 86_400_000;
  const dueAt = (uid: string) => (uids.has(uid) ? sleepUntil : clock.now());
  await top.complete(due.map((claim) => quietCompletion(claim, { dueAt: dueAt(claim.uid), attempts: claim.attempts })));
}

/** Capacity and unique values that objects outside the overlay hold count as taken, by nobody in particular. */
async function holdTheRest(top: MemoryStore, below: Awaited<ReturnType<Base['consult']>>): Promise<void> {
  const request = { kinds: [], pools: Object.keys(below.taken), capacity: true };
  top.seed({ capacity: below.capacity, claims: { [ELSEWHERE]: { places: [], unique: [], capacity: [], chosen: {} } } });
  const here = await top.consult(request);
  const used = new Map(here.capacity.map((row) => [`${row.place} ${row.resource}`, row.used]));
  top.seed({
    claims: {
      [ELSEWHERE]: {
        places: [],
        chosen: {},
        unique: Object.entries(below.taken).flatMap(([pool, values]) =>
          [...values]
            .filter((value) => !here.taken[pool]?.has(value))
            .map((value) => ({ pool, value, slot: `${pool} ${value}` })),
        ),
        capacity: below.capacity
          .map(({ place, resource, used: all }) => ({
            place,
            resource,
            amount: all - (used.get(`${place} ${resource}`) ?? 0),
          }))
          .filter((claim) => claim.amount > 0),
      },
    },
  });
}
