import { createMemoryDirectory } from '../../hypervisor/memory/directory.ts';
import type { Hypervisor, HypervisorDirectory, Result } from '../../hypervisor/port.ts';
import type { Content, ContentPort, LastSync, Ports, SourcePort } from '../../resources/ports.ts';
import { hostsOfPool } from '../../resources/storage/pool-hosts.ts';
import { type Cluster, INSTALLATION } from './cluster.ts';
import type { Life } from './replica.ts';
import type { Watch } from './watch.ts';

/** One process's ways to the world. */
export function replicaPorts(cluster: Cluster, life: Life, watch: Watch): { ports: Ports; close(): Promise<void> } {
  const { store, world } = cluster;
  const live = async (uid: string) => (await store.getByUid([uid]))[0];
  const directory = createMemoryDirectory({
    world,
    installationId: INSTALLATION,
    resolveUri: async (place) => (await live(place))?.spec.uri as string | undefined,
  });
  const ports: Ports = {
    hypervisors: gatedDirectory(directory, { cluster, life, watch }),
    pools: { hostsOf: async (poolUid) => hostsOfPool(await live(poolUid)) },
    secrets: {
      open: async (sealed) => ({ ok: true, value: Buffer.from(sealed.split(':')[2] ?? '', 'hex').toString() }),
    },
    content: contentOf(life),
    sources: sourcesOf(cluster),
  };
  return { ports, close: () => directory.close() };
}

interface Way {
  cluster: Cluster;
  life: Life;
  watch: Watch;
}

function gatedDirectory(directory: HypervisorDirectory, way: Way): HypervisorDirectory {
  const gated = new WeakMap<Hypervisor, Hypervisor>();
  return {
    ...directory,
    at: async (place) => {
      await way.life.gate();
      const found = await directory.at(place);
      if (!found.ok) return found;
      const known = gated.get(found.value) ?? gatedHost(found.value, place, way);
      gated.set(found.value, known);
      return { ok: true, value: known };
    },
  };
}

function gatedHost(host: Hypervisor, place: string, way: Way): Hypervisor {
  const noun = <T extends object>(name: string, port: T): T =>
    Object.fromEntries(
      Object.entries(port).map(([verb, call]) => [verb, gatedCall(`${name}.${verb}`, call as Call, { place, way })]),
    ) as T;
  return {
    ...host,
    hosts: noun('hosts', host.hosts),
    machines: noun('machines', host.machines),
    networks: noun('networks', host.networks),
    pools: noun('pools', host.pools),
    volumes: noun('volumes', host.volumes),
  };
}

type Call = (...args: unknown[]) => Promise<Result<unknown>>;

const READS = /\.(sight|facts|stats|leases|hostRoutes|download|openConsole)$/;

function gatedCall(
  verb: string,
  call: Call,
  { place, way: { cluster, life, watch } }: { place: string; way: Way },
): Call {
  const { chaos } = cluster;
  if (READS.test(verb)) {
    return async (...args) => {
      await life.gate();
      const answer = await call(...args);
      await life.gate();
      return answer;
    };
  }
  return async (...args) => {
    await life.gate();
    if (chaos.strikes('crashBeforeEffect')) return life.crash(`before ${verb}`);
    const landed = watch.acting(life, { verb, place, args });
    const answer = await call(...args);
    landed(answer);
    if (chaos.strikes('crashAfterEffect')) return life.crash(`after ${verb}`);
    await life.gate();
    return answer;
  };
}

const FILE_BYTES = 64 * 1024;
const PIECE = new Uint8Array(8 * 1024).fill(7);

/** Files of 64 KiB, but for those whose name says that they are missing. */
function contentOf(life: Life): ContentPort {
  async function* stream(): Content['stream'] {
    for (let sent = 0; sent < FILE_BYTES; sent += PIECE.length) {
      await life.gate();
      yield PIECE;
    }
  }
  const missing = (source: object) => JSON.stringify(source).includes('missing');
  const refusal = { ok: false, error: { code: 'NotFound', message: 'there is no such file' } } as const;
  return {
    stat: async (source) => {
      if (missing(source)) return refusal;
      return { ok: true, value: { bytes: FILE_BYTES, revision: '1', format: 'raw', virtualBytes: FILE_BYTES } };
    },
    open: async (source) => (missing(source) ? refusal : { ok: true, value: { bytes: FILE_BYTES, stream: stream() } }),
  };
}

const syncs = new WeakMap<Cluster, Map<string, LastSync>>();

/** Sources that stand still; what the last sync came to outlives the processes. */
function sourcesOf(cluster: Cluster): SourcePort {
  const last = syncs.get(cluster) ?? new Map<string, LastSync>();
  syncs.set(cluster, last);
  const revision = 'r1';
  return {
    revision: async () => ({ ok: true, value: { revision } }),
    last: async (uid) => last.get(uid) ?? null,
    sync: async ({ sourceUid, generation }) => {
      const report = { revision, files: 0, applied: 0, unchanged: 0, pruned: 0, errors: [] };
      last.set(sourceUid, { at: cluster.clock.now(), generation, report });
      return { ok: true, value: report };
    },
  };
}
