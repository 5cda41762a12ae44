import { iso } from '../clock.ts';
import { jsonEqual } from '../equal.ts';
import { type BaseStatus, keyOf, type StoredObject } from '../object.ts';
import { ENGINE } from '../principal.ts';
import type { CompleteResult, Completion, PreparedChild } from '../store.ts';
import { type Tables, TOMBSTONE_MS } from './tables.ts';
import { wakeConcerned } from './wakes.ts';
import { apply } from './write.ts';

/** One fenced change: either the claim is still the newest and all of it happens, or nothing does. */
export function complete(tables: Tables, completion: Completion): CompleteResult {
  const { claim } = completion;
  const row = tables.queue.held(claim);
  const object = tables.objects.get(claim.uid);
  if (!row || !object) return 'fenced';
  applyChildren(tables, completion, object);
  record(tables, completion, object);
  tables.bindings.confirm(claim.uid, completion.confirm);
  tables.bindings.unbind(claim.uid, completion.unbind);
  const current = completion.status ? putStatus(tables, object, completion.status) : object;
  if (completion.status || completion.remove) wakeConcerned(tables, current);
  if (completion.remove) {
    removeObject(tables, current);
    return 'done';
  }
  if (completion.claims) release(tables, claim.uid, completion);
  const { dueAt, attempts, shard } = completion;
  tables.queue.release(row, { dueAt, attempts, shard, now: tables.clock.now() });
  return 'done';
}

function release(tables: Tables, uid: string, { claims }: Completion): void {
  if (claims === null) return;
  const lost = tables.allocations.lost(uid, claims);
  if (lost !== null) throw new Error(`A completion may only release; ${uid} wanted more of ${lost}. Reserve it first.`);
  tables.allocations.hold(uid, claims);
}

function putStatus(tables: Tables, object: StoredObject, status: BaseStatus): StoredObject {
  noteReady(tables, object.metadata.uid, status);
  return tables.objects.put({ ...object, status });
}

/** Remembers up to which generation the world has matched, which operations report. */
export function noteReady(tables: Tables, uid: string, status: BaseStatus): void {
  const ready = status.conditions.find((condition) => condition.type === 'Ready');
  if (ready?.status !== 'True') return;
  const before = tables.readyGenerations.get(uid) ?? 0;
  tables.readyGenerations.set(uid, Math.max(before, ready.observedGeneration));
}

function removeObject(tables: Tables, object: StoredObject): void {
  leaveTombstone(tables, object);
  const { uid } = object.metadata;
  tables.objects.remove(uid);
  tables.queue.remove(uid);
  tables.bindings.set(uid, []);
  tables.allocations.hold(uid, null);
  tables.levels.delete(uid);
  tables.readyGenerations.delete(uid);
}

function leaveTombstone(tables: Tables, object: StoredObject): void {
  const { uid, generation } = object.metadata;
  const removedAt = tables.clock.now();
  for (const [old, tombstone] of tables.tombstones) {
    if (tombstone.removedAt + TOMBSTONE_MS > removedAt) break;
    tables.tombstones.delete(old);
  }
  tables.tombstones.set(uid, {
    uid,
    kind: object.kind,
    key: keyOf(object),
    generation,
    readyGeneration: tables.readyGenerations.get(uid) ?? 0,
    requests: object.status.requests,
    removedAt,
  });
}

function record(tables: Tables, { claim, steps, events, journal }: Completion, object: StoredObject): void {
  const { name, project } = object.metadata;
  const base = { uid: claim.uid, kind: object.kind, name, project };
  const now = tables.clock.now();
  for (const { startedAt, ...step } of steps) tables.steps.append({ ...base, at: startedAt, ...step });
  for (const event of events) tables.events.append({ ...base, at: now, ...event, actor: ENGINE.actor });
  const [place = ''] = tables.bindings
    .of(claim.uid)
    .map((binding) => binding.place)
    .toSorted();
  for (const level of journal) {
    tables.journal.appendNumbered((seq) => {
      const row = { ...base, at: now, ...level, seq };
      tables.journaled({ ...row, account: object.metadata.account, place });
      return row;
    });
    tables.levels.set(claim.uid, { ...tables.levels.get(claim.uid), [level.meter]: level });
  }
}

function applyChildren(tables: Tables, { children }: Completion, owner: StoredObject): void {
  for (const child of children.apply) applyChild(tables, child);
  for (const uid of children.remove) {
    const child = tables.objects.get(uid);
    if (!child || child.metadata.ownerUid !== owner.metadata.uid || child.metadata.deletedAt !== null) continue;
    const deletedAt = iso(tables.clock.now());
    update(tables, { ...child, metadata: { ...child.metadata, deletedAt } });
  }
}

/** Created when its keys are free, else brought to the wished spec. What has another owner, or is going, is left alone. */
function applyChild(tables: Tables, { object }: PreparedChild): void {
  const found = tables.objects.byKey(keyOf(object));
  const uniqueKeys = uniqueKeysOf(tables, object);
  const holders = uniqueKeys.map((key) => tables.objects.holderOfUniqueKey(object.kind, key));
  if (holders.some((holder) => holder !== undefined && holder !== found?.metadata.uid)) return;
  if (!found) {
    apply(tables, { op: 'create', object, uniqueKeys }, ENGINE);
    return;
  }
  if (found.metadata.ownerUid !== object.metadata.ownerUid || found.metadata.deletedAt !== null) return;
  const { labels } = object.metadata;
  const sameSpec = jsonEqual(found.spec, object.spec);
  if (sameSpec && jsonEqual(found.metadata.labels, labels)) return;
  const generation = found.metadata.generation + (sameSpec ? 0 : 1);
  update(tables, { ...found, spec: object.spec, metadata: { ...found.metadata, labels, generation } });
}

function update(tables: Tables, object: StoredObject): void {
  const expect = object.metadata.resourceVersion;
  apply(tables, { op: 'update', object, expect, uniqueKeys: uniqueKeysOf(tables, object) }, ENGINE);
}

function uniqueKeysOf(tables: Tables, { kind, spec, metadata }: StoredObject): string[] {
  return tables.registry.kind(kind)?.uniqueKeys?.({ spec, metadata }) ?? [];
}
