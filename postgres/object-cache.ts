import type { StoredObject } from '../reconciler/object.ts';

/**
 * Objects as they were at a version. Lists ask the database which objects at which versions make a page, and take those that are here
 * from here: a cached object is never stale, since its version was read just now. Bounded; the least recently used goes first.
 */
export interface ObjectCache {
  get(uid: string, resourceVersion: string): StoredObject | undefined;
  put(object: StoredObject): void;
}

export function createObjectCache(max: number): ObjectCache {
  const objects = new Map<string, StoredObject>();
  return {
    get: (uid, resourceVersion) => {
      const known = objects.get(uid);
      if (known?.metadata.resourceVersion !== resourceVersion) return undefined;
      objects.delete(uid);
      objects.set(uid, known);
      return known;
    },
    put: (object) => {
      const { uid } = object.metadata;
      objects.delete(uid);
      objects.set(uid, object);
      if (objects.size > max) objects.delete(objects.keys().next().value as string);
    },
  };
}
