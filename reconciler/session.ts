import { type Batcher, createBatcher } from './batcher.ts';
import { createConsultation } from './consultation.ts';
import type { StoredObject } from './object.ts';
import { createQuietPasses, type QuietPasses } from './quiet-passes.ts';
import type {
  CompleteResult,
  Completion,
  EngineStore,
  Loaded,
  RefLookup,
  Reservation,
  ReserveResult,
} from './store.ts';

/** The engine's store with one-at-a-time calls that travel in batches. */
export interface StoreSession {
  load: Batcher<{ uid: string; known: Loaded | undefined }, Loaded | undefined>;
  resolve(lookups: readonly RefLookup[]): Promise<(StoredObject | undefined)[]>;
  reserve: Batcher<Reservation, ReserveResult>;
  complete: Batcher<Completion, CompleteResult>;
  consult: ReturnType<typeof createConsultation>;
  setCapacity: EngineStore['setCapacity'];
  wake: EngineStore['wake'];
  /** What this process saw when there was nothing to do. */
  quietPasses: QuietPasses;
}

const LIMITS = { max: 500, parallel: 1 };

export function openSession(store: EngineStore): StoreSession {
  const resolve = createBatcher<readonly RefLookup[], (StoredObject | undefined)[]>(
    async (groups) => regroup(groups, await store.resolve(groups.flat())),
    LIMITS,
  );
  return {
    load: createBatcher(async (asked) => {
      const known = new Map(asked.flatMap((one) => (one.known === undefined ? [] : [[one.uid, one.known] as const])));
      const loaded = await store.load(
        asked.map(({ uid }) => uid),
        known,
      );
      return asked.map(({ uid }) => loaded.get(uid));
    }, LIMITS),
    resolve: async (lookups) => (lookups.length === 0 ? [] : resolve(lookups)),
    reserve: createBatcher((reservations) => store.reserve(reservations), LIMITS),
    complete: createBatcher((completions) => store.complete(completions), LIMITS),
    consult: createConsultation(store),
    setCapacity: (rows) => store.setCapacity(rows),
    wake: (uids) => store.wake(uids),
    quietPasses: createQuietPasses(),
  };
}

function regroup<T>(groups: readonly (readonly unknown[])[], flat: readonly T[]): T[][] {
  let start = 0;
  return groups.map((group) => {
    const part = flat.slice(start, start + group.length);
    start += group.length;
    return part;
  });
}
