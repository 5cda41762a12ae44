/** Time, randomness and identity enter the engine here, so that a simulation can own them. */
export interface Clock {
  /** Epoch milliseconds. */
  now(): number;
  /** Resolves after `ms`, or at once when the signal aborts. */
  sleep(ms: number, signal?: AbortSignal): Promise<void>;
}

export interface Random {
  /** In [0, 1). */
  next(): number;
}

export interface Ids {
  /** A UUIDv7. */
  uid(): string;
}

export interface Environment {
  clock: Clock;
  random: Random;
  ids: Ids;
}

export function iso(epochMs: number): string {
  return new Date(epochMs).toISOString();
}
