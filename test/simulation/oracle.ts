import type { HostState } from '../../hypervisor/memory/state.ts';
import type { MachineSpec } from '../../hypervisor/port.ts';
import type { JsonObject } from '../../reconciler/json.ts';
import type { StoredObject } from '../../reconciler/object.ts';
import type { Cluster } from './cluster.ts';
import { hostsOf, ownMachines } from './inventory.ts';
import { hostNameOf } from './properties.ts';

const GIB = 1024 ** 3;

/**
 * In what the world differs from a wish that is said to be fulfilled, or null. Written against specs and hosts alone: it shares no code
 * with the kinds that it judges.
 */
export function mismatch(cluster: Cluster, object: StoredObject): string | null {
  return ORACLES[object.kind]?.(cluster, object) ?? null;
}

type Oracle = (cluster: Cluster, object: StoredObject) => string | null;

const ORACLES: Record<string, Oracle> = {
  VirtualMachine: machineMismatch,
  Network: networkMismatch,
  StoragePool: poolMismatch,
  Volume: volumeMismatch,
  VolumeSnapshot: snapshotMismatch,
};

function hostAt(cluster: Cluster, place: string): HostState | undefined {
  return cluster.world.state.hosts[hostNameOf(cluster.tables, place)];
}

function machineMismatch(cluster: Cluster, object: StoredObject): string | null {
  const { uid } = object.metadata;
  const found = ownMachines(cluster.world).filter((own) => own.uid === uid);
  const [only] = found;
  if (!only || found.length > 1) return `${found.length} machines are there`;
  const { machine, host } = only;
  if (host !== hostAt(cluster, object.status.allocated.host ?? '')) return `it is on ${host.name}`;
  const { persistent, live } = machine;
  if (persistent === null) return 'it is not defined';
  const { runStrategy } = object.spec;
  if (runStrategy === 'Always' && (live === null || machine.power !== 'running')) return `it is ${machine.power}`;
  if (runStrategy === 'Halted' && live !== null) return 'it runs';
  return (
    definitionMismatch(cluster, object, persistent) ??
    (live && definitionMismatch(cluster, object, live)) ??
    leaseMismatch(cluster, object, host)
  );
}

function definitionMismatch(cluster: Cluster, { spec, status }: StoredObject, has: MachineSpec): string | null {
  if (spec.cpus !== undefined && spec.cpus !== has.cpus) return `it has ${has.cpus} CPUs, not ${spec.cpus}`;
  if (spec.memoryMiB !== undefined && spec.memoryMiB !== has.memoryMiB) return `it has ${has.memoryMiB} MiB`;
  const wishedDisks = (spec.disks as JsonObject[]).map(({ name }) => name);
  const disks = has.disks.map(({ name }) => name).filter((name) => name !== 'seed' && name !== 'cdrom');
  if (String(wishedDisks.sort()) !== String(disks.sort())) return `it has the disks ${disks}, not ${wishedDisks}`;
  for (const disk of has.disks) if (!fileOf(cluster, disk.source)) return `disk ${disk.name} has no file`;
  const wishedMacs = (spec.nics as JsonObject[]).map(({ name }) => status.allocated[`nic/${String(name)}/mac`]);
  const macs = has.nics.map(({ mac }) => mac);
  return String(wishedMacs.sort()) === String(macs.sort()) ? null : `it has the NICs ${macs}, not ${wishedMacs}`;
}

function fileOf({ world }: Cluster, source: MachineSpec['disks'][number]['source']) {
  if (source === null) return undefined;
  for (const host of hostsOf(world)) {
    const pool = host.pools[source.poolUid];
    const volume = pool && host.folders[pool.path]?.[source.name];
    if (volume) return volume;
  }
  return undefined;
}

function leaseMismatch({ tables }: Cluster, { spec, status }: StoredObject, host: HostState): string | null {
  for (const { name, network: networkName } of spec.nics as JsonObject[]) {
    const ip = status.allocated[`nic/${String(name)}/ip`];
    const mac = status.allocated[`nic/${String(name)}/mac`];
    if (ip === undefined) continue;
    const network = tables.objects.ofKind('Network').find(({ metadata }) => metadata.name === networkName);
    const there = host.networks[network?.metadata.uid ?? ''];
    if (!there?.active) return `network ${String(networkName)} is not up at ${host.name}`;
    if (!there.reservations.some((lease) => lease.mac === mac && lease.ip === ip))
      return `${ip} is not leased to ${mac}`;
  }
  return null;
}

function networkMismatch(cluster: Cluster, object: StoredObject): string | null {
  const { spec, metadata } = object;
  const places = cluster.tables.allocations.of(metadata.uid)?.places ?? [];
  if (places.length === 0) return 'it is nowhere';
  for (const place of places) {
    const network = hostAt(cluster, place)?.networks[metadata.uid];
    if (!network?.active) return `it is not up at ${place}`;
    if (network.spec?.forward !== spec.forward) return `it forwards ${network.spec?.forward}`;
    if (spec.cidr !== undefined && network.spec?.cidr !== spec.cidr) return `it has ${network.spec?.cidr}`;
    if (spec.domain !== undefined && network.spec?.domain !== spec.domain) return `it is ${network.spec?.domain}`;
  }
  return null;
}

function poolMismatch(cluster: Cluster, { metadata, spec }: StoredObject): string | null {
  for (const name of spec.hosts as string[]) {
    const pool = cluster.world.state.hosts[name]?.pools[metadata.uid];
    if (!pool) return `it is not at ${name}`;
    if (pool.path !== spec.path) return `it is at ${pool.path}`;
  }
  return null;
}

function volumeMismatch(cluster: Cluster, { spec, status }: StoredObject): string | null {
  const { poolUid, file } = status as unknown as { poolUid: string; file: string };
  const volume = fileOf(cluster, { poolUid, name: file });
  if (!volume) return 'its file is not there';
  if (volume.format !== spec.format) return `it is ${volume.format}`;
  const wished = Number(spec.sizeGiB ?? 1) * GIB;
  return volume.capacityBytes === wished ? null : `it has ${volume.capacityBytes} bytes, not ${wished}`;
}

function snapshotMismatch(cluster: Cluster, { status }: StoredObject): string | null {
  const { poolUid, file, sizeGiB } = status as unknown as { poolUid: string; file: string; sizeGiB: number };
  const copy = fileOf(cluster, { poolUid, name: file });
  if (!copy) return 'its file is not there';
  return copy.capacityBytes === sizeGiB * GIB ? null : `it has ${copy.capacityBytes} bytes, not ${sizeGiB} GiB`;
}
