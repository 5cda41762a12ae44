import { keyOf, keyText, type ObjectKey, type StoredObject } from '../reconciler/object.ts';
import type { ListQuery } from '../reconciler/store.ts';
import type { Api } from './api.ts';
import { UserError } from './derive/list.ts';

const PER_LIST = 500;

/**
 * The objects and, transitively, all that refers to them, or is in them (projects), at most `max`. With more the request is refused:
 * half of a cascade would be worse than none.
 */
export async function withDependents(
  { registry, store }: Api,
  keys: readonly ObjectKey[],
  max: number,
): Promise<ObjectKey[]> {
  const all = new Map(keys.map((key) => [keyText(key), key]));
  let edge = (await store.getByKey(keys)).filter((object) => object !== undefined);
  while (edge.length > 0) {
    const found = await Promise.all(
      edge.flatMap((object) =>
        registry.kinds.flatMap((kind) => queriesOf(kind, object)).map((query) => store.list(query)),
      ),
    );
    if (found.some((page) => page.hasMore)) throw tooMany(max);
    edge = found
      .flatMap((page) => page.items.map((item) => item.object))
      .filter((object) => {
        const text = keyText(keyOf(object));
        if (all.has(text)) return false;
        all.set(text, keyOf(object));
        return true;
      });
    if (all.size > max) throw tooMany(max);
  }
  return [...all.values()];
}

function queriesOf(kind: { kind: string; scope: 'global' | 'project' }, object: StoredObject): ListQuery[] {
  const query = { kind: kind.kind, orderBy: 'name', limit: PER_LIST } as const;
  const inside = object.kind === 'Project' && kind.scope === 'project';
  return [
    { ...query, refersTo: object.metadata.uid },
    ...(inside ? [{ ...query, project: object.metadata.name }] : []),
  ];
}

function tooMany(max: number): UserError {
  return new UserError(
    `propagation: more than ${max} objects depend on these. Delete them in parts, the dependents first.`,
  );
}
