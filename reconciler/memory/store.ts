import type { Binding, CapacityRow, Claims } from '../claims.ts';
import type { Clock } from '../clock.ts';
import type { JsonObject } from '../json.ts';
import type { StoredObject } from '../object.ts';
import type { Registry } from '../registry.ts';
import type { EngineStore, JournalLevel, ObjectStore } from '../store.ts';
import { createEngineStore } from './engine-store.ts';
import { createObjectStore } from './object-store.ts';
import { seed, snapshot } from './snapshot.ts';
import { createTables, type Tables } from './tables.ts';

/** Everything in this process's memory: for forecasts and simulations. Deterministic: the clock comes from outside. */
export interface MemoryStore extends EngineStore, ObjectStore {
  /** A copy of all that decides about the future: what `seed` takes. */
  snapshot(): StoreSnapshot;
  /** Adds objects as they are, their versions included, all due now, with what the engine keeps beside them. They leave no changes. */
  seed(content: Partial<StoreSnapshot>): void;
  /** Makes every position so far too old for `changes`. */
  forgetChanges(): void;
  /** When each place was inventoried, in epoch ms, half-open. */
  coverage(): { place: string; from: number; to: number }[];
}

export interface StoreSnapshot {
  objects: readonly StoredObject[];
  /** By uid. */
  uniqueKeys: Readonly<Record<string, readonly string[]>>;
  bindings: Readonly<Record<string, readonly Binding[]>>;
  claims: Readonly<Record<string, Claims>>;
  levels: Readonly<Record<string, Readonly<Record<string, JournalLevel>>>>;
  /** `used` is counted from the claims; only `limit` is taken over. */
  capacity: readonly CapacityRow[];
  values: Readonly<Record<string, JsonObject>>;
}

export function createMemoryStore(world: {
  clock: Pick<Clock, 'now'>;
  /** Tells the store which fields of a spec are references and secrets. */
  registry: Pick<Registry, 'kind'>;
  /** Told of every level as it is written down: who meters them. */
  journaled?: Tables['journaled'];
}): MemoryStore {
  const tables = createTables(world.clock, world.registry);
  if (world.journaled) tables.journaled = world.journaled;
  return {
    ...createEngineStore(tables),
    ...createObjectStore(tables),
    snapshot: () => snapshot(tables),
    seed: (content) => seed(tables, content),
    forgetChanges: () => tables.log.forget(),
    coverage: () => tables.coverage.all(),
  };
}
