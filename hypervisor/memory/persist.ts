import { mkdir, open, readFile, rename } from 'node:fs/promises';
import { dirname } from 'node:path';
import type { Clock } from './clock.ts';
import type { WorldState } from './state.ts';
import type { World } from './world.ts';

const FORMAT = 1;

/** Reads a saved world; undefined when there is none. A file that holds something else is an error that names it. */
export async function loadWorld(path: string): Promise<WorldState | undefined> {
  let text: string;
  try {
    text = await readFile(path, 'utf8');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw error;
  }
  const saved = parse(text);
  if (saved === undefined) {
    throw new Error(`${path} holds no in-memory world of format ${FORMAT}. Move it away to begin with an empty one.`);
  }
  return saved;
}

/** Keeps the file at `path` following the world: every change is written within `delayMs`, in one piece or not at all. */
export function saveWorld(world: World, { path, delayMs }: { path: string; delayMs: number }): WorldSaver {
  const end = new AbortController();
  let dirty = false;
  let running: Promise<void> | null = null;
  let failed: unknown = null;
  const run = async () => {
    while (dirty && failed === null) {
      await pause(world.clock, delayMs, end.signal);
      dirty = false;
      await write(path, JSON.stringify({ format: FORMAT, ...world.state })).catch((error: unknown) => {
        failed = error ?? new Error(`${path} could not be written.`);
      });
    }
    running = null;
  };
  const note = () => {
    dirty = true;
    failed = null;
    running ??= run();
  };
  world.onMutation.add(note);
  return {
    async close() {
      world.onMutation.delete(note);
      end.abort();
      await running;
      if (failed === null) return;
      throw failed;
    },
  };
}

export interface WorldSaver {
  /** Writes what is not yet written. Throws what made a write fail. */
  close(): Promise<void>;
}

async function pause(clock: Clock, ms: number, signal: AbortSignal): Promise<void> {
  if (!signal.aborted) await clock.sleep(ms, signal);
}

/** A reader sees the old file or the new one, also after a crash in between. */
async function write(path: string, text: string): Promise<void> {
  const draft = `${path}.new`;
  await mkdir(dirname(path), { recursive: true });
  const file = await open(draft, 'w', 0o600);
  try {
    await file.writeFile(text);
    await file.sync();
  } finally {
    await file.close();
  }
  await rename(draft, path);
}

function parse(text: string): WorldState | undefined {
  try {
    const { format, ...state } = JSON.parse(text) as { format?: unknown } & WorldState;
    return format === FORMAT && typeof state.hosts === 'object' ? state : undefined;
  } catch {
    return undefined;
  }
}
