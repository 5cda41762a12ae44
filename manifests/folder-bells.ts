import type { Clock } from '../reconciler/clock.ts';
import { watchFolder } from './watch.ts';

/** Rings for a source when its folder's content changed. A hint only: sources are also looked at in their interval. */
export interface FolderBells {
  /** Starts watching, or moves to another folder. */
  watch(sourceUid: string, folder: string): void;
  close(): Promise<void>;
}

/** Folders watched at once; those beyond are only looked at in their interval. */
const WATCHED_MAX = 64;

export function createFolderBells(clock: Clock, ring: (sourceUid: string) => void): FolderBells {
  const watched = new Map<string, { folder: string; stop: AbortController; ended: Promise<void> }>();
  return {
    watch(sourceUid, folder) {
      const known = watched.get(sourceUid);
      if (known?.folder === folder) return;
      known?.stop.abort();
      watched.delete(sourceUid);
      if (watched.size >= WATCHED_MAX) return;
      const stop = new AbortController();
      let first = true;
      const onTree = async () => {
        // The first tree is the one that was just synced, or nearly: the interval heals the difference.
        if (!first) ring(sourceUid);
        first = false;
      };
      const ended = watchFolder({ folder, clock, signal: stop.signal, onTree, onError: () => {} }).catch(() => {});
      watched.set(sourceUid, { folder, stop, ended });
    },
    async close() {
      const all = [...watched.values()];
      for (const { stop } of all) stop.abort();
      await Promise.all(all.map(({ ended }) => ended));
      watched.clear();
    },
  };
}
