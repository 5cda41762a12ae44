import type { Clock } from './clock.ts';

export type Timed<T> = { outcome: 'done'; value: T } | { outcome: 'timedOut' } | { outcome: 'aborted' };

/** Given as the reason of every abort here: making an exception for each would cost a stack trace. */
const OVER = Object.freeze({ name: 'AbortError', message: 'The deadline has passed, or the lease was lost.' });

/** Runs `work` with a signal that aborts at the deadline or with `outer`. The answer never waits longer than the deadline. */
export function withDeadline<T>(
  clock: Clock,
  { deadlineMs, outer }: { deadlineMs: number; outer: AbortSignal | null },
  work: (signal: AbortSignal) => Promise<T>,
): Promise<Timed<T>> {
  if (outer?.aborted) return Promise.resolve({ outcome: 'aborted' });
  const inner = new AbortController();
  const timer = new AbortController();
  return new Promise((resolve, reject) => {
    const end = () => {
      timer.abort(OVER);
      outer?.removeEventListener('abort', onOuter);
    };
    const give = (outcome: 'timedOut' | 'aborted') => {
      if (timer.signal.aborted) return;
      end();
      inner.abort(OVER);
      resolve({ outcome });
    };
    const onOuter = () => give('aborted');
    outer?.addEventListener('abort', onOuter, { once: true });
    void clock.sleep(deadlineMs, timer.signal).then(() => give('timedOut'));
    work(inner.signal).then(
      (value) => {
        end();
        resolve({ outcome: 'done', value });
      },
      (error: unknown) => {
        end();
        reject(error);
      },
    );
  });
}
