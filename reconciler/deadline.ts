import type { Clock } from './clock.ts';

export type Timed<T> = { outcome: 'done'; value: T } | { outcome: 'timedOut' } | { outcome: 'aborted' };

/** Runs `work` with a signal that aborts at the deadline or with `outer`. The answer never waits longer than the deadline. */
export async function withDeadline<T>(
  clock: Clock,
  { deadlineMs, outer }: { deadlineMs: number; outer: AbortSignal | null },
  work: (signal: AbortSignal) => Promise<T>,
): Promise<Timed<T>> {
  const controller = new AbortController();
  const timer = new AbortController();
  const onOuter = () => controller.abort();
  if (outer?.aborted) return { outcome: 'aborted' };
  outer?.addEventListener('abort', onOuter, { once: true });
  try {
    const expired = clock.sleep(deadlineMs, timer.signal).then((): Timed<T> => {
      if (!timer.signal.aborted) controller.abort();
      return { outcome: 'timedOut' };
    });
    const lost = new Promise<Timed<T>>((resolve) => {
      controller.signal.addEventListener('abort', () => resolve({ outcome: outer?.aborted ? 'aborted' : 'timedOut' }), {
        once: true,
      });
    });
    const done = work(controller.signal).then((value): Timed<T> => ({ outcome: 'done', value }));
    return await Promise.race([done, expired, lost]);
  } finally {
    timer.abort();
    outer?.removeEventListener('abort', onOuter);
  }
}
