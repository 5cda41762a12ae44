import type { Json, JsonObject } from '../../reconciler/json.ts';
import type { StoredObject } from '../../reconciler/object.ts';
import { looksPersonal, type PersonalSeal } from '../../reconciler/personal.ts';
import type { FieldChange } from '../../reconciler/plan.ts';
import { hasPersonal, personalIn, tokensOf, touchesPersonal } from '../../reconciler/refs.ts';
import type { AuditRow, SavedPlan } from '../../reconciler/store.ts';
import { type Kinds, type ObjectRow, objectOf, rowOf } from '../rows.ts';
import { openFrom, sealedFrom } from './from.ts';

/**
 * The border between objects, which are in clear, and rows, in which personal fields are sealed. A kind without such fields passes as it is.
 * What cannot be opened stays as it stands in the row, and goes back into it unchanged: a missing key loses nothing.
 */
export interface SealedRows extends Kinds {
  /** Whether a kind has personal fields. */
  isPersonal(kind: string): boolean;
  objectOf(row: ObjectRow): StoredObject;
  rowOf(object: StoredObject): ReturnType<typeof rowOf>;
  /** The spec as it is kept; the very same where nothing in it needs to be sealed. */
  sealedSpec(object: { kind: string; uid: string; spec: JsonObject }): JsonObject;
  /** As they are kept; each that needs no seal is the very same. */
  sealedChanges(change: AuditedChange): readonly FieldChange[];
  sealedFrom(source: { from: string; requestId: string }): string;
  openAudit<Row extends Pick<AuditRow, 'uid' | 'generation' | 'changes' | 'from' | 'requestId'>>(row: Row): Row;
  /** As it is kept: one sealed text, where it is about kinds with personal fields. */
  sealedPlan(plan: SavedPlan | string): SavedPlan | string;
  /** Undefined when its key is missing. */
  openPlan(id: string, kept: SavedPlan | string): SavedPlan | undefined;
}

export interface AuditedChange {
  kind: string;
  uid: string;
  generation: number;
  changes: readonly FieldChange[];
}

export function createSealedRows(kinds: Kinds, seal: PersonalSeal): SealedRows {
  const isPersonal = (name: string) => {
    const kind = kinds.kind(name);
    return kind !== undefined && hasPersonal(kind);
  };
  const sealedSpec = ({ kind: name, uid, spec }: { kind: string; uid: string; spec: JsonObject }): JsonObject => {
    const kind = kinds.kind(name);
    const clear = kind ? personalIn(kind, spec).filter(({ value }) => needsSeal(value)) : [];
    if (clear.length === 0) return spec;
    const sealed = structuredClone(spec);
    for (const { path, value } of clear) put(sealed, path, seal.seal(JSON.stringify(value), placeOf(uid, path)));
    return sealed;
  };
  return {
    kind: (name) => kinds.kind(name),
    kinds: kinds.kinds,
    isPersonal,
    objectOf: (row) => {
      const kind = kinds.kind(row.kind);
      if (kind && hasPersonal(kind)) openSpec(seal, row, personalIn(kind, row.spec));
      return objectOf(row);
    },
    rowOf: (object) => {
      const { kind, metadata, spec } = object;
      const sealed = sealedSpec({ kind, uid: metadata.uid, spec });
      return rowOf(sealed === spec ? object : { ...object, spec: sealed });
    },
    sealedSpec,
    sealedChanges: (change) => sealedChanges(kinds, seal, change),
    sealedFrom: (source) => sealedFrom(seal, source),
    openAudit: (row) => ({
      ...row,
      from: openFrom(seal, row),
      changes: row.changes.some(isSealedChange) ? openChanges(seal, row) : row.changes,
    }),
    sealedPlan: (plan) => {
      if (typeof plan === 'string') return plan;
      const named = [...plan.manifests.map(({ kind }) => String(kind)), ...plan.deletes.map(({ kind }) => kind)];
      return named.some(isPersonal) ? seal.seal(JSON.stringify(plan), `plan:${plan.id}`) : plan;
    },
    openPlan: (id, kept) => {
      if (typeof kept !== 'string') return kept;
      const plain = seal.open(kept, `plan:${id}`);
      return plain === null ? undefined : (JSON.parse(plain) as SavedPlan);
    },
  };
}

function placeOf(uid: string, path: string): string {
  return `object:${uid}${path}`;
}

function needsSeal(value: Json): boolean {
  return value !== null && !looksPersonal(value);
}

/** The row was just read and is nobody else's: it is opened in place. */
function openSpec(seal: PersonalSeal, row: ObjectRow, found: readonly { path: string; value: Json }[]): void {
  for (const { path, value } of found) {
    const plain = looksPersonal(value) ? seal.open(value, placeOf(row.metadata.uid, path)) : null;
    if (plain !== null) put(row.spec, path, JSON.parse(plain) as Json);
  }
}

function put(root: JsonObject, path: string, value: Json): void {
  const tokens = tokensOf(path);
  const last = tokens.pop() as string;
  const parent = tokens.reduce<Json>((at, token) => (at as JsonObject)[token] as Json, root);
  (parent as JsonObject)[last] = value;
}

type Side = 'from' | 'to';

function sidePlace({ uid, generation }: { uid: string; generation: number }, path: string, side: Side): string {
  return `audit:${uid}:${generation}:${side}:${path}`;
}

function sealedChanges(kinds: Kinds, seal: PersonalSeal, change: AuditedChange): readonly FieldChange[] {
  const kind = kinds.kind(change.kind);
  if (!kind || !hasPersonal(kind)) return change.changes;
  return change.changes.map((each) => {
    if (!each.path.startsWith('/') || !touchesPersonal(kind, each.path)) return each;
    if (!needsSeal(each.from) && !needsSeal(each.to)) return each;
    const kept = (side: Side) =>
      needsSeal(each[side]) ? seal.seal(JSON.stringify(each[side]), sidePlace(change, each.path, side)) : each[side];
    return { path: each.path, from: kept('from'), to: kept('to') };
  });
}

function isSealedChange({ from, to }: FieldChange): boolean {
  return looksPersonal(from) || looksPersonal(to);
}

function openChanges(seal: PersonalSeal, row: Pick<AuditRow, 'uid' | 'generation' | 'changes'>): FieldChange[] {
  return row.changes.map((each) => {
    const open = (side: Side): Json => {
      const value = each[side];
      const plain = looksPersonal(value) ? seal.open(value, sidePlace(row, each.path, side)) : null;
      return plain === null ? value : (JSON.parse(plain) as Json);
    };
    return { path: each.path, from: open('from'), to: open('to') };
  });
}
