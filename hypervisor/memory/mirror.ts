import type { Hypervisor, HypervisorDirectory, PoolSight, Result, VolumePort } from '../port.ts';
import type { Clock } from './clock.ts';
import { createMemoryHypervisor } from './hypervisor.ts';
import { emptyHost, type HostSights, listingError, readHost, stateOf } from './mirror-state.ts';
import { success } from './results.ts';
import type { VolumeState } from './state.ts';
import { createWorld } from './world.ts';

export interface MirrorOptions {
  real: HypervisorDirectory;
  /** The forecast's own time. */
  clock: Clock;
  installationId: string;
  /** URI of a place that the real directory does not know, because its Host exists only in the forecast. */
  uriOf?(place: string): Promise<string | undefined>;
}

/**
 * A copy of the real hosts in memory, for forecasts: each host is read when it is first asked for, and from then on lives its own life, in
 * no time. Nothing is ever changed at the real one. A host that does not answer stays silent; foreign things are copied as foreign.
 */
export function mirrorDirectory(options: MirrorOptions): HypervisorDirectory {
  const places = new Map<string, Promise<Result<Hypervisor>>>();
  const folders = new Map<string, Record<string, VolumeState>>();
  return {
    at(place) {
      const known = places.get(place) ?? mirrorHost(options, place, folders);
      places.set(place, known);
      return known;
    },
    probe: (uri) => options.real.probe(uri),
    onChange: () => () => undefined,
    close: async () => places.clear(),
  };
}

async function mirrorHost(
  options: MirrorOptions,
  place: string,
  folders: Map<string, Record<string, VolumeState>>,
): Promise<Result<Hypervisor>> {
  const { clock, installationId } = options;
  const looked = await lookAt(options, place);
  if (!looked.ok) return looked;
  const { sights, capabilities } = looked.value;
  const host = stateOf(sights, { name: place, now: clock.now(), folders });
  const world = createWorld({
    clock,
    state: { hosts: { [place]: host } },
    settings: { shutdownMs: 0, ...(capabilities ? { capabilities } : {}) },
  });
  const memory = createMemoryHypervisor(world, { host, installationId });
  return success({
    ...memory,
    capabilities: capabilities ?? memory.capabilities,
    hosts: { ...memory.hosts, facts: async () => success(sights.facts) },
    networks: { ...memory.networks, hostRoutes: async () => success(sights.routes) },
    pools: mirrorPools(memory, sights),
    volumes: mirrorVolumes(memory.volumes, sights),
  });
}

type Looked = { sights: HostSights; capabilities: Hypervisor['capabilities'] | null };

async function lookAt({ real, uriOf }: MirrorOptions, place: string): Promise<Result<Looked>> {
  const host = await real.at(place);
  if (host.ok) {
    const sights = await readHost(host.value);
    return sights.ok ? success({ sights: sights.value, capabilities: host.value.capabilities }) : sights;
  }
  const uri = host.error.code === 'NotFound' ? await uriOf?.(place) : undefined;
  if (uri === undefined) return host;
  const facts = await real.probe(uri);
  return facts.ok ? success({ sights: emptyHost(facts.value), capabilities: null }) : facts;
}

/** A pool has the room that it really has, less what the forecast put into it; one that was not started is so until it is ensured. */
function mirrorPools({ pools }: Hypervisor, sights: HostSights): Hypervisor['pools'] {
  const real = new Map(sights.pools.map((sight) => [sight.uid, sight]));
  const stopped = new Set(sights.pools.filter(({ active }) => !active).map(({ uid }) => uid));
  const before = pools.sight();
  const shown = async (sight: PoolSight): Promise<PoolSight> => {
    const seen = real.get(sight.uid);
    if (!seen) return sight;
    const then = await before;
    const start = then.ok ? then.value.find(({ uid }) => uid === sight.uid) : undefined;
    const taken = (start?.availableMiB ?? sight.availableMiB) - sight.availableMiB;
    const availableMiB = Math.max(0, seen.availableMiB - taken);
    return { ...sight, active: !stopped.has(sight.uid), capacityMiB: seen.capacityMiB, availableMiB };
  };
  return {
    sight: async (uids, options) => {
      const seen = await pools.sight(uids, options);
      return seen.ok ? success(await Promise.all(seen.value.map(shown))) : seen;
    },
    ensure: async (spec, options) => {
      const done = await pools.ensure(spec, options);
      if (done.ok) stopped.delete(spec.uid);
      return done;
    },
    remove: pools.remove,
  };
}

/** Content is never read: a volume that is filled is one that is there. What could not be listed stays unknown. */
function mirrorVolumes(volumes: VolumePort, sights: HostSights): VolumePort {
  return {
    ...volumes,
    sight: async (request, options) => {
      const error = listingError(sights, request.poolUid);
      return error ? { ok: false, error } : volumes.sight(request, options);
    },
    upload: async ({ volume, bytes, format }, options) => volumes.create({ volume, bytes, format }, options),
  };
}
