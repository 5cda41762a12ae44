import type { HypervisorDirectory } from '../../hypervisor/port.ts';
import { createCoverage } from '../../reconciler/coverage.ts';
import type { Engine } from '../../reconciler/engine.ts';
import type { EngineStore } from '../../reconciler/store.ts';
import { startWorker, type Worker } from '../../reconciler/worker.ts';
import type { Ports } from '../../resources/ports.ts';
import { systemClock } from './environment.ts';

export interface LoopOptions {
  holder: string;
  shards(): readonly number[];
  leaseMs: number;
  concurrency: number;
  pollMs: number;
}

export interface Loops {
  worker: Worker;
  stop(): Promise<void>;
}

const COVER_EVERY_MS = 30_000;

/** The worker with what wakes it: hints of hypervisors make objects due, and answers of places become coverage. */
export function startLoops(engine: Engine<Ports>, store: EngineStore, options: LoopOptions): Loops {
  const stop = new AbortController();
  const worker = startWorker(engine, store, options, stop.signal);
  const unlisten = listen(engine.ports.hypervisors, store, () => worker.poke());
  const coverage = createCoverage({ bridgeMs: 2 * engine.options.resyncMs });
  const previous = engine.watcher.observed;
  engine.watcher.observed = (event) => {
    previous?.(event);
    coverage.answered(event.places, event.at);
  };
  const covering = keepCovering(store, coverage, stop.signal);
  return {
    worker,
    stop: async () => {
      unlisten();
      stop.abort();
      await Promise.all([worker.done, covering]);
    },
  };
}

/** Turns hints into due rows, a few at a time: a storm of events becomes one statement. */
function listen(hypervisors: HypervisorDirectory, store: EngineStore, woken: () => void): () => void {
  const uids = new Set<string>();
  const places = new Set<string>();
  let flushing = false;
  const flush = async () => {
    flushing = true;
    while (uids.size > 0 || places.size > 0) {
      const [someUids, somePlaces] = [[...uids], [...places]];
      uids.clear();
      places.clear();
      try {
        if (someUids.length > 0) await store.wake(someUids);
        for (const place of somePlaces) await store.wakePlace(place);
      } catch {
        // A hint that is lost costs latency only: the resync finds what it told of.
      }
      woken();
    }
    flushing = false;
  };
  return hypervisors.onChange((place, hint) => {
    // A hint without a uid means the whole host: the Host object itself and everything bound to it.
    if (hint.uid === null) places.add(place);
    uids.add(hint.uid ?? place);
    if (!flushing) void flush();
  });
}

async function keepCovering(
  store: EngineStore,
  coverage: ReturnType<typeof createCoverage>,
  stop: AbortSignal,
): Promise<void> {
  while (!stop.aborted) {
    await systemClock.sleep(COVER_EVERY_MS, stop);
    const rows = coverage.take();
    try {
      if (rows.length > 0) await store.cover(rows);
    } catch {
      coverage.putBack(rows);
    }
  }
}
