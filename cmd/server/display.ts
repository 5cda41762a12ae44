import pc from 'picocolors';
import { render } from '../../reconciler/messages.ts';
import type { StoredObject } from '../../reconciler/object.ts';
import type { Registry } from '../../reconciler/registry.ts';
import type { ObjectStore } from '../../reconciler/store.ts';
import type { ChangeBell } from './changes.ts';
import type { Screen } from './screen.ts';

/** Shows the objects converging: a table that redraws itself on a terminal, a line for each change otherwise. */
export interface DisplayOptions {
  registry: Registry;
  store: ObjectStore;
  changed: ChangeBell['next'];
  /** Null where lines scroll by: no terminal. */
  screen: Screen | null;
  write(text: string): void;
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
  let position: string | null = null;
  while (!options.signal.aborted) {
    try {
      position = position === null ? await readAll(options, rows) : await readChanges(options, rows, position);
    } catch {
      // The log tells of a database that does not answer; what was shown last stands until it does.
      position = null;
    }
    if (options.screen) await new Promise((resolve) => setTimeout(resolve, REDRAW_MS));
    await options.changed(WAIT_MS, options.signal);
  }
}

/** Null: so much has changed that all is to be read anew. */
async function readChanges(options: DisplayOptions, rows: Map<string, Row>, since: string): Promise<string | null> {
  const changes = await options.store.changes({ since, limit: 500 });
  if (changes.tooOld) return null;
  const news = changes.items.flatMap((item) => {
    const before = rows.get(item.uid);
    const row = item.object ? rowOf(options.registry, item.object) : { ...removedRow(before), name: keyName(item.key) };
    if (rows.size < ROWS_MAX || before) rows.set(item.uid, row);
    return isSame(before, row) ? [] : [row];
  });
  show(options, rows, news);
  for (const [uid, row] of rows) if (row.removed) rows.delete(uid);
  return changes.position;
}

async function readAll(options: DisplayOptions, rows: Map<string, Row>): Promise<string> {
  const { registry, store } = options;
  const position = await store.position();
  const all = new Map<string, Row>();
  for (const { kind } of registry.kinds) {
    const page = await store.list({ kind, orderBy: 'name', limit: 200 });
    for (const { object } of page.items) all.set(object.metadata.uid, rowOf(registry, object));
  }
  const news = [...all].flatMap(([uid, row]) => (isSame(rows.get(uid), row) ? [] : [row]));
  rows.clear();
  for (const [uid, row] of all) rows.set(uid, row);
  show(options, rows, news);
  return position;
}

function isSame(before: Row | undefined, row: Row): boolean {
  return before?.state === row.state && before.message === row.message;
}

function show(options: DisplayOptions, rows: ReadonlyMap<string, Row>, news: readonly Row[]): void {
  if (options.screen) draw(options.screen, rows);
  else for (const row of news) options.write(`${line(row)}\n`);
}

function rowOf(registry: Registry, object: StoredObject): Row {
  const ready = object.status.conditions.find((condition) => condition.type === 'Ready');
  const isReady = ready?.status === 'True';
  const { reason: code, params } = ready ?? { reason: 'Pending', params: {} };
  const why = render(registry, object.kind, { code, params });
  const state = object.metadata.deletedAt !== null ? 'Deleting' : isReady ? 'Ready' : (ready?.reason ?? 'Pending');
  return {
    name: keyName({ kind: object.kind, ...object.metadata }),
    state,
    ready: isReady,
    message: isReady ? spendOf(registry, object) : why,
    removed: false,
  };
}

/** What is ready is of no more interest, but for what it has cost. */
function spendOf(registry: Registry, object: StoredObject): string {
  const spend = registry
    .kind(object.kind)
    ?.columns.find(({ header }) => header === 'SPEND')
    ?.value(object);
  return spend === undefined ? '' : `${spend} spent in this period`;
}

function removedRow(before: Row | undefined): Row {
  return { name: before?.name ?? '', state: 'Removed', ready: true, message: '', removed: true };
}

function keyName({ kind, name, project }: { kind: string; name: string; project: string | null }): string {
  return project === null || project === 'default'
    ? `${kind.toLowerCase()}/${name}`
    : `${kind.toLowerCase()}/${project}/${name}`;
}

function line(row: Row): string {
  return `${row.name.padEnd(36)} ${row.state.padEnd(18)} ${row.message}`.trimEnd();
}

/** What is not ready comes first; what does not fit is counted. */
function draw(screen: Screen, rows: ReadonlyMap<string, Row>): void {
  const room = Math.max(5, screen.rows() - 6);
  const width = Math.max(20, screen.columns() - 3);
  const all = [...rows.values()].sort((a, b) => Number(a.ready) - Number(b.ready) || a.name.localeCompare(b.name));
  const shown = all
    .slice(0, room)
    .map((row) => `${row.ready ? pc.green('●') : pc.yellow('○')} ${line(row).slice(0, width)}`);
  const ready = all.filter((row) => row.ready).length;
  const more = all.length > room ? `, ${all.length - room} more not shown` : '';
  screen.show([...shown, pc.dim(`${ready} of ${all.length} ready${more}`)]);
}
