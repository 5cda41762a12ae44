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
  let position = await start(options, rows);
  draw(options, rows);
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
    if (options.screen) draw(options, rows);
    else for (const row of news) options.write(`${line(row)}\n`);
    for (const [uid, row] of rows) if (row.removed) rows.delete(uid);
    if (options.screen) await new Promise((resolve) => setTimeout(resolve, REDRAW_MS));
  }
}

async function start({ registry, store, screen, write }: DisplayOptions, rows: Map<string, Row>): Promise<string> {
  const position = await store.position();
  for (const kind of registry.kinds) {
    const page = await store.list({ kind: kind.kind, orderBy: 'name', limit: 200 });
    for (const { object } of page.items) rows.set(object.metadata.uid, rowOf(registry, object));
  }
  if (!screen) for (const row of rows.values()) write(`${line(row)}\n`);
  return position;
}

function rowOf(registry: Registry, object: StoredObject): Row {
  const ready = object.status.conditions.find((condition) => condition.type === 'Ready');
  const isReady = ready?.status === 'True';
  const why = ready
    ? render(registry, object.kind, { code: ready.reason, params: ready.params })
    : 'Not looked at yet.';
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
function draw({ screen }: DisplayOptions, rows: ReadonlyMap<string, Row>): void {
  if (!screen) return;
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
