import type { Condition, StoredObject } from '../../reconciler/object.ts';
import { finished } from '../../resources/storage/names.ts';
import type { Cluster } from './cluster.ts';
import { files, hostsOf, ownMachines, ownNetworks } from './inventory.ts';
import { mismatch } from './oracle.ts';
import { isDeleting } from './properties.ts';

/** How far everything has come. */
export interface Ending {
  /** Objects that are neither right nor waiting for something that only a person can change, with why. */
  unsettled: string[];
  /** Objects that wait for a person. */
  waiting: string[];
}

/** What only a person, or the end of another object's wait, can change. `tight`: room is short on purpose. */
const PATIENT = new Set(['InUse', 'ChildrenRemain', 'NotOwned']);
/** What users see to before they call it a day. */
const UNTIDY = new Set(['RestartRequired', 'DataLost', 'Paused']);
const SHORT_OF_ROOM = new Set([
  'NoHost',
  'NoPool',
  'PoolFull',
  'PoolFullForCopy',
  'NoRoomToGrow',
  'LostRace',
  'AddressesExhausted',
]);
/** Places chosen apart: a machine cannot be where one of its networks or volumes is not. */
const APART = new Set(['NoHost', 'NetworkNotReady', 'OutOfReach']);
const POISONED = new Set(['SourceUnavailable', 'ActFailed']);
/** Waits for another object, which must itself wait for one of the above. */
const DEPENDENT = new Set([
  'RefNotReady',
  'RefDeleting',
  'RefMissing',
  'VolumeNotReady',
  'NetworkNotReady',
  'ImageCopyPending',
  'VolumeNotThere',
  'SnapshotPending',
  'SnapshotGone',
  'NetworkGone',
  'ImageOrPoolGone',
  'PoolHoldsVolumes',
  'StillAttached',
  'SeedNotReady',
]);

/** P1: where every object stands, by the true state of the world. */
export function converged(cluster: Cluster, users: 'asLeft' | 'tidied'): Ending {
  const roots: string[] = [];
  const dependents: string[] = [];
  const unsettled: string[] = [];
  for (const object of cluster.tables.objects.all()) {
    const why = whyUnsettled(cluster, object);
    if (why === null) continue;
    const line = `${object.kind} ${object.metadata.name} (${object.metadata.uid.slice(-4)}): ${why.text}`;
    if (isRoot(cluster, why.code) || (users === 'asLeft' && UNTIDY.has(why.code))) roots.push(line);
    else if (DEPENDENT.has(why.code)) dependents.push(line);
    else unsettled.push(line);
  }
  return roots.length > 0
    ? { unsettled, waiting: [...roots, ...dependents] }
    : { unsettled: [...unsettled, ...dependents], waiting: [] };
}

function isRoot({ options, poisoned }: Cluster, code: string): boolean {
  if (PATIENT.has(code)) return true;
  if (options.tight && SHORT_OF_ROOM.has(code)) return true;
  if (options.hosts > 1 && APART.has(code)) return true;
  return options.poison && poisoned.size >= 0 && POISONED.has(code);
}

function whyUnsettled(cluster: Cluster, object: StoredObject): { code: string; text: string } | null {
  const ready = object.status.conditions.find(({ type }) => type === 'Ready');
  if (!ready) return { code: 'Unseen', text: 'nobody has looked at it' };
  const text = `${ready.status} ${ready.reason} ${JSON.stringify(ready.params)}`;
  if (isDeleting(object, cluster.clock.now())) return { code: ready.reason, text: `deleting, ${text}` };
  if (ready.status !== 'True') return { code: ready.reason, text };
  if (!isCurrent(object, ready)) return { code: 'Stale', text: `Ready at generation ${ready.observedGeneration}` };
  const differs = mismatch(cluster, object);
  return differs === null ? null : { code: 'Mismatch', text: `Ready, but ${differs}` };
}

function isCurrent({ metadata, status }: StoredObject, ready: Condition): boolean {
  return ready.observedGeneration === metadata.generation && status.observedGeneration === metadata.generation;
}

/** P9: what is outside is what is wished, and what is held is held by somebody. */
export function leaks(cluster: Cluster): string[] {
  return [...lostThings(cluster), ...lostFiles(cluster), ...lostLeases(cluster), ...lostRows(cluster)];
}

function lostThings({ world, tables }: Cluster): string[] {
  const bound = (uid: string, hostName: string) =>
    tables.bindings.of(uid).some(({ place }) => {
      const uri = tables.objects.get(place)?.spec.uri;
      return typeof uri === 'string' && new URL(uri).host === hostName;
    });
  return [
    ...ownMachines(world)
      .filter(({ uid, host }) => !bound(uid, host.name))
      .map(({ uid }) => `machine ${uid}`),
    ...ownNetworks(world)
      .filter(({ network, host }) => !bound(network.uid, host.name))
      .map(({ network }) => `network ${network.uid}`),
    ...hostsOf(world).flatMap((host) =>
      Object.values(host.pools)
        .filter(({ uid, owned }) => owned && !bound(uid, host.name))
        .map(({ uid }) => `pool ${uid}`),
    ),
  ];
}

/** An unfinished file belongs to its object while that is unfinished. */
function lostFiles({ world, tables }: Cluster): string[] {
  return files(world).flatMap(({ owner, volume, part, folder }) => {
    if (owner === null) return [];
    const overdue = part && folder[finished(volume.name)] !== undefined;
    return tables.objects.get(owner.uid) && !overdue ? [] : [`file ${volume.name}`];
  });
}

function lostLeases({ world, tables }: Cluster): string[] {
  const macs = new Set(tables.allocations.all().flatMap(([, { unique }]) => unique.map(({ value }) => value)));
  return ownNetworks(world).flatMap(({ network }) =>
    network.reservations.filter(({ mac }) => !macs.has(mac)).map(({ mac, ip }) => `lease of ${ip} for ${mac}`),
  );
}

function lostRows({ tables }: Cluster): string[] {
  const exists = (uid: string) => tables.objects.get(uid) !== undefined;
  return [
    ...tables.allocations
      .all()
      .filter(([uid]) => !exists(uid))
      .map(([uid]) => `claims of ${uid}`),
    ...tables.bindings
      .all()
      .filter(([uid]) => !exists(uid))
      .map(([uid]) => `bindings of ${uid}`),
    ...[...tables.objects.all()]
      .filter(({ metadata: { ownerUid } }) => ownerUid !== null && !exists(ownerUid))
      .map(({ kind, metadata }) => `${kind} ${metadata.name}, whose owner is gone`),
  ];
}
