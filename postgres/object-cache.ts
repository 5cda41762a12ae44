import type { StoredObject } from '../reconciler/object.ts';
import { createRecent } from '../reconciler/recent.ts';

/**
 * Objects as they were at a version. Lists ask the database which objects at which versions make a page, and take those that are here
 * from here: a cached object is never stale, since its version was read just now. Bounded; what was not asked for longest goes first.
 */
export interface ObjectCache {
  get(uid: string, resourceVersion: string): StoredObject | undefined;
  put(object: StoredObject): void;
}

export function createObjectCache(max: number): ObjectCache {
  const objects = createRecent<StoredObject>({ max });
  return {
    get: (uid, resourceVersion) => {
      const known = objects.get(uid);
      return known?.metadata.resourceVersion === resourceVersion ? known : undefined;
    },
    put: (object) => objects.put(object.metadata.uid, object),
  };
}
