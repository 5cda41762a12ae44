import type { Clock } from './clock.ts';

export type Timed<T> = { outcome: 'done'; value: T } | { outcome: 'timedOut' } | { outcome: 'aborted' };

/** What can end something that is under way: an AbortSignal, or something lighter of the same shape. */
export interface Ending {
  readonly aborted: boolean;
  addEventListener(type: 'abort', listener: EndingListener, options?: { once: boolean }): void;
  removeEventListener(type: 'abort', listener: EndingListener): void;
}

export interface EndingListener {
  handleEvent(): void;
}

/** Given as the reason of every abort here: making an exception for each would cost a stack trace. */
export const OVER = Object.freeze({ name: 'AbortError', message: 'The deadline has passed, or the lease was lost.' });

/**
 * Runs `work` with a signal that aborts at the deadline or with `outer`. The answer never waits longer than the deadline. Thousands
 * of these are under way at once, so the signal is made only when asked for and all deadlines of one length share a timer.
 */
export function withDeadline<T>(
  clock: Clock,
  { deadlineMs, outer }: { deadlineMs: number; outer: Ending | null },
  work: (signal: () => AbortSignal) => Promise<T>,
): Promise<Timed<T>> {
  if (outer?.aborted) return Promise.resolve({ outcome: 'aborted' });
  return new Promise((resolve, reject) => {
    const entry = new Entry<T>({ at: clock.now() + deadlineMs, line: lineOf(clock, deadlineMs), outer, resolve });
    enter(clock, entry);
    work(() => entry.signal()).then(
      (value) => {
        entry.end();
        resolve({ outcome: 'done', value });
      },
      (error: unknown) => {
        entry.end();
        reject(error);
      },
    );
  });
}

/** One that is under way. Its own listener, since closures for each would be most of what it costs. */
class Entry<T = unknown> implements EndingListener {
  readonly at: number;
  readonly line: Line;
  live = true;
  #outer: Ending | null;
  /** Null once it has ended: it may lie in its line until its time, and must not keep an answer alive so long. */
  #resolve: ((timed: Timed<T>) => void) | null;
  #inner: AbortController | null = null;

  constructor(given: { at: number; line: Line; outer: Ending | null; resolve: (timed: Timed<T>) => void }) {
    this.at = given.at;
    this.line = given.line;
    this.#outer = given.outer;
    this.#resolve = given.resolve;
    this.#outer?.addEventListener('abort', this, { once: true });
  }

  signal(): AbortSignal {
    this.#inner ??= new AbortController();
    return this.#inner.signal;
  }

  expire(): void {
    this.#give('timedOut');
  }

  handleEvent(): void {
    this.#give('aborted');
  }

  end(): void {
    if (!this.live) return;
    this.live = false;
    this.#outer?.removeEventListener('abort', this);
    this.#outer = null;
    this.#resolve = null;
    leave(this.line);
  }

  #give(outcome: 'timedOut' | 'aborted'): void {
    if (!this.live) return;
    const resolve = this.#resolve;
    this.end();
    this.#inner?.abort(OVER);
    resolve?.({ outcome });
  }
}

/** Deadlines of one length on one clock come due in the order in which they were set: a queue and one timer serve them all. */
interface Line {
  entries: Pick<Entry, 'at' | 'live' | 'expire'>[];
  live: number;
  timer: AbortController | null;
}

/** Entries that ended early lie in the queue until their time; more than this are swept out. */
const LEFT_BEHIND_MAX = 1_024;

const lines = new WeakMap<Clock, Map<number, Line>>();

function lineOf(clock: Clock, deadlineMs: number): Line {
  const byLength = lines.get(clock) ?? new Map<number, Line>();
  lines.set(clock, byLength);
  const line = byLength.get(deadlineMs) ?? { entries: [], live: 0, timer: null };
  byLength.set(deadlineMs, line);
  return line;
}

function enter(clock: Clock, entry: Pick<Entry, 'at' | 'live' | 'expire' | 'line'>): void {
  const { line } = entry;
  line.entries.push(entry);
  line.live++;
  if (line.timer === null) void tend(clock, line);
}

function leave(line: Line): void {
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
