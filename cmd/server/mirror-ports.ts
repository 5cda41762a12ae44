import { mirrorDirectory } from '../../hypervisor/memory/mirror.ts';
import type { Clock } from '../../reconciler/clock.ts';
import type { ObjectStore } from '../../reconciler/store.ts';
import type { Content, ContentPort, LastSync, Ports, SourcePort } from '../../resources/ports.ts';
import { hostsOfPool } from '../../resources/storage/pool-hosts.ts';
import { readUri } from './world.ts';

export interface ForecastWorld {
  clock: Clock;
  /** Knows the objects of the forecast, also those that do not exist yet. */
  store: Pick<ObjectStore, 'getByUid'>;
  installationId: string;
}

/** The ports of a forecast: reads show the real world, acts change a copy of it, and nothing is downloaded or synced. */
export function mirrorPorts(ports: Ports, { clock, store, installationId }: ForecastWorld): Ports {
  return {
    hypervisors: mirrorDirectory({
      real: ports.hypervisors,
      clock,
      installationId,
      uriOf: (place) => readUri(store, place),
    }),
    pools: {
      hostsOf: async (poolUid) => {
        const [pool] = await store.getByUid([poolUid]);
        return pool ? hostsOfPool(pool) : ports.pools.hostsOf(poolUid);
      },
    },
    secrets: ports.secrets,
    content: mirrorContent(ports.content),
    sources: mirrorSources(ports.sources, clock),
  };
}

function mirrorContent(real: ContentPort): ContentPort {
  return {
    stat: (source) => real.stat(source),
    open: async (source) => {
      const seen = await real.stat(source);
      return seen.ok ? { ok: true, value: zeros(seen.value.bytes ?? 0) } : seen;
    },
  };
}

const PIECE_BYTES = 1_048_576;

/** As many bytes as the real content has, all out of one piece of memory. */
function zeros(bytes: number): Content {
  async function* stream() {
    const piece = new Uint8Array(Math.min(PIECE_BYTES, bytes));
    for (let left = bytes; left > 0; left -= PIECE_BYTES) yield left < PIECE_BYTES ? piece.subarray(0, left) : piece;
  }
  return { bytes, stream: stream() };
}

/** A sync reads where the source stands and applies nothing: what it would apply is the forecast of those manifests. */
function mirrorSources(real: SourcePort, clock: Clock): SourcePort {
  const synced = new Map<string, LastSync>();
  return {
    revision: (location, options) => real.revision(location, options),
    last: async (sourceUid) => synced.get(sourceUid) ?? real.last(sourceUid),
    sync: async ({ sourceUid, generation, location }, options) => {
      const stands = await real.revision(location, options);
      if (!stands.ok) return stands;
      const { revision } = stands.value;
      const report = { revision, files: 0, applied: 0, unchanged: 0, pruned: 0, errors: [] };
      synced.set(sourceUid, { at: clock.now(), generation, report });
      return { ok: true, value: report };
    },
  };
}
