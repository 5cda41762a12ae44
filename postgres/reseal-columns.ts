import type { RecordKind } from '../identity/records.ts';
import type { JsonObject } from '../reconciler/json.ts';
import type { PersonalSeal } from '../reconciler/personal.ts';
import type { SavedPlan } from '../reconciler/store.ts';
import type { Database } from './database.ts';
import { PERSONAL_RECORDS, sealedRecord } from './personal/records.ts';
import type { SealedRows } from './personal/rows.ts';
import { statement } from './statement.ts';
import { COUNT_BY_KIND } from './statements/count-by-kind.ts';

export interface ColumnResealing {
  rows: SealedRows;
  personal: PersonalSeal;
  /** Id of the key that seals now. */
  current: string;
  /** A sealed value under the current key; null where it is so already, or cannot be opened. */
  rewrap(sealed: string): string | null;
}

interface SealedColumn {
  table: string;
  /** What names a row: a unique text, of its columns. */
  key: string;
  column: string;
  type: 'jsonb' | 'text';
  /** What a row is about, of its columns. */
  about?: string;
  /** Rows that may hold what is personal in clear: written by an older version. */
  clear?: string;
  /** The value with that sealed; the very same text where there is none. */
  sealed?(row: { name: string; about: string; text: string }): string;
}

/** Every column that may hold sealed values, but for those of facts, which have jobs of their own. */
async function sealedColumns(database: Database, { rows, personal }: ColumnResealing): Promise<SealedColumn[]> {
  const kinds = await database.run<{ kind: string }>(COUNT_BY_KIND, []);
  const personalKinds = kinds.map(({ kind }) => kind).filter(rows.isPersonal);
  return [
    {
      table: 'objects',
      key: 'uid',
      column: 'spec',
      type: 'jsonb',
      about: 'kind',
      clear: isAmong('kind', personalKinds),
      sealed: ({ name, about, text }) =>
        changed<JsonObject>(text, (spec) => rows.sealedSpec({ kind: about, uid: name, spec })),
    },
    {
      table: 'identity_records',
      key: "kind || '/' || key",
      column: 'value',
      type: 'jsonb',
      about: 'kind',
      clear: `${isAmong('kind', PERSONAL_RECORDS)} and value::text not like '%personal:v1:%'`,
      sealed: ({ name, about, text }) =>
        changed<JsonObject>(text, (value) =>
          sealedRecord(personal, { kind: about as RecordKind, key: name.slice(about.length + 1), value }),
        ),
    },
    {
      table: 'saved_plans',
      key: 'id',
      column: 'plan',
      type: 'jsonb',
      clear: "jsonb_typeof(plan) = 'object'",
      sealed: ({ text }) => changed<SavedPlan | string>(text, rows.sealedPlan),
    },
    { table: 'identity_letters', key: 'id', column: 'recipient', type: 'text' },
    { table: 'identity_letters', key: 'id', column: 'params', type: 'text' },
    { table: 'mail_outbox', key: MAIL_KEY, column: 'params', type: 'jsonb' },
    { table: 'idempotency_keys', key: "principal || E'\\n' || key", column: 'response', type: 'jsonb' },
  ];
}

const MAIL_KEY = "account || E'\\n' || event || E'\\n' || recipient || E'\\n' || template";

function isAmong(column: string, names: readonly string[]): string {
  return names.length === 0 ? 'false' : `${column} in (${names.map((name) => `'${name}'`).join(', ')})`;
}

function changed<Value>(text: string, change: (value: Value) => Value): string {
  const value = JSON.parse(text) as Value;
  const after = change(value);
  return after === value ? text : JSON.stringify(after);
}

const PAGE = 500;
const SEALED = /(?:sealed:v1:[0-9a-f]+|personal:v1):[a-z0-9-]+:[\w-]+:[\w-]+/g;

/**
 * Wraps values under the current key, and seals what an older version left in clear, page by page. A row that somebody changed meanwhile is
 * left as they wrote it, under the current key anyway; what cannot be opened stays as it is. Interrupted, or run in two places, it does no
 * harm: the next run takes what is left. Answers how many values were changed.
 */
export async function resealColumns(database: Database, resealing: ColumnResealing): Promise<number> {
  let count = 0;
  for (const column of await sealedColumns(database, resealing))
    count += await resealColumn(database, column, resealing);
  return count;
}

/** The text with everything in it that was sealed under an older key wrapped under the current one. */
export function rewrapped(text: string, rewrap: ColumnResealing['rewrap']): string {
  return text.replaceAll(SEALED, (sealed) => rewrap(sealed) ?? sealed);
}

interface Row {
  name: string;
  about: string;
  text: string;
}

async function resealColumn(
  database: Database,
  column: SealedColumn,
  { rewrap, current }: ColumnResealing,
): Promise<number> {
  const { page, swap } = statementsFor(column);
  let count = 0;
  for (let after = ''; ; ) {
    const rows = await database.run<Row>(page, [after, `(personal:v1|sealed:v1:[0-9a-f]+):(?!${current}:)`]);
    const changes = rows.flatMap((row) => {
      const fresh = rewrapped(column.sealed?.(row) ?? row.text, rewrap);
      return fresh === row.text ? [] : [{ name: row.name, old: row.text, fresh }];
    });
    if (changes.length > 0) await database.run(swap, [JSON.stringify(changes)]);
    count += changes.length;
    const last = rows.at(-1);
    if (last === undefined || rows.length < PAGE) return count;
    after = last.name;
  }
}

function statementsFor({ table, key, column, type, about = "''", clear = 'false' }: SealedColumn) {
  return {
    page: statement(
      `reseal_page_${table}_${column}`,
      `select (${key}) as name, ${about} as about, ${column}::text as text from ${table}
        where (${key}) > $1 and (${clear} or ${column}::text ~ $2)
        order by 1 limit ${PAGE}`,
    ),
    swap: statement(
      `reseal_swap_${table}_${column}`,
      `update ${table} set ${column} = change.fresh::${type}
         from jsonb_to_recordset($1::jsonb) as change(name text, old text, fresh text)
        where (${key}) = change.name and ${table}.${column} = change.old::${type}`,
    ),
  };
}
