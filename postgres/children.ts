import { iso } from '../reconciler/clock.ts';
import { jsonEqual } from '../reconciler/equal.ts';
import { keyOf, keyText, type StoredObject } from '../reconciler/object.ts';
import { ENGINE } from '../reconciler/principal.ts';
import type { Completion, Write } from '../reconciler/store.ts';
import type { Transaction } from './database.ts';
import type { SealedRows } from './personal/rows.ts';
import { type Kinds, keyColumns, type ObjectRow } from './rows.ts';
import { stageWrites } from './stage-writes.ts';
import { json } from './statement.ts';
import { CLOCK } from './statements/clock.ts';
import { GET_BY_KEY } from './statements/get-by-key.ts';
import { GET_BY_UID } from './statements/get-by-uid.ts';
import { performWrites, readForWrites } from './write.ts';

/** Applies and removes the children of completions; true if anything was written. Their queue rows are locked already. */
export async function applyChildren(
  tx: Transaction,
  rows: SealedRows,
  completions: readonly Completion[],
): Promise<boolean> {
  const writes = [...(await wishes(tx, rows, completions)), ...(await removals(tx, rows, completions))];
  if (writes.length === 0) return false;
  // A child whose unique key is taken is left out; its owner sees that it is missing.
  const { staged } = stageWrites(writes, await readForWrites(tx, rows, writes));
  if (staged.length > 0) await performWrites(tx, rows, { staged, principal: ENGINE });
  return staged.length > 0;
}

/** Created when the key is free, else brought to the wished spec. What has another owner, or is going, is left alone. */
async function wishes(tx: Transaction, sealed: SealedRows, completions: readonly Completion[]): Promise<Write[]> {
  const objects = completions.flatMap(({ children }) => children.apply.map(({ object }) => object));
  if (objects.length === 0) return [];
  const distinct = new Map(objects.map((object) => [keyText(keyOf(object)), object]));
  const keys = [...distinct.values()].map((object) => keyColumns(keyOf(object)));
  const rows = await tx.run<ObjectRow>(GET_BY_KEY, [json(keys)]);
  const found = new Map(rows.map(sealed.objectOf).map((object) => [keyText(keyOf(object)), object]));
  return [...distinct].flatMap(([key, object]) => {
    const present = found.get(key);
    if (!present) return [{ op: 'create' as const, object, uniqueKeys: uniqueKeysOf(sealed, object) }];
    if (present.metadata.ownerUid !== object.metadata.ownerUid || present.metadata.deletedAt !== null) return [];
    const { labels } = object.metadata;
    const sameSpec = jsonEqual(present.spec, object.spec);
    if (sameSpec && jsonEqual(present.metadata.labels, labels)) return [];
    const generation = present.metadata.generation + (sameSpec ? 0 : 1);
    return [update(sealed, { ...present, spec: object.spec, metadata: { ...present.metadata, labels, generation } })];
  });
}

async function removals(tx: Transaction, sealed: SealedRows, completions: readonly Completion[]): Promise<Write[]> {
  const owners = new Map(completions.flatMap(({ claim, children }) => children.remove.map((uid) => [uid, claim.uid])));
  if (owners.size === 0) return [];
  const rows = await tx.run<ObjectRow>(GET_BY_UID, [[...owners.keys()]]);
  const [clock] = await tx.run<{ now: number }>(CLOCK, []);
  const deletedAt = iso(clock?.now ?? 0);
  return rows
    .map(sealed.objectOf)
    .filter(({ metadata }) => metadata.deletedAt === null && metadata.ownerUid === owners.get(metadata.uid))
    .map((child) => update(sealed, { ...child, metadata: { ...child.metadata, deletedAt } }));
}

function update(kinds: Kinds, object: StoredObject): Write {
  return { op: 'update', object, expect: object.metadata.resourceVersion, uniqueKeys: uniqueKeysOf(kinds, object) };
}

function uniqueKeysOf(kinds: Kinds, { kind, spec, metadata }: StoredObject): string[] {
  return kinds.kind(kind)?.uniqueKeys?.({ spec, metadata }) ?? [];
}
