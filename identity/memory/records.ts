import type { NewRow, RecordKind, Records, Row } from '../records.ts';

/** Records that end with the process: for trying things out, and the model that the database's adapter is compared with. */
export function createMemoryRecords(): Records {
  const tables = new Map<RecordKind, Map<string, Row<RecordKind>>>();
  const table = <K extends RecordKind>(kind: K): Map<string, Row<K>> => {
    const rows = tables.get(kind) ?? new Map<string, Row<RecordKind>>();
    tables.set(kind, rows);
    return rows as Map<string, Row<K>>;
  };
  return {
    get: async (kind, key) => structuredClone(table(kind).get(key)),
    ofSubject: async (kind, subject, limit) =>
      structuredClone(
        [...table(kind).values()]
          .filter((row) => row.subject === subject)
          .sort((one, other) => (one.key < other.key ? -1 : 1))
          .slice(0, limit),
      ),
    insert: async <K extends RecordKind>(kind: K, row: NewRow<K>) => {
      if (table(kind).has(row.key)) return false;
      table(kind).set(row.key, structuredClone({ ...row, version: 1 }));
      return true;
    },
    update: async <K extends RecordKind>(kind: K, row: Row<K>) => {
      if (table(kind).get(row.key)?.version !== row.version) return false;
      table(kind).set(row.key, structuredClone({ ...row, version: row.version + 1 }));
      return true;
    },
    remove: async (kind, key) => table(kind).delete(key),
    removeOfSubject: async (kind, subject, except) =>
      drop(table(kind), (row) => row.subject === subject && row.key !== except),
    removeExpired: async (now, limit) => {
      let left = limit;
      for (const rows of tables.values())
        left -= drop(rows, (row) => row.expiresAt !== null && row.expiresAt < now, left);
      return limit - left;
    },
  };
}

function drop<T>(rows: Map<string, T>, gone: (row: T) => boolean, limit = Number.POSITIVE_INFINITY): number {
  let dropped = 0;
  for (const [key, row] of rows) {
    if (dropped >= limit) break;
    if (gone(row) && rows.delete(key)) dropped++;
  }
  return dropped;
}
