import type { HypervisorDirectory } from '../../hypervisor/port.ts';
import type { ObjectStore } from '../../reconciler/store.ts';
import type {
  AccountsPort,
  AnnouncementsPort,
  BooksPort,
  ContentPort,
  IdentityPort,
  PoolDirectory,
  Ports,
  SecretPort,
  SettingsPort,
  SourcePort,
} from '../../resources/ports.ts';
import { hostsOfPool } from '../../resources/storage/pool-hosts.ts';
import { briefly } from './brief-cache.ts';

const KEPT = { forMs: 2_000, max: 10_000 };

/** The ports of the real world, from their adapters. */
export function assemblePorts(parts: {
  hypervisors: HypervisorDirectory;
  store: ObjectStore;
  secrets: SecretPort;
  content: ContentPort;
  sources: SourcePort;
  books: BooksPort;
  accounts: AccountsPort;
  identity: IdentityPort;
  announcements: AnnouncementsPort;
  settings: SettingsPort;
  now(): number;
}): Ports {
  const { store, now, ...ports } = parts;
  return { ...ports, pools: createPools(store, now) };
}

/** Which hosts reach a pool: read from the store, kept for two seconds, since every volume asks. */
export function createPools(store: Pick<ObjectStore, 'getByUid'>, now: () => number): PoolDirectory {
  return { hostsOf: briefly({ ...KEPT, now }, async (uid) => hostsOfPool((await store.getByUid([uid]))[0])) };
}

/** Place (a Host's uid) → the URI in its spec; kept for two seconds, since every observation asks. */
export function uriResolver(
  store: Pick<ObjectStore, 'getByUid'>,
  now: () => number,
): (place: string) => Promise<string | undefined> {
  return briefly({ ...KEPT, now }, (place) => readUri(store, place));
}

export async function readUri(store: Pick<ObjectStore, 'getByUid'>, place: string): Promise<string | undefined> {
  const [host] = await store.getByUid([place]);
  const uri = host?.spec.uri;
  return typeof uri === 'string' ? uri : undefined;
}
