import type { Timers } from './timers.ts';

/** Time for tests: it passes when it is told to. */
export class ManualTimers implements Timers {
  #now = 0;
  #serial = 0;
  readonly #due = new Map<number, { at: number; callback: () => void }>();

  now(): number {
    return this.#now;
  }

  setTimeout(callback: () => void, delayMs: number): unknown {
    this.#due.set(++this.#serial, { at: this.#now + delayMs, callback });
    return this.#serial;
  }

  clearTimeout(handle: unknown): void {
    this.#due.delete(handle as number);
  }

  get pending(): number {
    return this.#due.size;
  }

  /** Runs everything that falls due within the time, in order, letting promises settle in between. */
  async pass(ms: number): Promise<void> {
    const end = this.#now + ms;
    for (;;) {
      await settled();
      const [next] = [...this.#due].filter(([, { at }]) => at <= end).sort(([, one], [, other]) => one.at - other.at);
      if (!next) break;
      const [handle, { at, callback }] = next;
      this.#due.delete(handle);
      this.#now = at;
      callback();
    }
    this.#now = end;
    await settled();
  }
}

/** Waits until streams and promises have handed on what they had. */
export async function settled(): Promise<void> {
  for (let turn = 0; turn < 5; turn++) await new Promise((resolve) => setImmediate(resolve));
}
