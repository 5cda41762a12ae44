import type { JsonObject, Reason } from '../reconciler/json.ts';
import type {
  AuditRow,
  EventRow,
  JournalRow,
  ObjectStore,
  RecordClause,
  RecordPage,
  RecordQuery,
  StepRow,
} from '../reconciler/store.ts';
import { decodeCursor, encodeCursor } from './cursor.ts';
import type { Database } from './database.ts';
import type { SealedRows } from './personal/rows.ts';
import { projectColumn, projectOf } from './rows.ts';

/** The append-only tables, newest first, by keyset over (at, id). */
export function createRecords(
  database: Database,
  sealed: SealedRows,
): Pick<ObjectStore, 'events' | 'steps' | 'audit' | 'journal'> {
  return {
    events: (query) => page(database, query, EVENTS),
    steps: (query) => page(database, query, STEPS),
    audit: async (query) => {
      const { items, hasMore } = await page(database, query, AUDIT);
      return { items: items.map(({ row, cursor }) => ({ row: sealed.openAudit(row), cursor })), hasMore };
    },
    journal: (query) => page(database, query, JOURNAL),
  };
}

interface Base {
  at: number;
  id: number;
  uid: string;
  kind: string;
  project: string;
  name: string;
}

interface Table<Row> {
  name: 'events' | 'steps' | 'audit' | 'journal';
  columns: string;
  /** Adds what the table has beside the common columns. Given as JSON, since each table has its own. */
  rest(row: Record<string, unknown>): Omit<Row, keyof Common>;
}

type Common = Pick<EventRow, 'at' | 'uid' | 'kind' | 'name' | 'project'>;

const EVENTS: Table<EventRow> = {
  name: 'events',
  columns: 'type, reason, actor',
  rest: (row) => ({ type: row.type as EventRow['type'], reason: row.reason as Reason, actor: row.actor as string }),
};

const STEPS: Table<StepRow> = {
  name: 'steps',
  columns: 'step',
  rest: (row) => row.step as Omit<StepRow, keyof Common>,
};

const AUDIT: Table<AuditRow> = {
  name: 'audit',
  columns:
    'actor, on_behalf_of as "onBehalfOf", from_where as "from", request_id as "requestId", op, generation, changes',
  rest: ({ actor, onBehalfOf, from, requestId, op, generation, changes }) =>
    ({ actor, onBehalfOf, from, requestId, op, generation, changes }) as Omit<AuditRow, keyof Common>,
};

const JOURNAL: Table<JournalRow> = {
  name: 'journal',
  columns: 'meter, seq, level, attributes, run_id as "runId"',
  rest: ({ meter, seq, level, attributes, runId }) =>
    ({ meter, seq, level, attributes, runId }) as Omit<JournalRow, keyof Common>,
};

async function page<Row extends Common>(
  database: Database,
  query: RecordQuery,
  table: Table<Row>,
): Promise<RecordPage<Row>> {
  const values: unknown[] = [];
  const value = (item: unknown): string => `$${values.push(item)}`;
  const filters = ['true'];
  if (query.uid !== undefined) filters.push(`uid = ${value(query.uid)}`);
  if (query.kind !== undefined) filters.push(`kind = ${value(query.kind)}`);
  if (query.project !== undefined) filters.push(`project = ${value(projectColumn(query.project))}`);
  if (query.since !== undefined) filters.push(`at >= ${value(query.since)}`);
  if (query.until !== undefined) filters.push(`at < ${value(query.until)}`);
  if (query.actor !== undefined) {
    const actor = value(query.actor);
    filters.push(`(actor = ${actor} or on_behalf_of = ${actor})`);
  }
  if (query.op !== undefined) filters.push(`op = ${value(query.op)}`);
  if (query.requestId !== undefined) filters.push(`request_id = ${value(query.requestId)}`);
  const within = query.within?.map((clause) => {
    if ('uids' in clause) return `uid = any(${value(clause.uids)}::text[])`;
    const kinds = `kind = any(${value(clause.kinds)}::text[])`;
    return clause.projects === null ? kinds : `(project = any(${value(clause.projects)}::text[]) and ${kinds})`;
  });
  if (within) filters.push(within.length === 0 ? 'false' : `(${within.join(' or ')})`);
  if (query.after !== undefined) {
    const [at, id] = decodeCursor(query.after, ['number', 'number']);
    filters.push(`(at, id) < (${value(at)}, ${value(id)})`);
  }
  const shape = [
    query.uid,
    query.kind,
    query.project,
    query.since,
    query.until,
    query.actor,
    query.op,
    query.requestId,
    query.after,
  ]
    .map((part) => (part === undefined ? 0 : 1))
    .join('')
    .concat(...(query.within ?? []).map(shapeOf), query.within ? 'w' : '');
  const text = `select at, id, uid, kind, project, name, ${table.columns} from ${table.name}
    where ${filters.join(' and ')} order by at desc, id desc limit ${value(query.limit + 1)}`;
  const rows = await database.run<Base & JsonObject>({ name: `${table.name}_${shape}`, text }, values);
  return {
    items: rows
      .slice(0, query.limit)
      .map((row) => ({ row: rowOf(row, table), cursor: encodeCursor([row.at, row.id]) })),
    hasMore: rows.length > query.limit,
  };
}

function shapeOf(clause: RecordClause): string {
  if ('uids' in clause) return 'u';
  return clause.projects === null ? 'k' : 'p';
}

function rowOf<Row extends Common>(row: Base & JsonObject, table: Table<Row>): Row {
  const { at, uid, kind, name, project } = row;
  return { at, uid, kind, name, project: projectOf(project), ...table.rest(row) } as Row;
}
