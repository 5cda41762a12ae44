import type { Allocation } from '../../../reconciler/claims.ts';
import type { Refs, Subject } from '../../../reconciler/kind.ts';
import type { StoragePoolSpec, StoragePoolStatus } from './kind.ts';

/** A pool is at every host that it names. */
export function allocateStoragePool({ object, refs }: Subject<StoragePoolSpec, StoragePoolStatus>): Allocation {
  const places = hostUids(object.spec, refs);
  return { claims: { places, unique: [], capacity: [], chosen: {} } };
}

function hostUids(spec: StoragePoolSpec, refs: Refs): string[] {
  const uids = spec.hosts.flatMap((_, index) => refs.at(`/hosts/${index}`)?.metadata.uid ?? []);
  return [...new Set(uids)];
}
