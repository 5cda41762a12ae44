import type { Hypervisor, PoolSight, Result } from '../../../hypervisor/port.ts';
import type { ObserveInput } from '../../../reconciler/kind.ts';
import type { Observation } from '../../../reconciler/observation.ts';
import type { Ports } from '../../ports.ts';
import { silentPlace } from '../../silence.ts';
import { snapshotUidOf, volumeUidOf } from '../names.ts';
import type { StoragePoolSpec, StoragePoolStatus } from './kind.ts';

export interface PoolState {
  active: boolean;
  path: string;
  capacityMiB: number;
  availableMiB: number;
  /** Uids of volumes that lie in it; read only while it is being deleted, else null. */
  volumes: string[] | null;
}

/** Asks every host where the pool is, or was. */
export async function observeStoragePool(
  ports: Ports,
  { object, bindings, now }: ObserveInput<StoragePoolSpec, StoragePoolStatus>,
): Promise<Observation<PoolState>> {
  const { uid, deletedAt } = object.metadata;
  const deleting = deletedAt !== null && Date.parse(deletedAt) <= now;
  const places = bindings.map(({ place }) => place);
  const replies = await Promise.all(
    places.map(async (place) => ({ place, result: await look(ports, { place, uid, deleting }) })),
  );
  return {
    sightings: replies.flatMap(({ place, result }) =>
      result.ok && result.value ? [{ place, owned: result.value.owned, state: result.value.state }] : [],
    ),
    silent: replies.flatMap(({ place, result }) => (result.ok ? [] : [silentPlace(place, result.error)])),
    asOf: now,
  };
}

type Found = { owned: boolean; state: PoolState } | null;

async function look(
  ports: Ports,
  { place, uid, deleting }: { place: string; uid: string; deleting: boolean },
): Promise<Result<Found>> {
  const host = await ports.hypervisors.at(place);
  if (!host.ok) return host;
  const pools = await host.value.pools.sight([uid]);
  if (!pools.ok) return pools;
  const pool = pools.value.find((candidate) => candidate.uid === uid);
  if (!pool) return { ok: true, value: null };
  const volumes = deleting && pool.owned ? await contents(host.value, pool) : null;
  if (volumes && !volumes.ok) return volumes;
  const { active, path, capacityMiB, availableMiB } = pool;
  const state = { active, path, capacityMiB, availableMiB, volumes: volumes ? volumes.value : null };
  return { ok: true, value: { owned: pool.owned, state } };
}

/** An inactive pool cannot be listed; it is started first, so that a pool is never taken away blindly. */
async function contents(host: Hypervisor, pool: PoolSight): Promise<Result<string[]> | null> {
  if (!pool.active) return null;
  const listed = await host.volumes.sight({ poolUid: pool.uid });
  if (!listed.ok) return listed;
  return { ok: true, value: listed.value.flatMap(({ name }) => volumeUidOf(name) ?? snapshotUidOf(name) ?? []) };
}
