import { SHARDS } from './store.ts';

/** The shard of a locality (a host's uid once bound, else the object's own uid). FNV-1a, the same in every store and instance. */
export function shardOf(locality: string): number {
  let hash = 0x811c9dc5;
  for (let i = 0; i < locality.length; i++) {
    hash = Math.imul(hash ^ locality.charCodeAt(i), 0x01000193) >>> 0;
  }
  return hash % SHARDS;
}
