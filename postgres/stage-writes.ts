import { keyOf, keyText, type StoredObject } from '../reconciler/object.ts';
import type { Write, WriteOutcome } from '../reconciler/store.ts';

/** What writes are checked against, read after the rows were locked. */
export interface WriteWorld {
  /** Objects by uid, as they are. */
  current: ReadonlyMap<string, StoredObject>;
  /** Key text → uid of its holder. */
  names: ReadonlyMap<string, string>;
  uniqueKeys: readonly { kind: string; key: string; uid: string }[];
  /** Uids that were used before. */
  buried: ReadonlySet<string>;
}

export interface StagedWrite {
  old: StoredObject | undefined;
  /** As it will be stored, but for its resourceVersion. */
  object: StoredObject;
  uniqueKeys: readonly string[];
}

export type Refusal = Extract<WriteOutcome, { ok: false }>;

/** Pure: every write is checked against the store as the earlier ones will leave it. Refused ones leave no trace in what follows. */
export function stageWrites(
  writes: readonly Write[],
  world: WriteWorld,
): { staged: StagedWrite[]; refusals: Refusal[] } {
  const stage: Stage = {
    names: new Map(world.names),
    uniqueKeys: new Map(world.uniqueKeys.map(({ kind, key, uid }) => [scoped(kind, key), uid])),
    uids: new Set(),
  };
  const staged: StagedWrite[] = [];
  const refusals: Refusal[] = [];
  for (const [index, write] of writes.entries()) {
    const refusal = refusalOf(write, world, stage);
    if (refusal) refusals.push({ ok: false, index, ...refusal });
    else staged.push(put(write, world, stage));
  }
  return { staged, refusals };
}

interface Stage {
  names: Map<string, string>;
  uniqueKeys: Map<string, string>;
  uids: Set<string>;
}

function refusalOf(write: Write, world: WriteWorld, stage: Stage): Pick<Refusal, 'failure' | 'detail'> | null {
  const { object, uniqueKeys } = write;
  const { uid } = object.metadata;
  const key = keyText(keyOf(object));
  const old = world.current.get(uid);
  if (write.op === 'create') {
    if (old || stage.uids.has(uid) || world.buried.has(uid)) return { failure: 'exists', detail: key };
  } else {
    if (!old) return { failure: 'gone', detail: key };
    if (stage.uids.has(uid) || old.metadata.resourceVersion !== write.expect)
      return { failure: 'conflict', detail: key };
  }
  const holder = stage.names.get(key);
  if (holder !== undefined && holder !== uid) return { failure: 'exists', detail: key };
  const taken = uniqueKeys.find((unique) => (stage.uniqueKeys.get(scoped(object.kind, unique)) ?? uid) !== uid);
  return taken === undefined ? null : { failure: 'uniqueKey', detail: taken };
}

function put({ object: wish, uniqueKeys }: Write, world: WriteWorld, stage: Stage): StagedWrite {
  const { uid } = wish.metadata;
  const old = world.current.get(uid);
  // Status belongs to the engine, and the finalizer is never taken off by a wish.
  const object = old
    ? { ...wish, metadata: { ...wish.metadata, finalizer: old.metadata.finalizer }, status: old.status }
    : wish;
  stage.uids.add(uid);
  if (old) stage.names.delete(keyText(keyOf(old)));
  stage.names.set(keyText(keyOf(object)), uid);
  for (const held of world.uniqueKeys) {
    if (held.uid === uid) stage.uniqueKeys.delete(scoped(held.kind, held.key));
  }
  for (const key of uniqueKeys) stage.uniqueKeys.set(scoped(object.kind, key), uid);
  return { old, object, uniqueKeys: [...new Set(uniqueKeys)] };
}

function scoped(kind: string, key: string): string {
  return `${kind}\n${key}`;
}
