import { createBatcher } from './batcher.ts';
import type { Claims, World } from './claims.ts';
import type { EngineStore } from './store.ts';

type Request = Parameters<EngineStore['consult']>[0];

/** What an allocator looks at, shared by all that asked for the same together. */
export interface SharedWorld {
  world: World;
  /** What one of them chose: the others see it taken, so that a batch spreads and packs as one after the other would. */
  note(claims: Claims): void;
}

/** Allocators that ask for the same parts of the world at the same time get one answer from one query. Reservations decide. */
export function createConsultation(store: Pick<EngineStore, 'consult'>): (request: Request) => Promise<SharedWorld> {
  const batchers = new Map<string, ReturnType<typeof batcherFor>>();
  const batcherFor = (request: Request) =>
    createBatcher<null, SharedWorld>(
      async (askers) => {
        const shared = share(await store.consult(request));
        return askers.map(() => shared);
      },
      { max: 500, parallel: 1 },
    );
  return (request) => {
    const key = JSON.stringify([request.kinds, request.pools, request.capacity]);
    const known = batchers.get(key) ?? batcherFor(request);
    if (batchers.size >= DIFFERENT_MAX) batchers.clear();
    batchers.set(key, known);
    return known(null);
  };
}

const DIFFERENT_MAX = 1_000;

function share(consulted: World): SharedWorld {
  const capacity = consulted.capacity.map((row) => ({ ...row }));
  const taken = Object.fromEntries(Object.entries(consulted.taken).map(([pool, values]) => [pool, new Set(values)]));
  const rows = new Map(capacity.map((row) => [`${row.place} ${row.resource}`, row]));
  return {
    world: { objects: consulted.objects, capacity, taken },
    note: (claims) => {
      for (const { place, resource, amount } of claims.capacity) {
        const row = rows.get(`${place} ${resource}`);
        if (row) row.used += amount;
      }
      for (const { pool, value } of claims.unique) taken[pool]?.add(value);
    },
  };
}
