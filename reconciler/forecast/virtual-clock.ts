import type { Clock } from '../clock.ts';

export interface VirtualClock extends Clock {
  /** Moves time forward, waking sleepers in the order of their due times. Time never goes back. */
  advanceTo(epochMs: number): void;
  /** When the next sleeper wakes, or null. */
  nextWake(): number | null;
}

interface Sleeper {
  at: number;
  wake(): void;
}

/** Time that only moves when told to. */
export function createVirtualClock(startMs: number): VirtualClock {
  let now = startMs;
  const sleepers = new Set<Sleeper>();
  const earliest = () => {
    let first: Sleeper | undefined;
    // Sleepers are kept in the order in which they went to sleep, so that of two with one time the first stays.
    for (const sleeper of sleepers) if (!first || sleeper.at < first.at) first = sleeper;
    return first;
  };
  return {
    now: () => now,
    sleep: (ms, signal) =>
      new Promise((resolve) => {
        if (ms <= 0 || signal?.aborted) return resolve();
        const wake = () => {
          sleepers.delete(sleeper);
          signal?.removeEventListener('abort', wake);
          resolve();
        };
        const sleeper = { at: now + ms, wake };
        sleepers.add(sleeper);
        signal?.addEventListener('abort', wake, { once: true });
      }),
    advanceTo: (epochMs) => {
      for (let next = earliest(); next && next.at <= epochMs; next = earliest()) {
        now = Math.max(now, next.at);
        next.wake();
      }
      now = Math.max(now, epochMs);
    },
    nextWake: () => earliest()?.at ?? null,
  };
}
