import type { CapacityRow, World } from '../../reconciler/claims.ts';
import type { JsonObject } from '../../reconciler/json.ts';
import type { StoredObject } from '../../reconciler/object.ts';

/** Kinds that a placement looks at; ask for them, and for capacity, in `consult`. */
export const PLACEMENT_KINDS = ['Host', 'Cluster', 'Pod', 'Zone', 'StoragePool'];

/** A host as placement sees it: everything a filter or a score may ask. */
export interface HostCandidate {
  uid: string;
  name: string;
  /** Names of what it stands in; undefined where it stands in none. */
  cluster: string | undefined;
  pod: string | undefined;
  zone: string | undefined;
  /** The first of host, cluster, pod, zone on which allocation is disabled. */
  disabledBy: string | undefined;
  reachable: boolean;
  /** Another host that is the same machine, by what both say: it has all that this one could promise. */
  twinOf: string | undefined;
  tags: readonly string[];
  kvm: boolean | undefined;
  firmware: readonly string[];
  machineTypes: readonly string[];
  /** `cpuMilli` and `memoryMiB`, overcommit included; null: its host has not told yet. */
  cpuMilli: Amount | null;
  memoryMiB: Amount | null;
  pools: readonly PoolCandidate[];
}

export interface PoolCandidate {
  uid: string;
  name: string;
  enabled: boolean;
  active: boolean;
  tags: readonly string[];
  storageMiB: Amount | null;
}

export interface Amount {
  limit: number;
  used: number;
}

/** All hosts of the world with their pools, in the order of their names. */
export function hostCandidates(world: World): HostCandidate[] {
  const named = (kind: string) => new Map((world.objects[kind] ?? []).map((object) => [object.metadata.name, object]));
  const parents = { clusters: named('Cluster'), pods: named('Pod'), zones: named('Zone') };
  const amounts = amountsOf(world.capacity);
  const pools = world.objects.StoragePool ?? [];
  return (world.objects.Host ?? [])
    .filter((host) => host.metadata.deletedAt === null)
    .map((host) => candidate(host, { parents, amounts, pools }))
    .sort((a, b) => (a.name < b.name ? -1 : 1));
}

type Named = ReadonlyMap<string, StoredObject>;
type Amounts = (place: string, resource: string) => Amount | null;

function candidate(
  host: StoredObject,
  world: { parents: { clusters: Named; pods: Named; zones: Named }; amounts: Amounts; pools: readonly StoredObject[] },
): HostCandidate {
  const { parents, amounts, pools } = world;
  const cluster = at(parents.clusters, text(host.spec.cluster));
  const pod = at(parents.pods, text(cluster?.spec.pod));
  const zone = at(parents.zones, text(cluster?.spec.zone) ?? text(pod?.spec.zone));
  const disabled = [host, cluster, pod, zone].find((object) => object?.spec.allocation === 'Disabled');
  const { uid, name } = host.metadata;
  return {
    uid,
    name,
    cluster: cluster?.metadata.name,
    pod: pod?.metadata.name,
    zone: zone?.metadata.name,
    disabledBy: disabled && `${disabled.kind}/${disabled.metadata.name}`,
    reachable: host.status.conditions.some(({ type, status }) => type === 'Reachable' && status === 'True'),
    twinOf: host.status.allocated.twinOf,
    tags: texts(host.spec.tags),
    kvm: typeof host.status.kvm === 'boolean' ? host.status.kvm : undefined,
    firmware: texts(host.status.firmware),
    machineTypes: texts(host.status.machineTypes),
    cpuMilli: amounts(uid, 'cpuMilli'),
    memoryMiB: amounts(uid, 'memoryMiB'),
    pools: pools
      .filter((pool) => pool.metadata.deletedAt === null && texts(pool.spec.hosts).includes(name))
      .map((pool) => poolCandidate(pool, { hostUid: uid, amounts })),
  };
}

function poolCandidate(pool: StoredObject, { hostUid, amounts }: { hostUid: string; amounts: Amounts }): PoolCandidate {
  const hosts = Array.isArray(pool.status.hosts) ? (pool.status.hosts as JsonObject[]) : [];
  return {
    uid: pool.metadata.uid,
    name: pool.metadata.name,
    enabled: pool.spec.allocation !== 'Disabled',
    active: hosts.some((host) => host.uid === hostUid && host.state === 'Active'),
    tags: texts(pool.spec.tags),
    storageMiB: amounts(pool.metadata.uid, 'storageMiB'),
  };
}

function amountsOf(rows: readonly CapacityRow[]): Amounts {
  const byKey = new Map(rows.map(({ place, resource, limit, used }) => [`${place} ${resource}`, { limit, used }]));
  return (place, resource) => byKey.get(`${place} ${resource}`) ?? null;
}

function at(objects: Named, name: string | undefined): StoredObject | undefined {
  return name === undefined ? undefined : objects.get(name);
}

function text(value: unknown): string | undefined {
  return typeof value === 'string' ? value : undefined;
}

function texts(value: unknown): string[] {
  return Array.isArray(value) ? value.filter((item): item is string => typeof item === 'string') : [];
}
