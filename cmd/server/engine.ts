import { DEFAULT_OPTIONS, type Engine, type EngineOptions, type EngineWatcher } from '../../reconciler/engine.ts';
import { createPendingAllocations } from '../../reconciler/pending-allocations.ts';
import { openSession } from '../../reconciler/session.ts';
import type { Ports } from '../../resources/ports.ts';
import { REGISTRY } from '../../resources/registry.ts';
import { steadyClock, systemEnvironment } from './environment.ts';
import type { LiveSettings } from './live-settings.ts';
import type { Storage } from './storage.ts';

/** The engine over the real world. */
export function engineFor(
  {
    storage,
    engine,
    watcher,
    settings,
  }: {
    storage: Pick<Storage, 'store'>;
    engine: Partial<EngineOptions>;
    watcher: EngineWatcher;
    settings: Pick<LiveSettings, 'pauseOf'>;
  },
  { ports, installationId }: { ports: Ports; installationId: string },
): Engine<Ports> {
  const { reportOnly, ...rest } = { ...DEFAULT_OPTIONS, ...engine };
  return {
    registry: REGISTRY,
    store: openSession(storage.store),
    ports,
    environment: { ...systemEnvironment, clock: steadyClock },
    installationId,
    options: {
      ...rest,
      // Asked at each reconcile: a pause needs no restart.
      get reportOnly() {
        return reportOnly || settings.pauseOf('reconciling') !== null;
      },
    },
    watcher: { ...watcher },
    pending: createPendingAllocations(),
  };
}
