import type { StoredObject } from '../object.ts';
import type { Tables } from './tables.ts';

/** Makes due what may have waited for this change: all that refer to the object by name or pin, and its owner. */
export function wakeConcerned(tables: Tables, object: StoredObject): void {
  const now = tables.clock.now();
  for (const uid of tables.objects.referrerUidsOf(object)) tables.queue.wake(uid, now);
  if (object.metadata.ownerUid !== null) tables.queue.wake(object.metadata.ownerUid, now);
}
