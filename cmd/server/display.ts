import pc from 'picocolors';
import { render } from '../../reconciler/messages.ts';
import type { StoredObject } from '../../reconciler/object.ts';
import type { Registry } from '../../reconciler/registry.ts';
import type { ObjectStore } from '../../reconciler/store.ts';
import type { ChangeBell } from './changes.ts';

/** Shows the objects converging: a table that redraws itself on a terminal, a line for each change otherwise. */
export interface DisplayOptions {
  registry: Registry;
  store: ObjectStore;
  changed: ChangeBell['next'];
  out: { write(text: string): unknown; isTTY?: boolean; rows?: number };
  signal: AbortSignal;
}

interface Row {
  name: string;
  state: string;
  ready: boolean;
  message: string;
  removed: boolean;
}

const REDRAW_MS = 200;
const WAIT_MS = 5_000;
const ROWS_MAX = 2_000;

export async function showProgress(options: DisplayOptions): Promise<void> {
  const rows = new Map<string, Row>();
  let position = await start(options, rows);
  let drawn = draw(options, rows, 0);
  while (!options.signal.aborted) {
    await options.changed(WAIT_MS, options.signal);
    const changes = await options.store.changes({ since: position, limit: 500 });
    if (changes.tooOld) {
      position = await options.store.position();
      continue;
    }
    position = changes.position;
    const news = changes.items.flatMap((item) => {
      const row = item.object
        ? rowOf(options.registry, item.object)
        : { ...removedRow(rows.get(item.uid)), name: keyName(item.key) };
      const before = rows.get(item.uid);
      if (rows.size < ROWS_MAX || before) rows.set(item.uid, row);
      return before?.state === row.state && before.message === row.message ? [] : [row];
    });
    if (options.out.isTTY) drawn = draw(options, rows, drawn);
    else for (const row of news) options.out.write(`${line(row)}\n`);
    for (const [uid, row] of rows) if (row.removed) rows.delete(uid);
    if (options.out.isTTY) await new Promise((resolve) => setTimeout(resolve, REDRAW_MS));
  }
}

async function start({ registry, store, out }: DisplayOptions, rows: Map<string, Row>): Promise<string> {
  const position = await store.position();
  for (const kind of registry.kinds) {
    const page = await store.list({ kind: kind.kind, orderBy: 'name', limit: 200 });
    for (const { object } of page.items) rows.set(object.metadata.uid, rowOf(registry, object));
  }
  if (!out.isTTY) for (const row of rows.values()) out.write(`${line(row)}\n`);
  return position;
}

function rowOf(registry: Registry, object: StoredObject): Row {
  const ready = object.status.conditions.find((condition) => condition.type === 'Ready');
  const message = ready
    ? render(registry, object.kind, { code: ready.reason, params: ready.params })
    : 'Not looked at yet.';
  const state =
    object.metadata.deletedAt !== null ? 'Deleting' : ready?.status === 'True' ? 'Ready' : (ready?.reason ?? 'Pending');
  return {
    name: keyName({ kind: object.kind, ...object.metadata }),
    state,
    ready: ready?.status === 'True',
    message,
    removed: false,
  };
}

function removedRow(before: Row | undefined): Row {
  return { name: before?.name ?? '', state: 'Removed', ready: true, message: 'Gone.', removed: true };
}

function keyName({ kind, name, project }: { kind: string; name: string; project: string | null }): string {
  return project === null || project === 'default'
    ? `${kind.toLowerCase()}/${name}`
    : `${kind.toLowerCase()}/${project}/${name}`;
}

function line(row: Row): string {
  return `${row.name.padEnd(36)} ${row.state.padEnd(18)} ${row.ready ? '' : row.message}`.trimEnd();
}

/** Redraws over the lines drawn before; answers how many lines stand there now. */
function draw({ out }: DisplayOptions, rows: ReadonlyMap<string, Row>, drawn: number): number {
  if (!out.isTTY) return 0;
  const room = Math.max(5, (out.rows ?? 24) - 6);
  const all = [...rows.values()].sort((a, b) => Number(a.ready) - Number(b.ready) || a.name.localeCompare(b.name));
  const shown = all.slice(0, room).map((row) => `${row.ready ? pc.green('●') : pc.yellow('○')} ${line(row)}`);
  const ready = all.filter((row) => row.ready).length;
  const footer = pc.dim(
    `${ready} of ${all.length} ready${all.length > room ? `, ${all.length - room} more not shown` : ''}`,
  );
  const lines = [...shown, footer];
  out.write(`${drawn > 0 ? `\u001b[${drawn}A` : ''}${lines.map((text) => `\u001b[2K${text}\n`).join('')}\u001b[J`);
  return lines.length;
}
