import { auditOf } from '../reconciler/audit.ts';
import { jsonEqual } from '../reconciler/equal.ts';
import { keyOf, keyText, type StoredObject } from '../reconciler/object.ts';
import type { Principal } from '../reconciler/principal.ts';
import { shardOf } from '../reconciler/shard.ts';
import type { ObjectStore, Write } from '../reconciler/store.ts';
import type { Database, Done, Transaction } from './database.ts';
import { noteUnderKey } from './idempotency-keys.ts';
import { lockRows } from './lock-rows.ts';
import type { SealedRows } from './personal/rows.ts';
import { quotaRefusal } from './quota-refusal.ts';
import { keyColumns, type ObjectRow, projectColumn, projectOf, refRows } from './rows.ts';
import { type Refusal, type StagedWrite, stageWrites, type WriteWorld } from './stage-writes.ts';
import { json } from './statement.ts';
import { APPEND_AUDIT } from './statements/append-audit.ts';
import { BURIED } from './statements/buried.ts';
import { FREE_UNIQUE_KEYS } from './statements/free-unique-keys.ts';
import { GET_BY_UID } from './statements/get-by-uid.ts';
import { INSERT_OBJECTS } from './statements/insert-objects.ts';
import { NAME_HOLDERS } from './statements/name-holders.ts';
import { REPLACE_REFS } from './statements/replace-refs.ts';
import { TAKE_UNIQUE_KEYS } from './statements/take-unique-keys.ts';
import { UNIQUE_HOLDERS } from './statements/unique-holders.ts';
import { UPDATE_OBJECTS } from './statements/update-objects.ts';
import { WAKE } from './statements/wake.ts';
import { WAKE_CONCERNED } from './statements/wake-concerned.ts';

type Versions = Record<string, number>;

/** Lock, read, check, write: all writes of a call or none, in a constant number of statements. */
export function createWrite(database: Database, rows: SealedRows): Pick<ObjectStore, 'write'> {
  return {
    write: async (writes, principal, under) => {
      if (writes.length === 0) return { ok: true, objects: [] };
      let staged: StagedWrite[] = [];
      const work = async (tx: Transaction): Promise<Done<Refusal | { ok: true; versions: Versions }>> => {
        await lock(tx, writes);
        const checked = stageWrites(writes, await readForWrites(tx, rows, writes));
        const [refusal] = checked.refusals;
        if (refusal) return { commit: false, value: refusal };
        staged = checked.staged;
        if (under && !(await noteUnderKey(tx, under, staged))) return { commit: false, value: OVERTAKEN };
        const versions = await performWrites(tx, rows, { staged, principal });
        return { commit: true, value: { ok: true, versions }, notify: ['steward_queue', 'steward_changes'] };
      };
      const result = await database.transaction(work).catch((error: unknown) => {
        const refusal = quotaRefusal(error, writes);
        if (refusal === null) throw error;
        return refusal;
      });
      if (!result.ok) return result;
      return { ok: true, objects: staged.map(({ object }) => withVersion(object, result.versions)) };
    },
  };
}

const OVERTAKEN: Refusal = { ok: false, index: 0, failure: 'conflict', detail: 'the idempotency key' };

function withVersion(object: StoredObject, versions: Versions): StoredObject {
  const resourceVersion = String(versions[object.metadata.uid]);
  return { ...object, metadata: { ...object.metadata, resourceVersion } };
}

function lock(tx: Transaction, writes: readonly Write[]) {
  const created = writes.filter(({ op }) => op === 'create').map(({ object }) => object);
  return lockRows(tx, {
    claims: [],
    uids: [
      ...writes.map(({ object }) => object.metadata.uid),
      ...created.flatMap(({ metadata }) => metadata.ownerUid ?? []),
    ],
    keys: created.map(keyOf),
  });
}

export async function readForWrites(
  tx: Transaction,
  { objectOf }: SealedRows,
  writes: readonly Write[],
): Promise<WriteWorld> {
  const uids = writes.map(({ object }) => object.metadata.uid);
  const unique = writes.flatMap(({ object, uniqueKeys }) => uniqueKeys.map((key) => ({ kind: object.kind, key })));
  const [current, names, uniqueKeys, buried] = await Promise.all([
    tx.run<ObjectRow>(GET_BY_UID, [uids]),
    tx.run<{ kind: string; project: string; name: string; uid: string }>(NAME_HOLDERS, [
      json(writes.map(({ object }) => keyColumns(keyOf(object)))),
    ]),
    tx.run<{ kind: string; key: string; uid: string }>(UNIQUE_HOLDERS, [json(unique), uids]),
    tx.run<{ uid: string }>(BURIED, [uids]),
  ]);
  return {
    current: new Map(current.map((row) => [row.metadata.uid, objectOf(row)])),
    names: new Map(
      names.map(({ kind, project, name, uid }) => [keyText({ kind, project: projectOf(project), name }), uid]),
    ),
    uniqueKeys,
    buried: new Set(buried.map(({ uid }) => uid)),
  };
}

/** Writes what was checked, with everything that goes with it; answers the new version of each uid. */
export async function performWrites(
  tx: Transaction,
  sealed: SealedRows,
  { staged, principal }: { staged: readonly StagedWrite[]; principal: Principal },
): Promise<Versions> {
  const created = staged.filter(({ old }) => old === undefined);
  const updated = staged.filter(({ old }) => old !== undefined);
  await writeUniqueKeys(tx, staged);
  const rows = [...(await insert(tx, sealed, created)), ...(await update(tx, sealed, updated))];
  if (rows.length !== staged.length) throw new Error('An object was changed though its row was locked.');
  const referring = staged
    .map(({ old, object }) => ({ object, refs: refRows(sealed, object), before: old ? refRows(sealed, old) : [] }))
    .filter(({ refs, before }) => !jsonEqual(refs, before));
  if (referring.length > 0) {
    const uids = referring.map(({ object }) => object.metadata.uid);
    await tx.run(REPLACE_REFS, [uids, json(referring.flatMap(({ refs }) => refs))]);
  }
  await audit(tx, sealed, { staged, principal });
  const uids = (some: readonly StagedWrite[]) => some.map(({ object }) => object.metadata.uid);
  if (updated.length > 0) await tx.run(WAKE, [uids(updated)]);
  if (created.length > 0) await tx.run(WAKE_CONCERNED, [uids(created)]);
  return Object.fromEntries(rows.map(({ uid, resource_version }) => [uid, resource_version]));
}

type Written = { uid: string; resource_version: number };

async function insert(tx: Transaction, { rowOf }: SealedRows, created: readonly StagedWrite[]): Promise<Written[]> {
  if (created.length === 0) return [];
  const rows = created.map(({ object }) => ({ ...rowOf(object), shard: shardOf(object.metadata.uid) }));
  return tx.run<Written>(INSERT_OBJECTS, [json(rows)]);
}

async function update(tx: Transaction, { rowOf }: SealedRows, updated: readonly StagedWrite[]): Promise<Written[]> {
  if (updated.length === 0) return [];
  const rows = updated.map(({ old, object }) => ({
    ...rowOf(object),
    status: null,
    expect: old?.metadata.resourceVersion,
  }));
  return tx.run<Written>(UPDATE_OBJECTS, [json(rows)]);
}

async function writeUniqueKeys(tx: Transaction, staged: readonly StagedWrite[]): Promise<void> {
  const wanted = staged.flatMap(({ object, uniqueKeys }) =>
    uniqueKeys.map((key) => ({ kind: object.kind, key, uid: object.metadata.uid })),
  );
  const updated = staged.filter(({ old }) => old !== undefined).map(({ object }) => object.metadata.uid);
  if (updated.length > 0) await tx.run(FREE_UNIQUE_KEYS, [updated, json(wanted)]);
  if (wanted.length > 0) await tx.run(TAKE_UNIQUE_KEYS, [json(wanted)]);
}

async function audit(
  tx: Transaction,
  sealed: SealedRows,
  { staged, principal }: { staged: readonly StagedWrite[]; principal: Principal },
): Promise<void> {
  const rows = staged.map(({ old, object }) => {
    const { uid, name, project, generation } = object.metadata;
    const { op, changes } = auditOf(sealed, { old, stored: object });
    const kept = sealed.sealedChanges({ kind: object.kind, uid, generation, changes });
    return { uid, kind: object.kind, project: projectColumn(project), name, generation, op, changes: kept };
  });
  const { actor, onBehalfOf, requestId } = principal;
  await tx.run(APPEND_AUDIT, [json(rows), actor, onBehalfOf, sealed.sealedFrom(principal), requestId]);
}
