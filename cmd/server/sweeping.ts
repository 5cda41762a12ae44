import type { JsonObject } from '../../reconciler/json.ts';
import type { EngineStore, ObjectStore } from '../../reconciler/store.ts';
import { type Orphan, sweep } from '../../reconciler/sweeper.ts';
import type { Ports } from '../../resources/ports.ts';
import { KINDS } from '../../resources/registry.ts';
import { systemClock } from './environment.ts';

export interface SweepingOptions {
  everyMs: number;
  remove: boolean;
  quarantineMs: number;
  /** True while this instance is the one that sweeps. */
  mine(): boolean;
  onOrphans(orphans: readonly Orphan[]): void;
  onError(error: unknown): void;
}

const VALUE = 'sweeper';
const PLACES_MAX = 10_000;
const ORPHANS_KEPT = 10_000;

/** Looks for leftovers at every host and pool, again and again; what was found is kept across restarts. */
export async function keepSweeping(
  ports: Ports,
  store: EngineStore & ObjectStore,
  options: SweepingOptions,
  stop: AbortSignal,
): Promise<void> {
  while (!stop.aborted) {
    await systemClock.sleep(options.everyMs, stop);
    if (stop.aborted || !options.mine()) continue;
    try {
      const saved = await store.getValue(VALUE);
      const known = (saved?.orphans ?? []) as unknown as Orphan[];
      const { remove, quarantineMs } = options;
      const now = await store.now();
      const result = await sweep(
        KINDS,
        { ports, store, places: await placesOf(store), known },
        { remove, quarantineMs, now },
      );
      options.onOrphans(result.orphans);
      await store.setValue(VALUE, { orphans: result.orphans.slice(0, ORPHANS_KEPT) as unknown as JsonObject[] });
    } catch (error) {
      options.onError(error);
    }
  }
}

async function placesOf(store: Pick<ObjectStore, 'list'>): Promise<string[]> {
  const places: string[] = [];
  for (const kind of ['Host', 'StoragePool']) {
    for (let after: string | undefined; places.length < PLACES_MAX; ) {
      const page = await store.list({ kind, orderBy: 'name', limit: 500, ...(after === undefined ? {} : { after }) });
      places.push(...page.items.map(({ object }) => object.metadata.uid));
      after = page.items.at(-1)?.cursor;
      if (!page.hasMore) break;
    }
  }
  return places;
}
