import { chmodSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DEFAULT_SIGN_IN } from '../cmd/config/sign-in-settings.ts';
import { openHypervisors } from '../cmd/server/hypervisors.ts';
import { mirrorPorts } from '../cmd/server/mirror-ports.ts';
import { openPostgresStorage } from '../cmd/server/postgres-storage.ts';
import { type RunningServer, startServer } from '../cmd/server/server.ts';
import { uriResolver } from '../cmd/server/world.ts';
import { createMemoryDirectory } from '../hypervisor/memory/directory.ts';
import type { World } from '../hypervisor/memory/world.ts';
import type { HypervisorDirectory } from '../hypervisor/port.ts';
import { loadKeyRing } from '../integrations/seal/key-source.ts';
import { createVault, type Vault } from '../integrations/seal/seal.ts';
import { type OpenDatabase, openDatabase } from '../postgres/embedded/open.ts';
import { applyManifests } from '../reconciler/admission/apply.ts';
import type { ManifestInput } from '../reconciler/admission/manifest.ts';
import type { EngineOptions, EngineWatcher } from '../reconciler/engine.ts';
import type { EngineStore, ObjectStore } from '../reconciler/store.ts';

export const TOKEN = 'stw_of-the-bench';

export interface BenchCloud {
  server: RunningServer;
  store: EngineStore & ObjectStore;
  dataDir: string;
  databaseUrl: string;
  apply(manifests: readonly ManifestInput[]): Promise<void>;
  /** Resolves when so many objects of the kind are Ready. */
  ready(kind: string, count: number, timeoutMs: number): Promise<void>;
  /** While it rests, the server takes no new work. */
  rest(resting: boolean): void;
  close(): Promise<void>;
}

export interface BenchOptions {
  engine?: Partial<EngineOptions>;
  watcher?: EngineWatcher;
  concurrency?: number;
  /** An in-memory world instead of the hosts that the manifests name. */
  world?: World;
}

/** The whole server in this process on an embedded PostgreSQL, without telemetry. */
export async function startCloud(options: BenchOptions = {}): Promise<BenchCloud> {
  const dataDir = mkdtempSync(join(tmpdir(), 'steward-bench-'));
  chmodSync(dataDir, 0o711);
  const database = await openDatabase({ embedded: join(dataDir, 'db') });
  const vault = createVault(await loadKeyRing({ file: join(dataDir, 'keys.json') }));
  const storage = await storageOf(database, vault);
  const settled = new Settled();
  let resting = false;
  const server = await startServer({
    http: { host: '127.0.0.1', port: 0, tls: null },
    dataDir,
    mail: { smtp: null, domain: 'localhost', brand: { name: 'Steward', url: '', support: '' } },
    vault,
    token: TOKEN,
    version: 'bench',
    storage: { ...storage, shards: () => (resting ? [] : storage.shards()) },
    hypervisors: {
      directory: (installationId) => hypervisorsOf(options.world, { dataDir, installationId, store: storage.store }),
      description: 'bench',
    },
    mirror: mirrorPorts,
    first: { host: null, folders: [] },
    imageFolders: [],
    allowedHosts: [],
    explorer: false,
    engine: options.engine ?? {},
    sweep: { everyMs: 3_600_000, remove: false, quarantineMs: 1, onOrphans: () => undefined },
    leaseMs: LEASE_MS,
    concurrency: options.concurrency ?? 256,
    holder: 'bench',
    watcher: {
      defect: ({ error }) => onError(error),
      storeFailed: onError,
      ...options.watcher,
      reconciled: (event) => {
        options.watcher?.reconciled?.(event);
        if (event.outcome === 'settled') settled.add(event.claim);
      },
    },
    onError,
    handlers: () => [],
    signIn: DEFAULT_SIGN_IN,
    payments: { gateways: new Map(), onAlert: () => undefined },
    onIdentityEvent: () => undefined,
  });
  return {
    server,
    store: storage.store,
    dataDir,
    databaseUrl: database.url,
    apply: (manifests) => apply(server, manifests),
    ready: async (kind, count, timeoutMs) => {
      await settled.reaches(kind, count, timeoutMs);
      const ready = await countReady(storage.store, kind);
      if (ready < count) throw new Error(`${ready} of ${count} ${kind} objects are ready.`);
    },
    rest: (now) => {
      resting = now;
    },
    close: async () => {
      await server.close();
      await database.close();
      rmSync(dataDir, { recursive: true, force: true });
    },
  };
}

const LEASE_MS = 60_000;
const onError = (error: unknown) => console.error(error);

function storageOf({ url }: OpenDatabase, { personal }: Vault) {
  return openPostgresStorage({ where: { url }, holder: 'bench', leaseMs: LEASE_MS, connections: 8, personal, onError });
}

function hypervisorsOf(
  world: World | undefined,
  { dataDir, installationId, store }: { dataDir: string; installationId: string; store: ObjectStore },
): Promise<HypervisorDirectory> {
  const resolveUri = uriResolver(store, Date.now);
  return world
    ? Promise.resolve(createMemoryDirectory({ world, installationId, resolveUri }))
    : openHypervisors({ dataDir, installationId, resolveUri });
}

/** The objects that settled so far. Waits for the watcher's word rather than polling, so that waiting costs nothing. */
class Settled {
  readonly #uids = new Map<string, Set<string>>();
  readonly #listeners = new Set<() => void>();

  add({ kind, uid }: { kind: string; uid: string }): void {
    const uids = this.#uids.get(kind) ?? new Set();
    this.#uids.set(kind, uids.add(uid));
    for (const listener of this.#listeners) listener();
  }

  reaches(kind: string, count: number, timeoutMs: number): Promise<void> {
    return new Promise((resolve, reject) => {
      const look = () => {
        if ((this.#uids.get(kind)?.size ?? 0) < count) return;
        clearTimeout(timer);
        this.#listeners.delete(look);
        resolve();
      };
      const timer = setTimeout(() => {
        this.#listeners.delete(look);
        const reached = this.#uids.get(kind)?.size ?? 0;
        reject(new Error(`${reached} of ${count} ${kind} objects settled within ${timeoutMs} ms.`));
      }, timeoutMs);
      this.#listeners.add(look);
      look();
    });
  }
}

export const BENCH = { actor: 'bench', onBehalfOf: null, from: 'bench', requestId: 'bench' };

async function apply({ api }: RunningServer, manifests: readonly ManifestInput[]): Promise<void> {
  const outcome = await applyManifests(api.admission, { manifests, principal: BENCH, source: 'bench' });
  if (!outcome.ok) throw new Error(JSON.stringify(outcome.issues.slice(0, 3)));
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
