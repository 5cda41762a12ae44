/** Wakes everybody who waits for a change: watches and the worker. A hint; every waiter also has a longest wait. */
export interface ChangeBell {
  ring(): void;
  /** Resolves at the next ring, after `maxMs`, or when the signal aborts. */
  next(maxMs: number, signal: AbortSignal): Promise<void>;
}

export function createChangeBell(): ChangeBell {
  const waiting = new Set<() => void>();
  return {
    ring: () => {
      for (const wake of [...waiting]) wake();
    },
    next: (maxMs, signal) =>
      new Promise((resolve) => {
        const wake = () => {
          waiting.delete(wake);
          clearTimeout(timer);
          signal.removeEventListener('abort', wake);
          resolve();
        };
        const timer = setTimeout(wake, maxMs);
        waiting.add(wake);
        signal.addEventListener('abort', wake, { once: true });
        if (signal.aborted) wake();
      }),
  };
}
