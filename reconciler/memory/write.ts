import { auditOf } from '../audit.ts';
import { keyOf, keyText, type StoredObject } from '../object.ts';
import type { Principal } from '../principal.ts';
import type { Write, WriteOutcome } from '../store.ts';
import { quotaRefusal } from './quotas.ts';
import type { Tables } from './tables.ts';
import { wakeConcerned } from './wakes.ts';

/** All of the writes, or none: every one is checked against the store as the earlier ones will leave it. */
export function writeAll(tables: Tables, writes: readonly Write[], principal: Principal): WriteOutcome {
  const staged: Staged = { keys: new Map(), uniqueKeys: new Map(), uids: new Set() };
  for (const [index, write] of writes.entries()) {
    const refusal = check(tables, staged, write);
    if (refusal) return { ok: false, index, ...refusal };
    stage(tables, staged, write);
  }
  const over = quotaRefusal(tables.objects, writes);
  if (over) return { ok: false, failure: 'quota', ...over };
  return { ok: true, objects: writes.map((write) => apply(tables, write, principal)) };
}

/** Creates or replaces one object: row, queue row and audit row. */
export function apply(tables: Tables, write: Write, principal: Principal): StoredObject {
  const { uid } = write.object.metadata;
  const now = tables.clock.now();
  const old = tables.objects.get(uid);
  const stored = tables.objects.put(old ? replaced(old, write.object) : write.object, write.uniqueKeys);
  if (old) tables.queue.wake(uid, now);
  else tables.queue.add({ uid, kind: stored.kind }, now);
  wakeConcerned(tables, stored);
  appendAudit(tables, { old, stored, principal, now });
  return stored;
}

/** Status belongs to the engine, and the finalizer is never taken off by a wish. */
function replaced(old: StoredObject, wish: StoredObject): StoredObject {
  const finalizer = old.metadata.finalizer;
  return { ...wish, metadata: { ...wish.metadata, finalizer }, status: old.status };
}

interface Staged {
  /** Key → the uid that will have it; null: freed by a rename. */
  keys: Map<string, string | null>;
  uniqueKeys: Map<string, string | null>;
  uids: Set<string>;
}

type Refusal = { failure: 'exists' | 'conflict' | 'gone' | 'uniqueKey'; detail: string };

function check(tables: Tables, staged: Staged, write: Write): Refusal | null {
  const { object } = write;
  const { uid } = object.metadata;
  const key = keyText(keyOf(object));
  const old = tables.objects.get(uid);
  if (write.op === 'create' && (old || staged.uids.has(uid) || tables.tombstones.has(uid))) {
    return { failure: 'exists', detail: key };
  }
  if (write.op === 'update') {
    if (!old) return { failure: 'gone', detail: key };
    if (staged.uids.has(uid) || old.metadata.resourceVersion !== write.expect) {
      return { failure: 'conflict', detail: key };
    }
  }
  const holder =
    staged.keys.get(key) ?? (staged.keys.has(key) ? null : tables.objects.byKey(keyOf(object))?.metadata.uid);
  if (holder && holder !== uid) return { failure: 'exists', detail: key };
  return checkUniqueKeys(tables, staged, write);
}

function checkUniqueKeys(tables: Tables, staged: Staged, { object, uniqueKeys }: Write): Refusal | null {
  for (const key of uniqueKeys) {
    const scoped = `${object.kind}\n${key}`;
    const holder = staged.uniqueKeys.has(scoped)
      ? staged.uniqueKeys.get(scoped)
      : tables.objects.holderOfUniqueKey(object.kind, key);
    if (holder && holder !== object.metadata.uid) return { failure: 'uniqueKey', detail: key };
  }
  return null;
}

function stage(tables: Tables, staged: Staged, { object, uniqueKeys }: Write): void {
  const { uid } = object.metadata;
  const old = tables.objects.get(uid);
  if (old) {
    staged.keys.set(keyText(keyOf(old)), null);
    for (const key of tables.objects.uniqueKeysOf(uid)) staged.uniqueKeys.set(`${old.kind}\n${key}`, null);
  }
  staged.uids.add(uid);
  staged.keys.set(keyText(keyOf(object)), uid);
  for (const key of uniqueKeys) staged.uniqueKeys.set(`${object.kind}\n${key}`, uid);
}

function appendAudit(
  tables: Tables,
  entry: { old: StoredObject | undefined; stored: StoredObject; principal: Principal; now: number },
): void {
  const { old, stored, principal, now } = entry;
  const { uid, name, project, generation } = stored.metadata;
  const { op, changes } = auditOf(tables.registry, { old, stored });
  tables.audit.append({
    at: now,
    uid,
    kind: stored.kind,
    name,
    project,
    actor: principal.actor,
    onBehalfOf: principal.onBehalfOf,
    from: principal.from,
    requestId: principal.requestId,
    op,
    generation,
    changes,
  });
}
