import type { Clock } from './clock.ts';

export type Timed<T> = { outcome: 'done'; value: T } | { outcome: 'timedOut' } | { outcome: 'aborted' };

/** Given as the reason of every abort here: making an exception for each would cost a stack trace. */
const OVER = Object.freeze({ name: 'AbortError', message: 'The deadline has passed, or the lease was lost.' });

/**
 * Runs `work` with a signal that aborts at the deadline or with `outer`. The answer never waits longer than the deadline. Thousands
 * of these are under way at once, so the signal is made only when asked for and all deadlines of one length share a timer.
 */
export function withDeadline<T>(
  clock: Clock,
  { deadlineMs, outer }: { deadlineMs: number; outer: AbortSignal | null },
  work: (signal: () => AbortSignal) => Promise<T>,
): Promise<Timed<T>> {
  if (outer?.aborted) return Promise.resolve({ outcome: 'aborted' });
  let inner: AbortController | null = null;
  return new Promise((resolve, reject) => {
    const give = (outcome: 'timedOut' | 'aborted') => {
      if (!entry.live) return;
      end();
      inner?.abort(OVER);
      resolve({ outcome });
    };
    const entry = enter(clock, deadlineMs, () => give('timedOut'));
    const onOuter = () => give('aborted');
    const end = () => {
      leave(entry);
      outer?.removeEventListener('abort', onOuter);
    };
    outer?.addEventListener('abort', onOuter, { once: true });
    const signal = () => {
      inner ??= new AbortController();
      return inner.signal;
    };
    work(signal).then(
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

/** Deadlines of one length on one clock come due in the order in which they were set: a queue and one timer serve them all. */
interface Line {
  entries: Entry[];
  live: number;
  timer: AbortController | null;
}

interface Entry {
  at: number;
  live: boolean;
  line: Line;
  expire(): void;
}

/** Entries that ended early lie in the queue until their time; more than this are swept out. */
const LEFT_BEHIND_MAX = 1_024;

const lines = new WeakMap<Clock, Map<number, Line>>();

function enter(clock: Clock, deadlineMs: number, expire: () => void): Entry {
  const byLength = lines.get(clock) ?? new Map<number, Line>();
  lines.set(clock, byLength);
  const line = byLength.get(deadlineMs) ?? { entries: [], live: 0, timer: null };
  byLength.set(deadlineMs, line);
  const entry = { at: clock.now() + deadlineMs, live: true, line, expire };
  line.entries.push(entry);
  line.live++;
  if (line.timer === null) void tend(clock, line);
  return entry;
}

function leave(entry: Entry): void {
  if (!entry.live) return;
  entry.live = false;
  const { line } = entry;
  line.live--;
  if (line.entries.length > 2 * line.live + LEFT_BEHIND_MAX) line.entries = line.entries.filter(({ live }) => live);
  if (line.live > 0) return;
  // Nothing is waited for any more: no timer may keep the process, or a simulation, awake.
  line.entries = [];
  line.timer?.abort(OVER);
  line.timer = null;
}

async function tend(clock: Clock, line: Line): Promise<void> {
  const timer = new AbortController();
  line.timer = timer;
  while (line.timer === timer) {
    const first = line.entries.find((entry) => entry.live);
    if (!first) return;
    await clock.sleep(Math.max(1, first.at - clock.now()), timer.signal);
    if (line.timer !== timer) return;
    const now = clock.now();
    const due = line.entries.filter((entry) => entry.live && entry.at <= now);
    line.entries = line.entries.filter((entry) => entry.live && entry.at > now);
    for (const entry of due) entry.expire();
  }
}
