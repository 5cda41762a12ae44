import type { PoolPort, PoolSight, PoolSpec, Result } from '../port.ts';
import { type Connection, call } from './call.ts';
import { DONE, failure, success } from './results.ts';
import type { PoolState } from './state.ts';
import { availableBytes, folderAt } from './volume-state.ts';
import { changed } from './world.ts';

const MIB = 1_048_576;

export function createPoolPort(connection: Connection): PoolPort {
  const { world, host } = connection;
  return {
    sight: (uids, options) =>
      call(connection, { verb: 'pools.sight', uid: null, changes: false, options }, () =>
        success(sights(connection, uids)),
      ),
    ensure: (spec, options) =>
      call(connection, { verb: 'pools.ensure', uid: spec.uid, changes: true, options }, () => ensure(connection, spec)),
    remove: (uid, options) =>
      call(connection, { verb: 'pools.remove', uid, changes: true, options }, () => {
        const pool = host.pools[uid];
        if (!pool) return DONE;
        if (!pool.owned) return notOwned(uid);
        delete host.pools[uid];
        changed(world, host, { noun: 'pool', uid });
        return DONE;
      }),
  };
}

function sights({ host }: Connection, uids: readonly string[] | undefined): PoolSight[] {
  const pools = Object.values(host.pools).filter((pool) => uids === undefined || uids.includes(pool.uid));
  return pools.map((pool: PoolState) => ({
    ...pool,
    active: true,
    capacityMiB: host.storageMiB,
    availableMiB: Math.floor(availableBytes(host, pool.path) / MIB),
  }));
}

function ensure({ world, host }: Connection, spec: PoolSpec): Result<void> {
  const { uid, type, path } = spec;
  if (type !== 'dir') return failure('Unsupported', `Pools of type ${type} do not exist here; use dir.`);
  const found = host.pools[uid];
  if (found && !found.owned) return notOwned(uid);
  if (found && found.path !== path) return failure('Exists', `Pool ${uid} is at ${found.path} already.`);
  const rival = Object.values(host.pools).find((pool) => pool.uid !== uid && pool.path === path);
  if (rival) return failure('Exists', `Pool ${rival.uid} has the folder ${path} already.`);
  if (found) return DONE;
  host.pools[uid] = { uid, owned: true, name: uid, path };
  folderAt(host, path);
  changed(world, host, { noun: 'pool', uid });
  return DONE;
}

function notOwned(uid: string) {
  return failure('NotOwned', `Pool ${uid} was not made by this installation.`);
}
