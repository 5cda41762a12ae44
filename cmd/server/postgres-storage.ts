import { openDatabase } from '../../postgres/embedded/open.ts';
import { type OpenStore, type OpenStoreOptions, openStore } from '../../postgres/open-store.ts';
import type { PersonalSeal } from '../../reconciler/personal.ts';
import { REGISTRY } from '../../resources/registry.ts';
import { systemClock } from './environment.ts';
import { holdLeases } from './held-leases.ts';
import type { Storage } from './storage.ts';

export interface PostgresStorageOptions {
  where: { url: string } | { embedded: string };
  /** Name of this instance among those on the database. */
  holder: string;
  leaseMs: number;
  connections: number;
  personal: PersonalSeal;
  keptDays?: OpenStoreOptions['keptDays'];
  onError(error: unknown): void;
}

const TIDY_EVERY_MS = 3_600_000;

/** State in PostgreSQL, our own server in a folder or somebody's: many instances share the shards by leases. */
export async function openPostgresStorage(options: PostgresStorageOptions): Promise<Storage> {
  const database = await openDatabase(options.where);
  const stop = new AbortController();
  // Connections that end because we end them are no news.
  const onError = (error: unknown) => {
    if (!stop.signal.aborted) options.onError(error);
  };
  const { url, description } = database;
  const open = await openStore({
    url,
    registry: REGISTRY,
    personal: options.personal,
    connections: options.connections,
    ...(options.keptDays && { keptDays: options.keptDays }),
    onError,
    onRetry: onError,
  }).catch(async (error: unknown) => {
    await database.close();
    throw error;
  });
  const listeners = new Set<() => void>();
  const ring = () => {
    for (const listener of listeners) listener();
  };
  const held = await holdLeases(open.leases, options, ring);
  const loops = [held.keep(stop.signal), keepTidy(open, options, stop.signal)];
  const ears = await open.listen({ onWake: ring, onError });
  return {
    store: open.store,
    books: open.books,
    booksReader: open.booksReader,
    counters: open.counters,
    reportFacts: open.reportFacts,
    payments: open.payments,
    settingFacts: open.settingFacts,
    keys: open.keys,
    identity: open.identity,
    notifications: open.notifications,
    letters: open.letters,
    auditChain: open.auditChain,
    description:
      open.migration.state === 'readOnly'
        ? `${description} (read only: this version is too old to write)`
        : description,
    shards: held.shards,
    holds: (name) => held.name(name),
    onWake: (listener) => listeners.add(listener),
    reseal: open.reseal,
    close: async () => {
      stop.abort();
      await Promise.all(loops);
      await ears.close();
      await open.leases.leave(options.holder).catch(options.onError);
      await open.close();
      await database.close();
    },
  };
}

async function keepTidy(open: OpenStore, { onError }: PostgresStorageOptions, stop: AbortSignal): Promise<void> {
  while (!stop.aborted) {
    await systemClock.sleep(TIDY_EVERY_MS, stop);
    if (!stop.aborted) await open.tidy().catch(onError);
  }
}
