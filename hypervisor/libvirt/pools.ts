import type { PoolPort, PoolSight, PoolSpec } from '../port.ts';
import { type Batcher, pipelined, type Wanted } from './batch.ts';
import { attempt, attemptRead, isRefusal, PortFailure, unlessRefused } from './errors.ts';
import type { HostConnection } from './host-connection.ts';
import { storagePoolState } from './wire/flags.ts';
import { procedures } from './wire/procedures.ts';
import type { StoragePoolRef } from './wire/refs.ts';
import { readXml } from './xml/read.ts';
import { buildPool, type Pool, parsePool } from './xml/storage.ts';
import { writeXml } from './xml/write.ts';

export function createPoolPort(host: HostConnection, looks: Batcher<Map<string, PoolSight>>): PoolPort {
  return {
    sight: (uids, options) =>
      attemptRead(options, async () => {
        const seen = await looks.ask(uids ?? null);
        if (uids === undefined) return [...seen.values()];
        return [...new Set(uids)].flatMap((uid) => seen.get(uid) ?? []);
      }),
    ensure: (spec, options) => attempt(options, () => ensure(host, spec)),
    remove: (uid, options) => attempt(options, () => remove(host, uid)),
  };
}

export async function lookAtPools(host: HostConnection, wanted: Wanted): Promise<Map<string, PoolSight>> {
  const args = { needResults: true, flags: 0 };
  const { pools } = await host.lanes.inventory.call(procedures.connectListAllStoragePools, args);
  const chosen = pools.filter(({ uuid }) => wanted === null || wanted.has(uuid));
  const sights = await pipelined(chosen, (ref) => lookAtPool(host, ref));
  return new Map(sights.flatMap((sight) => (sight === null ? [] : [[sight.uid, sight]])));
}

/** A pool of ours: its name is its UUID. */
export function poolOf(uid: string): StoragePoolRef {
  return { name: uid, uuid: uid };
}

const bytesPerMiB = 1_048_576;
const actTimeoutMs = 60_000;

/** libvirt keeps no metadata in pools. One whose name is its own UUID was made by us: nothing else names them so. */
function isOurs(pool: Pool): boolean {
  return pool.name === pool.uuid;
}

/** When each pool was made to look at its file system last, in milliseconds of the host's timers. */
const looked = new WeakMap<HostConnection, Map<string, number>>();
const fileSystemLookEveryMs = 60_000;

/** libvirt counts what it did itself; how full the file system is otherwise it only sees when it is told to look. */
async function lookAtFileSystem(host: HostConnection, pool: StoragePoolRef): Promise<void> {
  const times = looked.get(host) ?? new Map<string, number>();
  looked.set(host, times);
  const now = host.timers.now();
  if (now - (times.get(pool.uuid) ?? Number.NEGATIVE_INFINITY) < fileSystemLookEveryMs) return;
  times.set(pool.uuid, now);
  await refreshPool(host, pool);
}

/** Makes libvirt look at the folder again. It cannot while something in the pool is being written; then it is not needed. */
export async function refreshPool(host: HostConnection, pool: StoragePoolRef): Promise<void> {
  const call = host.lanes.acts.call(procedures.storagePoolRefresh, { pool, flags: 0 });
  await unlessRefused(call, ['INTERNAL_ERROR', 'OPERATION_INVALID', 'NO_SUPPORT', 'NO_STORAGE_POOL'], undefined);
}

async function lookAtPool(host: HostConnection, pool: StoragePoolRef): Promise<PoolSight | null> {
  await lookAtFileSystem(host, pool);
  const call = host.lanes.inventory.call(procedures.storagePoolGetInfo, { pool });
  const [read, info] = await Promise.all([describe(host, pool), unlessRefused(call, ['NO_STORAGE_POOL'], null)]);
  if (read === null || info === null) return null;
  return {
    uid: read.uuid,
    owned: isOurs(read),
    name: read.name,
    active: info.state === storagePoolState.running,
    path: read.path,
    capacityMiB: Math.floor(info.capacity / bytesPerMiB),
    availableMiB: Math.floor(info.available / bytesPerMiB),
  };
}

/** Looked up by UUID first: not every driver finds a pool by it in all calls. */
export async function readPool(host: HostConnection, uid: string): Promise<Pool | null> {
  const call = host.lanes.inventory.call(procedures.storagePoolLookupByUuid, { uuid: uid });
  const found = await unlessRefused(call, ['NO_STORAGE_POOL'], null);
  return found === null ? null : await describe(host, found.pool);
}

async function describe(host: HostConnection, pool: StoragePoolRef): Promise<Pool | null> {
  const call = host.lanes.inventory.call(procedures.storagePoolGetXmlDesc, { pool, flags: 0 });
  const answer = await unlessRefused(call, ['NO_STORAGE_POOL'], null);
  return answer === null ? null : parsePool(readXml(answer.xml));
}

async function ensure(host: HostConnection, spec: PoolSpec): Promise<void> {
  const { uid } = spec;
  if (spec.type !== 'dir')
    throw new PortFailure('Unsupported', `Pools of type ${spec.type} cannot be made yet; use dir.`);
  const existing = await readPool(host, uid);
  if (existing !== null && !isOurs(existing)) throw notOwned(uid);
  if (existing !== null && existing.path !== spec.path) {
    throw new PortFailure('Exists', `The pool ${uid} is at ${existing.path} already.`);
  }
  if (existing === null) {
    await host.lanes.acts.call(procedures.storagePoolDefineXml, { xml: writeXml(buildPool(spec)), flags: 0 });
  }
  await start(host, uid);
}

/** The folder is made if there is none; what is in one that is there stays. */
async function start(host: HostConnection, uid: string): Promise<void> {
  const pool = poolOf(uid);
  const { active } = await host.lanes.inventory.call(procedures.storagePoolIsActive, { pool });
  if (active) return;
  await host.lanes.acts.call(procedures.storagePoolBuild, { pool, flags: 0 });
  try {
    await host.lanes.acts.call(procedures.storagePoolCreate, { pool, flags: 0 }, { timeoutMs: actTimeoutMs });
  } catch (error) {
    if (!isRefusal(error, 'OPERATION_INVALID')) throw error;
    if (!(await host.lanes.inventory.call(procedures.storagePoolIsActive, { pool })).active) throw error;
  }
}

async function remove(host: HostConnection, uid: string): Promise<void> {
  const existing = await readPool(host, uid);
  if (existing === null) return;
  if (!isOurs(existing)) throw notOwned(uid);
  const pool = poolOf(uid);
  const stopping = host.lanes.acts.call(procedures.storagePoolDestroy, { pool }, { timeoutMs: actTimeoutMs });
  await unlessRefused(stopping, ['OPERATION_INVALID', 'NO_STORAGE_POOL'], undefined);
  await unlessRefused(host.lanes.acts.call(procedures.storagePoolUndefine, { pool }), ['NO_STORAGE_POOL'], undefined);
}

function notOwned(uid: string): PortFailure {
  return new PortFailure('NotOwned', `The pool ${uid} was not made by this installation.`);
}
