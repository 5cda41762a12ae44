import { type Field, fieldsOf } from '../fields.ts';
import type { StoredObject } from '../object.ts';
import type { Registry } from '../registry.ts';
import type { ObjectStore } from '../store.ts';

const PER_KIND_MAX = 200;

/** Objects that refer to one of these: they are affected when it changes. At most 200 a kind and object. */
export async function dependentsOf(
  { registry, store }: { registry: Registry; store: Pick<ObjectStore, 'list'> },
  objects: readonly StoredObject[],
): Promise<StoredObject[]> {
  const queries = objects.flatMap((object) =>
    registry.kinds
      .filter((kind) => refersTo(fieldsOf(kind.spec), object.kind))
      .map((kind) =>
        store.list({ kind: kind.kind, refersTo: object.metadata.uid, orderBy: 'name', limit: PER_KIND_MAX }),
      ),
  );
  return (await Promise.all(queries)).flatMap((page) => page.items.map((item) => item.object));
}

function refersTo(fields: readonly Field[], kind: string): boolean {
  return fields.some((field) => field.ref === kind || refersTo(field.children, kind));
}
