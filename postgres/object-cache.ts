import type { StoredObject } from '../reconciler/object.ts';

/**
 * Objects as they were at a version. Lists ask the database which objects at which versions make a page, and take those that are here
 * from here: a cached object is never stale, since its version was read just now. Bounded; what was not asked for longest goes first.
 */
export interface ObjectCache {
  get(uid: string, resourceVersion: string): StoredObject | undefined;
  put(object: StoredObject): void;
}

/** Two generations: what is asked for moves to the young one; when that is half of the bound, the old one goes as a whole. */
export function createObjectCache(max: number): ObjectCache {
  let young = new Map<string, StoredObject>();
  let old = new Map<string, StoredObject>();
  const keep = (object: StoredObject) => {
    if (young.size >= max / 2) {
      old = young;
      young = new Map();
    }
    young.set(object.metadata.uid, object);
  };
  return {
    get: (uid, resourceVersion) => {
      const known = young.get(uid);
      if (known?.metadata.resourceVersion === resourceVersion) return known;
      const older = old.get(uid);
      if (older?.metadata.resourceVersion !== resourceVersion) return undefined;
      keep(older);
      return older;
    },
    put: keep,
  };
}
