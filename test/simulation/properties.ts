import type { StoredObject } from '../../reconciler/object.ts';
import { imageUidOf, snapshotUidOf, volumeUidOf } from '../../resources/storage/names.ts';
import type { Cluster } from './cluster.ts';
import { files, hostsOf, ownMachines, ownNetworks } from './inventory.ts';
import type { Life } from './replica.ts';
import type { ActingCall, Committed } from './watch.ts';

/**
 * What Steward promises (docs/guarantees.md), as checks on the true state of database and hosts, which no process can see. Those that need
 * the end of a run stand in `endings.ts`.
 */

type Check<T> = (cluster: Cluster, what: T) => void;

/** Hold whenever anything changed. */
export const AT_EVERY_CHANGE: readonly ((cluster: Cluster) => void)[] = [
  oneOfEach,
  oneWriter,
  ownAddresses,
  withinCapacity,
  foreignUntouched,
];

/** Hold when an act starts. */
export const AT_EVERY_ACT: readonly Check<{ life: Life; uid: string; verb: string }>[] = [withinItsLease];

/** Hold when a call that changes a host starts. */
export const AT_EVERY_CALL: readonly Check<ActingCall>[] = [
  oneAtATime,
  onlyOwnThings,
  onlyTheRightUid,
  nothingLiveDestroyed,
];

/** Hold when a reconcile was written back. */
export const AT_EVERY_COMPLETION: readonly Check<Committed>[] = [
  writtenByItsHolder,
  generationsGoUp,
  readyMeansThere,
  snapshotsAreOfOneInstant,
  goneMeansGone,
  nothingInUseGoes,
];

/** P5, P21: never two machines or two files for one uid, whatever was lost, late, or not to be seen. */
function oneOfEach({ world, violate }: Cluster): void {
  const machines = new Map<string, string>();
  for (const { uid, host } of ownMachines(world)) {
    const other = machines.get(uid);
    if (other !== undefined) violate('P5', `machine ${uid} is at ${other} and at ${host.name}`);
    machines.set(uid, host.name);
  }
  const volumes = new Map<string, string>();
  for (const { owner, volume, path, part, host } of files(world)) {
    if (owner?.kind !== 'Volume' || part) continue;
    const other = volumes.get(owner.uid);
    if (other !== undefined) violate('P5', `volume ${volume.name} lies in ${other} and in ${host.name}:${path}`);
    volumes.set(owner.uid, `${host.name}:${path}`);
  }
}

/** P12: no disk is written by two running machines. */
function oneWriter({ world, violate }: Cluster): void {
  const writers = new Map<string, string>();
  for (const { machine, uid } of ownMachines(world)) {
    for (const { source, readOnly } of machine.live?.disks ?? []) {
      if (source === null || readOnly) continue;
      const name = `${source.poolUid}/${source.name}`;
      const other = writers.get(name);
      if (other !== undefined && other !== uid) violate('P12', `${name} is written by ${other} and ${uid}`);
      writers.set(name, uid);
    }
  }
}

/** P18: an address belongs to one NIC, in the database and at the hosts. */
function ownAddresses({ world, tables, violate }: Cluster): void {
  const holders = new Map<string, string>();
  for (const [uid, claims] of tables.allocations.all()) {
    for (const { pool, value } of claims.unique) {
      const other = holders.get(`${pool} ${value}`);
      if (other !== undefined && other !== uid) violate('P18', `${pool} ${value} is held by ${other} and ${uid}`);
      holders.set(`${pool} ${value}`, uid);
    }
  }
  const plugged = new Map<string, string>();
  for (const { machine, uid } of ownMachines(world)) {
    for (const { mac } of machine.live?.nics ?? []) {
      const other = plugged.get(mac);
      if (other !== undefined && other !== uid) violate('P18', `MAC ${mac} is plugged in at ${other} and ${uid}`);
      plugged.set(mac, uid);
    }
  }
  const leased = new Map<string, string>();
  for (const { network } of ownNetworks(world)) {
    for (const { ip, mac } of network.reservations) {
      const other = leased.get(`${network.uid} ${ip}`);
      if (other !== undefined && other !== mac)
        violate('P18', `${ip} in ${network.uid} is leased to ${other} and ${mac}`);
      leased.set(`${network.uid} ${ip}`, mac);
    }
  }
}

/** P18: no more is promised than there is, and no more is in use. */
function withinCapacity({ tables, world, violate }: Cluster): void {
  const limits = new Map<string, number>();
  for (const { place, resource, limit, used } of tables.allocations.capacity()) {
    if (used > limit) violate('P18', `${used} of ${limit} ${resource} are promised at ${place}`);
    if (resource === 'memoryMiB') limits.set(hostNameOf(tables, place), limit);
  }
  for (const host of hostsOf(world)) {
    const own = ownMachines(world).filter((found) => found.host === host);
    const used = own.reduce((sum, { machine }) => sum + (machine.live?.memoryMiB ?? 0), 0);
    const limit = limits.get(host.name) ?? 0;
    if (used > limit) violate('P18', `${used} of ${limit} MiB are in use at ${host.name}`);
  }
}

export function hostNameOf({ objects }: Cluster['tables'], place: string): string {
  const uri = objects.get(place)?.spec.uri;
  return typeof uri === 'string' ? new URL(uri).host : place;
}

/** P22: what others made stays as they left it. */
function foreignUntouched(cluster: Cluster): void {
  for (const [name, { was, now }] of cluster.foreign) {
    if (now() !== was) cluster.violate('P22', `${name} was changed`);
  }
}

/** P12: a process acts only while its lease holds. */
function withinItsLease(
  { clock, violate }: Cluster,
  { life, uid, verb }: { life: Life; uid: string; verb: string },
): void {
  const until = life.leases.get(uid)?.until ?? 0;
  if (until <= clock.now())
    violate('P12', `${life.name} starts ${verb} on ${uid} ${clock.now() - until} ms after its lease`);
}

/** P12: while a call is on its way, nobody makes another one for the same object. */
function oneAtATime({ violate }: Cluster, { life, verb, actor, beside }: ActingCall): void {
  // Transfers fill files of their own, of which one becomes the volume: a slow one that was overtaken does no harm.
  const other = beside.find((call) => !['volumes.upload', 'volumes.clone', 'volumes.snapshot'].includes(call.verb));
  if (other) violate('P12', `${life.name} ${verb} beside ${other.life.name} ${other.verb} for ${actor}`);
}

/** P22: nobody even tries to change what others made. */
function onlyOwnThings(cluster: Cluster, { verb, place, args }: ActingCall): void {
  if (verb === 'machines.adopt') return;
  const host = cluster.world.state.hosts[hostNameOf(cluster.tables, place)];
  const uid = uidIn(verb, args);
  const machine = verb.startsWith('machines.') ? host?.machines[uid] : undefined;
  if (machine && machine.owner === null) cluster.violate('P22', `${verb} on the foreign machine ${uid}`);
  const network = verb.startsWith('networks.') ? host?.networks[uid] : undefined;
  if (network && network.installationId === null) cluster.violate('P22', `${verb} on the foreign network ${uid}`);
}

/** P8: an act is about a uid that exists, also while its name is being used again. */
function onlyTheRightUid({ tables, violate }: Cluster, { verb, args, life }: ActingCall): void {
  const uid = uidIn(verb, args);
  if (uid !== '' && !tables.objects.get(uid)) violate('P8', `${life.name} ${verb} on ${uid}, which no object is`);
}

/** P7, P21: what is taken away for ever belongs to an object that is being deleted, or was let go by one. */
function nothingLiveDestroyed({ tables, clock, violate }: Cluster, { verb, args, place, life }: ActingCall): void {
  if (!['machines.undefine', 'networks.remove', 'pools.remove', 'volumes.remove'].includes(verb)) return;
  const uid = uidIn(verb, args);
  const object = tables.objects.get(uid);
  if (
    !object ||
    isDeleting(object, clock.now()) ||
    object.kind === 'Image' ||
    (object.kind === 'VirtualMachine' && verb === 'volumes.remove')
  )
    return;
  const wanted = tables.allocations.of(uid)?.places.includes(place) ?? false;
  if (verb === 'machines.undefine' || verb === 'volumes.remove' || wanted) {
    violate('P7', `${life.name} ${verb} on ${object.kind} ${object.metadata.name}, which is wished`);
  }
}

export function isDeleting({ metadata }: StoredObject, now: number): boolean {
  return metadata.deletedAt !== null && Date.parse(metadata.deletedAt) <= now;
}

/** Whose thing a call is about, or '' when its arguments do not tell. */
function uidIn(verb: string, args: readonly unknown[]): string {
  const [first] = args as [string | { uid?: string; name?: string; volume?: { name: string }; to?: { name: string } }];
  if (typeof first === 'string') return first;
  if (!verb.startsWith('volumes.')) return first.uid ?? '';
  const name = (first.volume ?? first.to ?? first).name ?? '';
  return volumeUidOf(name) ?? snapshotUidOf(name) ?? imageUidOf(name) ?? '';
}

/** P12: what is written back was written by the process that the row was given to, and not by one that was overtaken. */
function writtenByItsHolder({ violate }: Cluster, { life, completion: { claim }, before }: Committed): void {
  const { kind, metadata } = before;
  if (life.granted.get(claim.uid) !== claim.epoch)
    violate('P12', `${life.name} wrote ${kind} ${metadata.name}, which others hold`);
}

/** P15: nobody writes back what he did not see: generations only go up, and only to what was read. */
function generationsGoUp({ violate }: Cluster, { completion, before, readGeneration, life }: Committed): void {
  if (!completion.status) return;
  const { observedGeneration, conditions } = completion.status;
  const was = before.status.observedGeneration;
  const name = `${before.kind} ${before.metadata.name}`;
  if (observedGeneration < was)
    violate('P15', `${life.name} ${name}: observedGeneration ${was} → ${observedGeneration}`);
  const stamped = Math.max(observedGeneration, ...conditions.map((condition) => condition.observedGeneration));
  if (stamped > readGeneration) violate('P15', `${life.name} ${name}: read ${readGeneration}, reports ${stamped}`);
}

/** P15: Ready means that the thing is there, unless somebody has just taken it away. */
function readyMeansThere(cluster: Cluster, { completion, before, places, life }: Committed): void {
  const ready = completion.status?.conditions.find(({ type }) => type === 'Ready');
  if (ready?.status !== 'True' || cluster.disturbedAt >= completion.claim.claimedAt) return;
  if (before.kind in THINGS && thingsOf(cluster, before, places).length === 0) {
    cluster.violate(
      'P15',
      `${life.name} says that ${before.kind} ${before.metadata.name} is Ready, and it is not there`,
    );
  }
}

/** P15: a snapshot holds what its volume held at one instant between the wish and the first time that it is said to be Ready. */
function snapshotsAreOfOneInstant(cluster: Cluster, { completion, before, life }: Committed): void {
  const ready = completion.status?.conditions.find(({ type }) => type === 'Ready');
  if (before.kind !== 'VolumeSnapshot' || ready?.status !== 'True' || before.status.takenAt !== undefined) return;
  const { name, uid } = before.metadata;
  const copy = files(cluster.world).find(({ owner, part }) => owner?.uid === uid && !part)?.volume;
  const volume = cluster.tables.objects.ofKind('Volume').find(({ metadata }) => metadata.name === before.spec.volume);
  const source = files(cluster.world).find(({ owner }) => owner?.uid === volume?.metadata.uid)?.volume;
  if (!copy || !source) {
    cluster.violate('P15', `${life.name} says that ${name} was taken: of it and its volume one is not there`);
    return;
  }
  if (!cluster.guests.heldSince(source, cluster.seenAt.get(uid) ?? 0).has(copy.content?.sha256)) {
    cluster.violate(
      'P15',
      `${name} holds ${copy.content?.sha256}, which volume ${source.name} never held since it was ordered`,
    );
  }
}

/** P10: a row goes only when nothing of it is left anywhere, seen or not. */
function goneMeansGone(cluster: Cluster, { completion, before, places, life }: Committed): void {
  if (!completion.remove) return;
  const left = before.kind in THINGS ? thingsOf(cluster, before, places) : [];
  if (left.length > 0)
    cluster.violate('P10', `${life.name} removed ${before.kind} ${before.metadata.name}; left: ${left.join(', ')}`);
}

/** P11: what others hold by its uid does not go before them. */
function nothingInUseGoes({ tables, registry, violate, clock }: Cluster, { completion, before }: Committed): void {
  const { uid, name } = before.metadata;
  // What was copied may go as soon as the copy was Ready.
  const isLetGo = ({ kind, metadata }: StoredObject, path: string) =>
    (tables.readyGenerations.get(metadata.uid) ?? 0) > 0 &&
    [`VolumeSnapshot/volume`, `Volume/snapshot`].includes(kind + path);
  if (!completion.remove || registry.kind(before.kind)?.protectedWhileReferenced === false) return;
  const holders = [...tables.objects.all()].filter(
    (other) =>
      other.metadata.ownerUid !== uid &&
      !isDeleting(other, clock.now()) &&
      Object.entries(other.status.refs).some(([path, pin]) => pin === uid && !isLetGo(other, path)),
  );
  const [first] = holders;
  if (first) violate('P11', `${before.kind} ${name} went, though ${first.kind} ${first.metadata.name} uses it`);
}

/** What there is of an object outside, by kind. `places`: where it was bound. */
const THINGS: Record<string, (cluster: Cluster, object: StoredObject, places: readonly string[]) => string[]> = {
  VirtualMachine: ({ world }, { metadata: { uid } }) => [
    ...ownMachines(world).flatMap((found) => (found.uid === uid ? [`machine at ${found.host.name}`] : [])),
    ...files(world).flatMap(({ owner, volume }) =>
      owner?.kind === 'VirtualMachine' && owner.uid === uid ? [volume.name] : [],
    ),
  ],
  Network: ({ world }, { metadata: { uid } }) =>
    ownNetworks(world).flatMap(({ network, host }) => (network.uid === uid ? [`network at ${host.name}`] : [])),
  StoragePool: ({ world }, { metadata: { uid } }) =>
    hostsOf(world).flatMap((host) => (host.pools[uid]?.owned ? [`pool at ${host.name}`] : [])),
  Volume: ({ world }, { metadata: { uid } }) =>
    files(world).flatMap(({ owner, volume, part }) => (owner?.uid === uid && !part ? [volume.name] : [])),
  VolumeSnapshot: ({ world }, { metadata: { uid } }) =>
    files(world).flatMap(({ owner, volume, part }) => (owner?.uid === uid && !part ? [volume.name] : [])),
  ImageCopy: ({ world, tables }, { spec }, [poolUid]) => {
    const image = [...tables.objects.ofKind('Image')].find(({ metadata }) => metadata.name === spec.image);
    return hostsOf(world).flatMap((host) => {
      const folder = host.folders[host.pools[poolUid ?? '']?.path ?? ''] ?? {};
      return Object.keys(folder).filter((name) => image !== undefined && imageUidOf(name) === image.metadata.uid);
    });
  },
};

export function thingsOf(cluster: Cluster, object: StoredObject, places: readonly string[]): string[] {
  return THINGS[object.kind]?.(cluster, object, places) ?? [];
}
