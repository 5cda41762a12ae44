import { type Access, allows } from '../reconciler/access/access.ts';
import type { Condition, StoredObject } from '../reconciler/object.ts';

/**
 * The object as outsiders may see it: what is shared by many says who holds it back from being deleted, by name. Those who do not see
 * everything of it are told only that somebody does.
 */
export function heldByOthers(access: Access, object: StoredObject): StoredObject {
  const { kind, metadata, status } = object;
  const inUse = status.conditions.some(({ reason }) => reason === 'InUse');
  const shared = metadata.project === null ? kind !== 'Project' && kind !== 'Account' : metadata.sharing === 'public';
  if (!inUse || !shared || access.root || allows(access, 'delete', { kind, project: metadata.project })) return object;
  const conditions = status.conditions.map(
    (condition): Condition =>
      condition.reason === 'InUse' ? { ...condition, params: { ...condition.params, holders: 'others' } } : condition,
  );
  return { ...object, status: { ...status, conditions } };
}
