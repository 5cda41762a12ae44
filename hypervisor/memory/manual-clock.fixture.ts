import type { Clock } from './clock.ts';

/** A clock that stands still until a test moves it. */
export interface ManualClock extends Clock {
  /** Moves on step by step, letting everything that wakes on the way run. */
  advance(ms: number): Promise<void>;
}

export function createManualClock(startAt = Date.UTC(2026, 0, 2)): ManualClock {
  let time = startAt;
  const sleepers = new Set<{ at: number; wake: () => void }>();
  return {
    now: () => time,
    sleep: (ms, signal) =>
      new Promise((resolve) => {
        if (signal?.aborted) return resolve();
        const wake = () => {
          sleepers.delete(sleeper);
          signal?.removeEventListener('abort', wake);
          resolve();
        };
        const sleeper = { at: time + ms, wake };
        sleepers.add(sleeper);
        signal?.addEventListener('abort', wake, { once: true });
      }),
    async advance(ms) {
      const until = time + ms;
      await drain();
      for (;;) {
        const next = [...sleepers].filter(({ at }) => at <= until).sort((a, b) => a.at - b.at)[0];
        if (!next) break;
        time = Math.max(time, next.at);
        next.wake();
        await drain();
      }
      time = until;
      await drain();
    },
  };
}

/** Lets promises that are ready run on. */
function drain(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}
