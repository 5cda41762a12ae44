import type {
  HostFacts,
  Hypervisor,
  MachineSight,
  NetworkSight,
  PoolSight,
  PortError,
  Result,
  VolumeSight,
} from '../port.ts';
import { success } from './results.ts';
import type { HostState, MachineState, NetworkState, VolumeState } from './state.ts';

/** All that was read of a host at one time. */
export interface HostSights {
  facts: HostFacts;
  machines: MachineSight[];
  networks: NetworkSight[];
  pools: PoolSight[];
  /** By the pool's uid; a pool whose volumes could not be listed has the error. */
  volumes: Map<string, Result<VolumeSight[]>>;
  routes: { known: boolean; cidrs: string[] };
}

/** Reads everything that a host shows. The first listing that fails makes the whole look fail: a half-seen host would lie. */
export async function readHost({ hosts, machines, networks, pools, volumes }: Hypervisor): Promise<Result<HostSights>> {
  const [facts, machineSights, networkSights, poolSights, routes] = await Promise.all([
    hosts.facts(),
    machines.sight(),
    networks.sight(),
    pools.sight(),
    networks.hostRoutes(),
  ]);
  if (!facts.ok) return facts;
  if (!machineSights.ok) return machineSights;
  if (!networkSights.ok) return networkSights;
  if (!poolSights.ok) return poolSights;
  if (!routes.ok) return routes;
  const listed = await Promise.all(
    poolSights.value.map(async ({ uid }) => [uid, await volumes.sight({ poolUid: uid })] as const),
  );
  return success({
    facts: facts.value,
    machines: machineSights.value,
    networks: networkSights.value,
    pools: poolSights.value,
    volumes: new Map(listed),
    routes: routes.value,
  });
}

/** What is seen of a host that was only asked who it is: nothing is on it. */
export function emptyHost(facts: HostFacts): HostSights {
  return {
    facts,
    machines: [],
    networks: [],
    pools: [],
    volumes: new Map(),
    routes: { known: false, cidrs: [] },
  };
}

/** Disk size of a host none of whose pools tells one. */
const UNKNOWN_STORAGE_MIB = 1_048_576;

/** Sights → the state of an in-memory host that looks the same. `folders`: by pool uid, shared by all hosts that see the pool. */
export function stateOf(
  sights: HostSights,
  { name, now, folders }: { name: string; now: number; folders: Map<string, Record<string, VolumeState>> },
): HostState {
  const { facts, machines, networks, pools } = sights;
  const ports = new Map(networks.map((network) => [network.uid, network.ports]));
  const runIds = machines.map(({ runId }) => numberOf(runId) ?? 0);
  return {
    name,
    cpus: facts.cpus,
    memoryMiB: facts.memoryMiB,
    storageMiB: Math.max(0, ...pools.map(({ capacityMiB }) => capacityMiB)) || UNKNOWN_STORAGE_MIB,
    kvm: facts.kvm,
    routes: [...sights.routes.cidrs],
    nextRunId: Math.max(0, ...runIds) + 1,
    machines: Object.fromEntries(machines.map((sight) => [sight.uid, machineOf(sight, { now, ports })])),
    networks: Object.fromEntries(networks.map((sight) => [sight.uid, networkOf(sight)])),
    pools: Object.fromEntries(
      pools.map(({ uid, owned, name: poolName, path }) => [uid, { uid, owned, name: poolName, path }]),
    ),
    folders: Object.fromEntries(pools.map((pool) => [pool.path, folderOf(pool, sights, folders)])),
  };
}

function machineOf(
  sight: MachineSight,
  { now, ports }: { now: number; ports: ReadonlyMap<string, NetworkSight['ports']> },
): MachineState {
  const { uid, installationId, incarnation, title, power, live } = sight;
  return {
    id: uid,
    owner: installationId === null ? null : { uid, installationId, incarnation, title },
    persistent: structuredClone(sight.persistent),
    live: structuredClone(live),
    power: powerOf(power, live !== null),
    powerReason: sight.powerReason,
    runId: numberOf(sight.runId),
    startedAt: live === null ? null : now,
    shutdownAt: power === 'stopping' ? now : null,
    unplugged: lostNics(sight, ports),
    guest: { shutdownMs: 0, ignoresPowerButton: false, hung: sight.unresponsive },
    unresponsive: sight.unresponsive,
  };
}

/** MACs of NICs whose network does not know the port that they were plugged into: it was started anew since. */
function lostNics({ live, ports: plugged }: MachineSight, ports: ReadonlyMap<string, NetworkSight['ports']>): string[] {
  return (live?.nics ?? []).flatMap(({ mac, networkUid }) => {
    const port = plugged[mac];
    return port !== undefined && ports.get(networkUid)?.includes(port) === false ? [mac] : [];
  });
}

function powerOf(power: MachineSight['power'], active: boolean): MachineState['power'] {
  if (power === 'stopping' || power === 'unknown') return active ? 'running' : 'off';
  return power;
}

function numberOf(runId: string | null): number | null {
  return runId !== null && /^\d+$/.test(runId) ? Number(runId) : null;
}

function networkOf({ uid, installationId, name, active, spec, reservations }: NetworkSight): NetworkState {
  return {
    uid,
    installationId,
    name,
    active,
    spec: structuredClone(spec),
    reservations: structuredClone(reservations),
  };
}

function folderOf(
  { uid }: PoolSight,
  { volumes }: HostSights,
  folders: Map<string, Record<string, VolumeState>>,
): Record<string, VolumeState> {
  const folder = folders.get(uid) ?? {};
  folders.set(uid, folder);
  const listed = volumes.get(uid);
  for (const sight of listed?.ok ? listed.value : []) folder[sight.name] ??= volumeOf(sight);
  return folder;
}

function volumeOf({ name, capacityBytes, allocatedBytes, format }: VolumeSight): VolumeState {
  return { name, capacityBytes, format, content: { bytes: allocatedBytes, sha256: '', base64: null } };
}

/** Why the volumes of a pool could not be listed, or null. */
export function listingError({ volumes }: HostSights, poolUid: string): PortError | null {
  const listed = volumes.get(poolUid);
  return listed === undefined || listed.ok ? null : listed.error;
}
