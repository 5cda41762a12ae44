import type { Database } from './database.ts';
import { statement } from './statement.ts';

interface SealedColumn {
  table: string;
  /** What names a row: a unique text, of its columns. */
  key: string;
  column: string;
  type: 'jsonb' | 'text';
}

/** Every column that may hold sealed values. */
const SEALED_COLUMNS: readonly SealedColumn[] = [
  { table: 'objects', key: 'uid', column: 'spec', type: 'jsonb' },
  { table: 'identity_records', key: "kind || '/' || key", column: 'value', type: 'jsonb' },
  { table: 'identity_letters', key: 'id', column: 'recipient', type: 'text' },
  { table: 'identity_letters', key: 'id', column: 'params', type: 'text' },
  { table: 'idempotency_keys', key: "principal || ' ' || key", column: 'response', type: 'jsonb' },
];

const PAGE = 500;
const SEALED = /sealed:v1:[0-9a-f]+:[a-z0-9-]+:[\w-]+:[\w-]+/g;

/**
 * Wraps values under the current key, page by page. A row that somebody changed meanwhile is left as they wrote it, under the current key
 * anyway; what cannot be opened stays as it is. Running it twice, or in two places, does no harm. Answers how many values were wrapped.
 */
export async function reseal(database: Database, rewrap: (sealed: string) => string | null): Promise<number> {
  let wrapped = 0;
  for (const column of SEALED_COLUMNS) wrapped += await resealColumn(database, column, rewrap);
  return wrapped;
}

interface Row {
  row_name: string;
  sealed: string;
}

async function resealColumn(
  database: Database,
  { table, key, column, type }: SealedColumn,
  rewrap: (sealed: string) => string | null,
): Promise<number> {
  const page = statement(
    `reseal_page_${table}_${column}`,
    `select (${key}) as row_name, ${column}::text as sealed from ${table}
      where (${key}) > $1 and ${column}::text like '%sealed:v1:%' order by 1 limit ${PAGE}`,
  );
  const swap = statement(
    `reseal_swap_${table}_${column}`,
    `update ${table} set ${column} = change.fresh::${type}
       from jsonb_to_recordset($1::jsonb) as change(row_name text, old text, fresh text)
      where (${key}) = change.row_name and ${table}.${column} = change.old::${type}`,
  );
  let wrapped = 0;
  for (let after = ''; ; ) {
    const rows = await database.run<Row>(page, [after]);
    const changes = rows.flatMap(({ row_name, sealed: old }) => {
      const fresh = old.replaceAll(SEALED, (sealed) => rewrap(sealed) ?? sealed);
      return fresh === old ? [] : [{ row_name, old, fresh }];
    });
    if (changes.length > 0) await database.run(swap, [JSON.stringify(changes)]);
    wrapped += changes.length;
    const last = rows.at(-1);
    if (last === undefined || rows.length < PAGE) return wrapped;
    after = last.row_name;
  }
}
