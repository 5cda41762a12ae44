import { chmodSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { openHypervisors } from '../cmd/server/hypervisors.ts';
import { mirrorPorts } from '../cmd/server/mirror-ports.ts';
import { openPostgresStorage } from '../cmd/server/postgres-storage.ts';
import { type RunningServer, startServer } from '../cmd/server/server.ts';
import { uriResolver } from '../cmd/server/world.ts';
import { applyManifests } from '../reconciler/admission/apply.ts';
import type { ManifestInput } from '../reconciler/admission/manifest.ts';
import type { EngineOptions, EngineWatcher } from '../reconciler/engine.ts';
import type { EngineStore, ObjectStore } from '../reconciler/store.ts';

export const TOKEN = 'stw_of-the-bench';

export interface BenchCloud {
  server: RunningServer;
  store: EngineStore & ObjectStore;
  dataDir: string;
  apply(manifests: readonly ManifestInput[]): Promise<void>;
  /** Resolves when so many objects of the kind are Ready. */
  ready(kind: string, count: number, timeoutMs: number): Promise<void>;
  close(): Promise<void>;
}

/** The whole server in this process on an embedded PostgreSQL, without telemetry. */
export async function startCloud(
  options: { engine?: Partial<EngineOptions>; watcher?: EngineWatcher; concurrency?: number } = {},
): Promise<BenchCloud> {
  const dataDir = mkdtempSync(join(tmpdir(), 'steward-bench-'));
  chmodSync(dataDir, 0o711);
  const onError = (error: unknown) => console.error(error);
  const storage = await openPostgresStorage({
    where: { embedded: join(dataDir, 'db') },
    holder: 'bench',
    leaseMs: 60_000,
    connections: 8,
    onError,
  });
  const settled = new Map<string, Set<string>>();
  const listeners = new Set<() => void>();
  const server = await startServer({
    http: { host: '127.0.0.1', port: 0, tls: null },
    dataDir,
    token: TOKEN,
    version: 'bench',
    storage,
    hypervisors: {
      directory: (installationId) =>
        openHypervisors({ dataDir, installationId, resolveUri: uriResolver(storage.store, Date.now) }),
      description: 'bench',
    },
    mirror: mirrorPorts,
    first: { host: null, folders: [] },
    imageFolders: [],
    allowedHosts: [],
    explorer: false,
    engine: options.engine ?? {},
    sweep: { everyMs: 3_600_000, remove: false, quarantineMs: 1, onOrphans: () => undefined },
    leaseMs: 60_000,
    concurrency: options.concurrency ?? 256,
    holder: 'bench',
    watcher: {
      defect: ({ error }) => onError(error),
      storeFailed: onError,
      ...options.watcher,
      reconciled: (event) => {
        options.watcher?.reconciled?.(event);
        if (event.outcome !== 'settled') return;
        const uids = settled.get(event.claim.kind) ?? new Set();
        settled.set(event.claim.kind, uids.add(event.claim.uid));
        for (const listener of listeners) listener();
      },
    },
    onError,
    handlers: [],
  });
  return {
    server,
    store: storage.store,
    dataDir,
    apply: (manifests) => apply(server, manifests),
    ready: async (kind, count, timeoutMs) => {
      await untilTrue(
        listeners,
        () => (settled.get(kind)?.size ?? 0) >= count,
        `${count} ${kind} objects settled`,
        timeoutMs,
      );
      const ready = await countReady(storage.store, kind);
      if (ready < count) throw new Error(`${ready} of ${count} ${kind} objects are ready.`);
    },
    close: async () => {
      await server.close();
      rmSync(dataDir, { recursive: true, force: true });
    },
  };
}

const BENCH = { actor: 'bench', onBehalfOf: null, from: 'bench', requestId: 'bench' };

async function apply({ api }: RunningServer, manifests: readonly ManifestInput[]): Promise<void> {
  const outcome = await applyManifests(api.admission, { manifests, principal: BENCH, source: 'bench' });
  if (!outcome.ok) throw new Error(JSON.stringify(outcome.issues.slice(0, 3)));
}

/** Waits for the watcher's word rather than polling, so that waiting costs nothing. */
function untilTrue(listeners: Set<() => void>, holds: () => boolean, what: string, timeoutMs: number): Promise<void> {
  return new Promise((resolve, reject) => {
    const look = () => {
      if (!holds()) return;
      clearTimeout(timer);
      listeners.delete(look);
      resolve();
    };
    const timer = setTimeout(() => reject(new Error(`Not within ${timeoutMs} ms: ${what}.`)), timeoutMs);
    listeners.add(look);
    look();
  });
}

async function countReady(store: ObjectStore, kind: string): Promise<number> {
  let ready = 0;
  for (let after: string | undefined; ; ) {
    const page = await store.list({
      kind,
      condition: { type: 'Ready', status: 'True' },
      orderBy: 'name',
      limit: 500,
      ...(after === undefined ? {} : { after }),
    });
    ready += page.items.length;
    after = page.items.at(-1)?.cursor;
    if (!page.hasMore) return ready;
  }
}

/** The least that every machine needs around it: account, project, offering, one host. */
export function surroundings(hostUri: string): ManifestInput[] {
  return [
    {
      kind: 'Host',
      metadata: { name: 'bench' },
      spec: { uri: hostUri, cpuOvercommitPercent: 100_000, memoryOvercommitPercent: 100_000, reservedMemoryMiB: 0 },
    },
    { kind: 'ComputeOffering', metadata: { name: 'bench' }, spec: { cpus: 1, memoryMiB: 64, placement: 'FirstFit' } },
  ];
}

export function machines(count: number, prefix = 'm'): ManifestInput[] {
  return Array.from({ length: count }, (_, index) => ({
    kind: 'VirtualMachine',
    metadata: { name: `${prefix}-${String(index).padStart(5, '0')}` },
    spec: { offering: 'bench' },
  }));
}
