import type { ObjectStore, OperationState, SavedPlan } from '../store.ts';
import { frozen } from './frozen.ts';
import { listObjects } from './list.ts';
import { type Tables, TOMBSTONE_MS } from './tables.ts';
import { writeAll } from './write.ts';

const KEPT_PLANS = 1_000;

/** The API's side. */
export function createObjectStore(tables: Tables): ObjectStore {
  const { objects, log } = tables;
  return {
    getByKey: async (keys) => keys.map((key) => objects.byKey(key)),
    getByUid: async (uids) => uids.map((uid) => objects.get(uid)),
    list: async (query) => listObjects(objects, query),
    uniqueHolders: async (keys) => keys.map(({ kind, key }) => objects.holderOfUniqueKey(kind, key)),
    write: async (writes, principal) => writeAll(tables, writes, principal),
    changes: async (query) => log.since(query, (uid) => objects.get(uid)),
    position: async () => log.position,
    events: async (query) => tables.events.page(query),
    steps: async (query) => tables.steps.page(query),
    audit: async (query) => tables.audit.page(query),
    journal: async (query) => tables.journal.page(query),
    operation: async (uid) => operationOf(tables, uid),
    bindings: async (uid) => tables.bindings.of(uid),
    claims: async (uid) => tables.allocations.of(uid),
    capacity: async () => tables.allocations.capacity(),
    savePlan: async (plan) => savePlan(tables, plan),
    loadPlan: async (id) => tables.plans.get(id),
    getValue: async (name) => tables.values.get(name),
    setValue: async (name, value) => void tables.values.set(name, frozen(value)),
    queueStats: async () => tables.queue.stats(tables.clock.now()),
    countByKind: async () => Object.fromEntries(objects.kinds()),
  };
}

function savePlan(tables: Tables, plan: SavedPlan): void {
  tables.plans.set(plan.id, frozen(plan));
  const [oldest] = tables.plans.keys();
  if (tables.plans.size > KEPT_PLANS && oldest !== undefined) tables.plans.delete(oldest);
}

function operationOf(tables: Tables, uid: string): OperationState | undefined {
  const object = tables.objects.get(uid);
  if (object) {
    const { kind, metadata, status } = object;
    return {
      uid,
      kind,
      key: { kind, project: metadata.project, name: metadata.name },
      generation: metadata.generation,
      readyGeneration: tables.readyGenerations.get(uid) ?? 0,
      requests: { ...status.requests },
      gone: false,
    };
  }
  const tombstone = tables.tombstones.get(uid);
  if (!tombstone || tombstone.removedAt + TOMBSTONE_MS <= tables.clock.now()) return undefined;
  const { removedAt: _, ...state } = tombstone;
  return { ...state, gone: true };
}
