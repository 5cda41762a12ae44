import { realpath } from 'node:fs/promises';
import { watch } from 'chokidar';
import type { Clock } from '../reconciler/clock.ts';
import { readTree, type Tree } from './tree.ts';

export interface WatchOptions {
  folder: string;
  clock: Clock;
  /** Quiet time after the last event before the folder is read; default 150 ms. */
  debounceMs?: number;
  /** The folder is also read this often without any event; default 30 s. */
  resyncMs?: number;
  /** Never waits longer than this for quiet; default 2 s. */
  burstMs?: number;
  signal: AbortSignal;
  /** A new revision, the first included. Called one at a time. */
  onTree(tree: Tree): Promise<void>;
  /** The folder cannot be read, or stopped to be watched; it is tried again. */
  onError(error: Error): void;
}

/**
 * Calls back with the whole tree whenever its content changed. Events only say *that* something happened: the tree is then listed and
 * hashed anew, which sees atomic saves, renames and swapped links that no single event tells truly. Ends when the signal aborts.
 */
export async function watchFolder(options: WatchOptions): Promise<void> {
  const bell = createBell();
  // Links are watched as links: what they may lead to lies inside the folder and is watched there.
  const target = await realpath(options.folder).catch(() => options.folder);
  const watcher = watch(target, { ignoreInitial: true, followSymlinks: false, ignored: isNoise, depth: 32 });
  watcher.on('all', () => bell.ring());
  watcher.on('error', (error) => options.onError(error instanceof Error ? error : new Error(String(error))));
  let revision: string | null = null;
  try {
    while (!options.signal.aborted) {
      revision = await look(options, revision);
      await quietAfterNews(bell, options);
    }
  } finally {
    await watcher.close();
  }
}

/** Repositories and packages have many files and no manifests; a `..data` folder is what its links lead to. */
function isNoise(path: string): boolean {
  return /(^|\/)(\.git|node_modules)(\/|$)/.test(path);
}

async function look(options: WatchOptions, revision: string | null): Promise<string | null> {
  try {
    const tree = await readTree(options.folder, { signal: options.signal });
    const seen = `${tree.revision} ${JSON.stringify(tree.issues)}`;
    if (seen !== revision) await options.onTree(tree);
    return seen;
  } catch (error) {
    if (!options.signal.aborted) options.onError(error instanceof Error ? error : new Error(String(error)));
    return revision;
  }
}

/** Returns some time after the last of a burst of events, or when it is time for a look without any. */
async function quietAfterNews(bell: Bell, options: WatchOptions): Promise<void> {
  const { clock, signal, debounceMs = 150, resyncMs = 30_000, burstMs = 2000 } = options;
  if (!(await rungWithin(bell, { clock, signal, ms: resyncMs }))) return;
  const started = clock.now();
  while (clock.now() - started < burstMs && (await rungWithin(bell, { clock, signal, ms: debounceMs })));
}

interface Bell {
  ring(): void;
  /** Resolves at the next ring, or at once when it rang since it was last asked. */
  rung(): Promise<void>;
}

function createBell(): Bell {
  let pending = false;
  let wake: (() => void) | null = null;
  return {
    ring() {
      pending = true;
      wake?.();
    },
    async rung() {
      if (!pending) await new Promise<void>((resolve) => (wake = resolve));
      pending = false;
      wake = null;
    },
  };
}

async function rungWithin(bell: Bell, wait: { clock: Clock; signal: AbortSignal; ms: number }): Promise<boolean> {
  const late = new AbortController();
  const timeout = wait.clock.sleep(wait.ms, AbortSignal.any([late.signal, wait.signal])).then(() => false);
  const rang = await Promise.race([bell.rung().then(() => true), timeout]);
  late.abort();
  return rang;
}
