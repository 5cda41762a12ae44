import type { HypervisorDirectory } from '../../hypervisor/port.ts';
import type { ObjectStore } from '../../reconciler/store.ts';
import type { ContentPort, PoolDirectory, Ports, SecretPort, SourcePort } from '../../resources/ports.ts';
import { hostsOfPool } from '../../resources/storage/storage-pool/hosts.ts';

const POOL_CACHE_MS = 2_000;
const POOL_CACHE_MAX = 10_000;

/** The ports of the real world, from their adapters. */
export function assemblePorts(parts: {
  hypervisors: HypervisorDirectory;
  store: ObjectStore;
  secrets: SecretPort;
  content: ContentPort;
  sources: SourcePort;
  now(): number;
}): Ports {
  const { hypervisors, secrets, content, sources } = parts;
  return { hypervisors, secrets, content, sources, pools: createPools(parts.store, parts.now) };
}

/** Which hosts reach a pool: read from the store, kept for two seconds, since every volume asks. */
export function createPools(store: Pick<ObjectStore, 'getByUid'>, now: () => number): PoolDirectory {
  const cache = new Map<string, { until: number; hosts: Promise<readonly string[]> }>();
  return {
    hostsOf: (poolUid) => {
      const known = cache.get(poolUid);
      if (known && known.until > now()) return known.hosts;
      if (cache.size >= POOL_CACHE_MAX) cache.clear();
      const hosts = store.getByUid([poolUid]).then(([pool]) => hostsOfPool(pool));
      cache.set(poolUid, { until: now() + POOL_CACHE_MS, hosts });
      hosts.catch(() => cache.delete(poolUid));
      return hosts;
    },
  };
}

/** Place (a Host's uid) → the URI in its spec. */
export function uriResolver(store: Pick<ObjectStore, 'getByUid'>): (place: string) => Promise<string | undefined> {
  return async (place) => {
    const [host] = await store.getByUid([place]);
    const uri = host?.spec.uri;
    return typeof uri === 'string' ? uri : undefined;
  };
}
