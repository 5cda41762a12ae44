import type { Binding, CapacityRow, Claims } from '../reconciler/claims.ts';
import { keyText, type ObjectKey, type StoredObject } from '../reconciler/object.ts';
import { passingRefsOf } from '../reconciler/refs.ts';
import type { Consulted, EngineStore, JournalLevel, Loaded, ObjectStore, RefLookup } from '../reconciler/store.ts';
import type { Database } from './database.ts';
import type { SealedRows } from './personal/rows.ts';
import { keyColumns, keyMeant, type ObjectRow, projectOf } from './rows.ts';
import { json, type Statement } from './statement.ts';
import { CAPACITY } from './statements/capacity.ts';
import { CONSULT_OBJECTS } from './statements/consult-objects.ts';
import { CONSULT_POOLS } from './statements/consult-pools.ts';
import { EXISTING } from './statements/existing.ts';
import { GET_BY_KEY } from './statements/get-by-key.ts';
import { GET_BY_UID } from './statements/get-by-uid.ts';
import { GET_CHANGED } from './statements/get-changed.ts';
import { LOAD_CHILDREN } from './statements/load-children.ts';
import { LOAD_HOLDERS } from './statements/load-holders.ts';
import { LOAD_OBJECTS } from './statements/load-objects.ts';
import { unchangedOf } from './unchanged.ts';

type Load = Pick<EngineStore, 'load' | 'resolve' | 'consult' | 'existing'> &
  Pick<ObjectStore, 'getByKey' | 'getByUid' | 'bindings' | 'claims' | 'capacity'>;

const CONSULTED_MAX = 20_000;

export function createLoad(database: Database, rows: SealedRows): Load {
  const loadOne = async (uid: string) => (await load(database, rows, [uid])).get(uid);
  return {
    load: (uids, known) => loadChanged(database, rows, { uids, known: known ?? new Map() }),
    resolve: (lookups) => resolve(database, rows, lookups),
    consult: (request) => consult(database, rows, request),
    existing: async (uids) => new Set((await some<{ uid: string }>(database, EXISTING, uids)).map(({ uid }) => uid)),
    getByKey: async (keys) => {
      const found = await byKey(database, rows, keys);
      return keys.map((key) => found.get(keyText(key)));
    },
    getByUid: async (uids) => {
      const found = await byUid(database, rows, uids);
      return uids.map((uid) => found.get(uid));
    },
    bindings: async (uid) => (await loadOne(uid))?.bindings ?? [],
    claims: async (uid) => (await loadOne(uid))?.claims ?? null,
    capacity: () => database.run<CapacityRow>(CAPACITY, []),
  };
}

interface LoadedRow extends ObjectRow {
  claims: Claims | null;
  bindings: Binding[] | null;
  levels: Record<string, JournalLevel> | null;
}

/** What is known and has not changed costs a look at its version, and is not read again. */
async function loadChanged(
  database: Database,
  rows: SealedRows,
  { uids, known }: { uids: readonly string[]; known: ReadonlyMap<string, Loaded> },
): Promise<ReadonlyMap<string, Loaded>> {
  const [fresh, unchanged] = await Promise.all([
    load(
      database,
      rows,
      uids.filter((uid) => !known.has(uid)),
    ),
    unchangedOf(database, known),
  ]);
  const changed = uids.filter((uid) => known.has(uid) && !unchanged.has(uid));
  return new Map([...fresh, ...unchanged, ...(await load(database, rows, changed))]);
}

async function load(
  database: Database,
  { objectOf, kinds }: SealedRows,
  uids: readonly string[],
): Promise<ReadonlyMap<string, Loaded>> {
  const [rows, children] = await Promise.all([
    some<LoadedRow>(database, LOAD_OBJECTS, uids),
    some<ObjectRow & { owner_uid: string }>(database, LOAD_CHILDREN, uids),
  ]);
  const loaded = new Map<string, Loaded>();
  for (const row of rows) {
    const { claims, bindings, levels } = row;
    loaded.set(row.metadata.uid, {
      object: objectOf(row),
      claims,
      bindings: bindings ?? [],
      children: [],
      holders: { total: 0, first: [] },
      levels: levels ?? {},
    });
  }
  for (const child of children) loaded.get(child.owner_uid)?.children.push(objectOf(child));
  const deleting = [...loaded.values()].filter(({ object }) => object.metadata.deletedAt !== null);
  const held = await some<{ uid: string; total: number; first: ObjectKey[] | null }>(
    database,
    LOAD_HOLDERS,
    deleting.map(({ object }) => object.metadata.uid),
    kinds.flatMap((kind) => [...passingRefsOf(kind)].map((path) => `${kind.kind}${path}`)),
  );
  for (const { uid, total, first } of held) {
    const entry = loaded.get(uid);
    if (entry) entry.holders = { total, first: first ?? [] };
  }
  return loaded;
}

async function resolve(
  database: Database,
  rows: SealedRows,
  lookups: readonly RefLookup[],
): Promise<(StoredObject | undefined)[]> {
  const pinned = await pinnedBy(database, rows, lookups);
  const byPin = lookups.map((lookup) => {
    const object = pinned.get(lookup.pinnedUid ?? '');
    return object?.kind === lookup.kind ? object : undefined;
  });
  const meant = lookups.map((lookup, index) => (byPin[index] === undefined ? keyMeant(rows, lookup) : undefined));
  const named = await byKey(
    database,
    rows,
    meant.filter((key) => key !== undefined),
  );
  return lookups.map((lookup, index) => {
    const key = meant[index];
    const object = byPin[index] ?? (key && named.get(keyText(key)));
    const foreign = byPin[index] === undefined && lookup.name.includes('/') && key?.project !== lookup.project;
    return foreign && object?.metadata.sharing !== 'public' ? undefined : object;
  });
}

async function byUid(
  database: Database,
  { objectOf }: SealedRows,
  uids: readonly string[],
): Promise<Map<string, StoredObject>> {
  const rows = await some<ObjectRow & { uid: string }>(database, GET_BY_UID, [...new Set(uids)]);
  return new Map(rows.map((row) => [row.uid, objectOf(row)]));
}

/** Those that were pinned, as they are known where they have not changed. */
async function pinnedBy(
  database: Database,
  sealed: SealedRows,
  lookups: readonly RefLookup[],
): Promise<Map<string, StoredObject>> {
  const known = new Map<string, StoredObject>();
  const uids = new Set<string>();
  for (const lookup of lookups) {
    if (lookup.known) known.set(lookup.known.metadata.uid, lookup.known);
    if (lookup.pinnedUid !== null) uids.add(lookup.pinnedUid);
  }
  if (known.size === 0 || uids.size === 0) return byUid(database, sealed, [...uids]);
  const wanted = [...uids].map((uid) => ({ uid, version: known.get(uid)?.metadata.resourceVersion ?? null }));
  const rows = await database.run<{ uid: string } & (ObjectRow | { kind: null })>(GET_CHANGED, [json(wanted)]);
  return new Map(
    rows.map((row) => [row.uid, row.kind === null ? (known.get(row.uid) as StoredObject) : sealed.objectOf(row)]),
  );
}

async function byKey(
  database: Database,
  { objectOf }: SealedRows,
  keys: readonly ObjectKey[],
): Promise<Map<string, StoredObject>> {
  if (keys.length === 0) return new Map();
  const distinct = new Map(keys.map((key) => [keyText(key), keyColumns(key)]));
  const rows = await database.run<ObjectRow & { project: string; name: string }>(GET_BY_KEY, [
    json([...distinct.values()]),
  ]);
  return new Map(
    rows.map((row) => [keyText({ kind: row.kind, project: projectOf(row.project), name: row.name }), objectOf(row)]),
  );
}

async function consult(
  database: Database,
  { objectOf }: SealedRows,
  { kinds, pools, capacity }: { kinds: readonly string[]; pools: readonly string[]; capacity: boolean },
): Promise<Consulted> {
  const [objects, values, rows] = await Promise.all([
    kinds.length === 0 ? [] : database.run<ObjectRow>(CONSULT_OBJECTS, [[...new Set(kinds)], CONSULTED_MAX]),
    some<{ pool: string; values: string[] }>(database, CONSULT_POOLS, pools),
    capacity ? database.run<CapacityRow>(CAPACITY, []) : [],
  ]);
  const byKind: Record<string, StoredObject[]> = Object.fromEntries(kinds.map((kind) => [kind, []]));
  for (const row of objects) byKind[row.kind]?.push(objectOf(row));
  const taken = new Map(values.map((row) => [row.pool, new Set(row.values)]));
  return {
    objects: byKind,
    capacity: rows,
    taken: Object.fromEntries(pools.map((pool) => [pool, taken.get(pool) ?? new Set<string>()])),
  };
}

/** Nothing asked, nothing sent. */
async function some<Row>(
  database: Database,
  statement: Statement,
  values: readonly string[],
  ...more: readonly string[][]
): Promise<Row[]> {
  return values.length === 0 ? [] : database.run<Row>(statement, [values, ...more]);
}
