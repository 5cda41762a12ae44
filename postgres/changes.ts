import type { StoredObject } from '../reconciler/object.ts';
import { shareLooks } from '../reconciler/shared-looks.ts';
import type { Changes, ObjectStore } from '../reconciler/store.ts';
import type { Database } from './database.ts';
import type { SealedRows } from './personal/rows.ts';
import { type ObjectRow, projectColumn, projectOf } from './rows.ts';
import { GET_BY_UID } from './statements/get-by-uid.ts';
import { LOG_POSITION } from './statements/log-position.ts';
import { READ_CHANGES } from './statements/read-changes.ts';

/** A position is `transaction.number`; a number of 0 is the instant before the transaction's first row. */
export function createChanges(database: Database, sealed: SealedRows): Pick<ObjectStore, 'changes' | 'position'> {
  return {
    position: async () => `${(await database.run<{ xmin: string }>(LOG_POSITION, []))[0]?.xmin}.0`,
    // Every watch reads on after each change, mostly from the same position.
    changes: shareLooks(async ({ since, limit, kinds, project, projects }) => {
      const position = /^(\d{1,19})\.(\d{1,18})$/.exec(since);
      if (!position) return { tooOld: true };
      const [head, ...rows] = await database.run<LogRow & Head>(READ_CHANGES, [
        position[1],
        position[2],
        limit,
        kinds ?? null,
        project === undefined ? null : projectColumn(project),
        projects === undefined ? null : ['', ...projects],
      ]);
      if (!head || head.too_old) return { tooOld: true };
      return page(database, sealed, { rows, limit, horizon: `${head.xmin}.0` });
    }),
  };
}

interface Head {
  xmin: string;
  too_old: boolean;
}

interface LogRow {
  xid: string;
  id: number;
  uid: string;
  kind: string;
  project: string;
  name: string;
  removed: boolean;
}

async function page(
  database: Database,
  { objectOf }: SealedRows,
  { rows, limit, horizon }: { rows: readonly LogRow[]; limit: number; horizon: string },
): Promise<Changes> {
  const last = new Map<string, LogRow>();
  for (const row of rows) {
    last.delete(row.uid);
    last.set(row.uid, row);
  }
  const uids = [...last.values()].filter(({ removed }) => !removed).map(({ uid }) => uid);
  const objects = uids.length === 0 ? [] : await database.run<ObjectRow & { uid: string }>(GET_BY_UID, [uids]);
  const found = new Map(objects.map((row) => [row.uid, objectOf(row)]));
  const end = rows.at(-1);
  return {
    tooOld: false,
    position: end && rows.length >= limit ? positionOf(end) : horizon,
    items: [...last.values()].map((row) => item(row, found.get(row.uid))),
  };
}

/** What was removed since it changed is told as removed already; its own row follows on a later page. */
function item(row: LogRow, object: StoredObject | undefined) {
  const { uid, kind, project, name } = row;
  return {
    uid,
    kind,
    type: object ? ('changed' as const) : ('removed' as const),
    object: object ?? null,
    key: { kind, project: projectOf(project), name },
    position: positionOf(row),
  };
}

function positionOf({ xid, id }: LogRow): string {
  return `${xid}.${id}`;
}
