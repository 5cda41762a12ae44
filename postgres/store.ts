import type { JsonObject } from '../reconciler/json.ts';
import type { PersonalSeal } from '../reconciler/personal.ts';
import type { CoverageRow, EngineStore, ObjectStore, OperationState, SavedPlan } from '../reconciler/store.ts';
import { createChanges } from './changes.ts';
import { createComplete } from './complete.ts';
import type { Database } from './database.ts';
import { createList } from './list.ts';
import { createLoad } from './load.ts';
import { createSealedRows, type SealedRows } from './personal/rows.ts';
import { createQueue } from './queue.ts';
import { createRecords } from './records.ts';
import { createReserve } from './reserve.ts';
import { type Kinds, projectOf } from './rows.ts';
import { json } from './statement.ts';
import { CLOCK } from './statements/clock.ts';
import { COUNT_BY_KIND } from './statements/count-by-kind.ts';
import { COVER, LOCK_COVERAGE } from './statements/cover.ts';
import { OPERATION } from './statements/operation.ts';
import { LOAD_PLAN, SAVE_PLAN } from './statements/plans.ts';
import { UNIQUE_HOLDERS } from './statements/unique-holders.ts';
import { GET_VALUE, SET_VALUE } from './statements/values.ts';
import { createWrite } from './write.ts';

/** How long operations on a removed object can be followed. */
export const TOMBSTONE_MS = 7 * 86_400_000;

/** The store of production: every guarantee of the contract rests on a constraint, a lock or a fence in the database. */
export function createStore(database: Database, kinds: Kinds, personal: PersonalSeal): EngineStore & ObjectStore {
  const rows = createSealedRows(kinds, personal);
  return {
    ...createQueue(database),
    ...createLoad(database, rows),
    ...createReserve(database),
    ...createComplete(database, rows),
    ...createWrite(database, rows),
    ...createChanges(database, rows),
    ...createRecords(database, rows),
    ...createSmallTables(database, rows),
    list: createList(database, rows),
    now: async () => (await database.run<{ now: number }>(CLOCK, []))[0]?.now ?? 0,
    cover: (rows) => cover(database, rows),
    uniqueHolders: (keys) => uniqueHolders(database, keys),
    operation: (uid) => operation(database, uid),
    countByKind: async () => {
      const counted = await database.run<{ kind: string; count: number }>(COUNT_BY_KIND, []);
      return Object.fromEntries(counted.map(({ kind, count }) => [kind, count]));
    },
  };
}

function createSmallTables(
  database: Database,
  rows: SealedRows,
): Pick<ObjectStore, 'savePlan' | 'loadPlan' | 'getValue' | 'setValue'> {
  return {
    savePlan: async (plan) => {
      await database.run(SAVE_PLAN, [plan.id, json(rows.sealedPlan(plan))]);
    },
    loadPlan: async (id) => {
      const [row] = await database.run<{ plan: SavedPlan | string }>(LOAD_PLAN, [id]);
      return row && rows.openPlan(id, row.plan);
    },
    getValue: async (name) => (await database.run<{ value: JsonObject }>(GET_VALUE, [name]))[0]?.value,
    setValue: async (name, value) => {
      await database.run(SET_VALUE, [name, json(value)]);
    },
  };
}

async function uniqueHolders(
  database: Database,
  keys: readonly { kind: string; key: string }[],
): Promise<(string | undefined)[]> {
  if (keys.length === 0) return [];
  const rows = await database.run<{ kind: string; key: string; uid: string }>(UNIQUE_HOLDERS, [json(keys), []]);
  const found = new Map(rows.map(({ kind, key, uid }) => [`${kind}\n${key}`, uid]));
  return keys.map(({ kind, key }) => found.get(`${kind}\n${key}`));
}

async function cover(database: Database, rows: readonly CoverageRow[]): Promise<void> {
  if (rows.length === 0) return;
  await database.transaction(async (tx) => {
    await tx.run(LOCK_COVERAGE, [rows.map(({ place }) => place)]);
    for (const round of roundsOf(rows)) await tx.run(COVER, [json(round)]);
    return { commit: true, value: null };
  });
}

/** Rows of one place one after the other, all others together: as a rule that is one round. */
function roundsOf(rows: readonly CoverageRow[]): CoverageRow[][] {
  const rounds: CoverageRow[][] = [];
  const seen = new Map<string, number>();
  for (const row of rows) {
    const round = seen.get(row.place) ?? 0;
    seen.set(row.place, round + 1);
    const rest = { ...row, from: Math.round(row.from), to: Math.round(row.to) };
    const list = rounds[round];
    if (list) list.push(rest);
    else rounds.push([rest]);
  }
  return rounds;
}

interface OperationRow {
  kind: string;
  project: string;
  name: string;
  generation: number;
  ready_generation: number;
  requests: Record<string, string>;
  gone: boolean;
}

async function operation(database: Database, uid: string): Promise<OperationState | undefined> {
  const [row] = await database.run<OperationRow>(OPERATION, [uid, TOMBSTONE_MS]);
  if (!row) return undefined;
  const { kind, name, generation, requests, gone } = row;
  const key = { kind, project: projectOf(row.project), name };
  return { uid, kind, key, generation, readyGeneration: row.ready_generation, requests, gone };
}
