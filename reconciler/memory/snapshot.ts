import { noteReady } from './complete.ts';
import { frozen } from './frozen.ts';
import type { StoreSnapshot } from './store.ts';
import type { Tables } from './tables.ts';

export function snapshot(tables: Tables): StoreSnapshot {
  const objects = [...tables.objects.all()];
  const keyed = objects.map(({ metadata }) => [metadata.uid, tables.objects.uniqueKeysOf(metadata.uid)] as const);
  return {
    objects,
    uniqueKeys: Object.fromEntries(keyed.filter(([, keys]) => keys.length > 0)),
    bindings: Object.fromEntries(tables.bindings.all()),
    claims: Object.fromEntries(tables.allocations.all()),
    levels: Object.fromEntries(tables.levels),
    capacity: tables.allocations.capacity(),
    values: Object.fromEntries(tables.values),
  };
}

export function seed(tables: Tables, content: Partial<StoreSnapshot>): void {
  const objects = content.objects ?? [];
  tables.log.startAbove(
    objects.reduce((highest, { metadata }) => Math.max(highest, Number(metadata.resourceVersion)), 0),
  );
  for (const object of objects) {
    const { uid } = object.metadata;
    tables.objects.restore(object, content.uniqueKeys?.[uid] ?? []);
    noteReady(tables, uid, object.status);
    tables.queue.add({ uid, kind: object.kind }, tables.clock.now());
  }
  for (const row of content.capacity ?? []) tables.allocations.setLimit(row);
  for (const [uid, claims] of Object.entries(content.claims ?? {})) tables.allocations.hold(uid, claims);
  for (const [uid, bindings] of Object.entries(content.bindings ?? {})) tables.bindings.set(uid, bindings);
  for (const [uid, levels] of Object.entries(content.levels ?? {})) tables.levels.set(uid, frozen(levels));
  for (const [name, value] of Object.entries(content.values ?? {})) tables.values.set(name, frozen(value));
}
