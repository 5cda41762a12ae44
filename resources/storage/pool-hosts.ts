import type { StoredObject } from '../../reconciler/object.ts';

const HOST_REF = /^\/hosts\/(\d+)$/;

/** Uids of the hosts that a StoragePool is at, in the order of its spec: what a PoolDirectory answers. */
export function hostsOfPool(pool: Pick<StoredObject, 'status'> | undefined): string[] {
  return Object.entries(pool?.status.refs ?? {})
    .flatMap(([path, uid]) => {
      const index = HOST_REF.exec(path)?.[1];
      return index === undefined ? [] : [{ index: Number(index), uid }];
    })
    .sort((a, b) => a.index - b.index)
    .map(({ uid }) => uid);
}
