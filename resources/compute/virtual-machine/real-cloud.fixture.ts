import { randomUUID } from 'node:crypto';
import { systemClock } from '../../../cmd/server/environment.ts';
import { createLibvirtDirectory } from '../../../hypervisor/libvirt/connect.ts';
import { createContent, DEFAULT_CONTENT_OPTIONS } from '../../../integrations/content/content.ts';
import { type Admission, applyManifests } from '../../../reconciler/admission/apply.ts';
import { deleteObjects, requestAction } from '../../../reconciler/admission/change.ts';
import type { ManifestInput } from '../../../reconciler/admission/manifest.ts';
import { DEFAULT_OPTIONS, type Engine } from '../../../reconciler/engine.ts';
import { createMemoryStore } from '../../../reconciler/memory/store.ts';
import type { ObjectKey, StoredObject } from '../../../reconciler/object.ts';
import { reconcileOnce } from '../../../reconciler/reconcile.ts';
import { openSession } from '../../../reconciler/session.ts';
import { SHARDS } from '../../../reconciler/store.ts';
import { testSealer } from '../../../test/fixtures/sealer.ts';
import type { Ports } from '../../ports.ts';
import { REGISTRY } from '../../registry.ts';
import { hostsOfPool } from '../../storage/pool-hosts.ts';

const EVE = { actor: 'user:eve', onBehalfOf: null, from: 'test', requestId: 'r1' };
const SHARD_LIST = Array.from({ length: SHARDS }, (_, shard) => shard);
const STEP_MS = 50;
const PATIENCE_MS = 40_000;

export type RealCloud = ReturnType<typeof createRealCloud>;

/** The production core on a memory store and real libvirt hosts; time is the machine's own. */
export function createRealCloud(options: { imageFolders?: readonly string[] } = {}) {
  const clock = systemClock;
  const store = createMemoryStore({ clock, registry: REGISTRY });
  const live = async (uid: string) => (await store.getByUid([uid]))[0];
  const installationId = randomUUID();
  const hypervisors = createLibvirtDirectory({
    installationId,
    resolveUri: async (place) => (await live(place))?.spec.uri as string | undefined,
  });
  const defects: unknown[] = [];
  const acts: string[] = [];
  const environment = { clock, ids: { uid: randomUUID }, random: { next: Math.random } };
  const engine: Engine<Ports> = {
    registry: REGISTRY,
    store: openSession(store),
    ports: portsOf({ hypervisors, live, imageFolders: options.imageFolders ?? [] }),
    environment,
    installationId,
    options: { ...DEFAULT_OPTIONS, resyncMs: 1_000 },
    watcher: {
      defect: ({ error }) => defects.push(error),
      acted: ({ kind, verb, ok }) => acts.push(`${kind}.${verb}${ok ? '' : ' failed'}`),
    },
  };
  const admission: Admission = { registry: REGISTRY, store, environment, sealer: testSealer };
  const pass = async () => {
    const claims = await store.claim({ shards: SHARD_LIST, limit: 50, leaseMs: 60_000, holder: 'a' });
    await Promise.all(claims.map((claim) => reconcileOnce(engine, claim, new AbortController().signal)));
    if (defects.length > 0) throw defects[0];
  };
  const get = async (kind: string, name: string): Promise<StoredObject | undefined> => {
    const project = REGISTRY.kind(kind)?.scope === 'project' ? 'default' : null;
    return (await store.getByKey([{ kind, project, name }]))[0];
  };
  return {
    store,
    acts,
    get,
    close: () => hypervisors.close(),
    apply: (manifests: ManifestInput[]) =>
      applyManifests(admission, { manifests, principal: EVE, source: 'api', allowedRisk: 'dataLoss' }),
    remove: (...keys: ObjectKey[]) => deleteObjects(admission, { keys, principal: EVE }),
    request: (key: ObjectKey, name: string, token: string) =>
      requestAction(admission, { keys: [key], principal: EVE, name, token }),
    ready: async (kind: string, name: string) => {
      const ready = (await get(kind, name))?.status.conditions.find(({ type }) => type === 'Ready');
      return ready ? `${ready.status} ${ready.reason} ${JSON.stringify(ready.params)}` : undefined;
    },
    /** Reconciles until it holds; says what was done last when it does not in time. */
    until: async (holds: () => Promise<boolean>) => {
      const end = clock.now() + PATIENCE_MS;
      while (clock.now() < end) {
        await pass();
        if (await holds()) return;
        await clock.sleep(STEP_MS);
      }
      const objects = await Promise.all([get('VirtualMachine', 'web'), get('Network', 'lan')]);
      const conditions = objects
        .flatMap((object) => object?.status.conditions ?? [])
        .filter(({ status }) => status !== 'True');
      throw new Error(
        `Not in time. Done last: ${acts.slice(-12).join(', ')}. Not as wished: ${JSON.stringify(conditions, null, 1)}`,
      );
    },
    /** Reconciles for some time, whatever happens. */
    goOn: async (ms: number) => {
      const end = clock.now() + ms;
      while (clock.now() < end) {
        await pass();
        await clock.sleep(STEP_MS);
      }
    },
  };
}

function portsOf(parts: {
  hypervisors: Ports['hypervisors'];
  live(uid: string): Promise<StoredObject | undefined>;
  imageFolders: readonly string[];
}): Ports {
  const unsupported = async () => ({
    ok: false as const,
    error: { code: 'Unsupported' as const, message: 'no sources here' },
  });
  return {
    hypervisors: parts.hypervisors,
    pools: { hostsOf: async (poolUid) => hostsOfPool(await parts.live(poolUid)) },
    secrets: {
      open: async (sealed) => ({ ok: true, value: Buffer.from(sealed.split(':')[2] ?? '', 'hex').toString() }),
    },
    content: createContent({ ...DEFAULT_CONTENT_OPTIONS, imageFolders: parts.imageFolders }),
    sources: { revision: unsupported, last: async () => null, sync: unsupported },
  };
}
