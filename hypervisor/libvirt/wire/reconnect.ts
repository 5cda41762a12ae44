/** Keeps one connection alive: dials, opens, and after a loss does so again, ever more slowly while it fails. */
import { Connection } from './connection.ts';
import { asError } from './errors.ts';
import type { Packet } from './framing.ts';
import { handshake } from './handshake.ts';
import type { SessionOptions, SessionState } from './session-types.ts';
import { systemTimers, type Timers } from './timers.ts';
import { dial } from './transport/dial.ts';
import type { Target } from './transport/uri.ts';

export interface Backoff {
  readonly firstMs: number;
  readonly maxMs: number;
}

/** The wait before attempt n (0 the first): doubled each time up to a cap, then anywhere in its upper half. */
export function backoffMs(backoff: Backoff, attempt: number, random: number): number {
  const capMs = Math.min(backoff.maxMs, backoff.firstMs * 2 ** Math.min(attempt, 30));
  return Math.round(capMs / 2 + (capMs / 2) * random);
}

interface Surroundings {
  readonly target: Target;
  readonly options: SessionOptions;
  onEvent(packet: Packet): void;
  /** Prepares a fresh connection (events) before it counts as up. */
  prepare(connection: Connection): Promise<void>;
  onState(state: SessionState): void;
}

/** A connection that lasted this long was a good one: the next loss starts again with a short wait. */
const settledMs = 10_000;

export class Reconnector {
  readonly #around: Surroundings;
  readonly #timers: Timers;
  readonly #backoff: Backoff;
  readonly #connectTimeoutMs: number;
  readonly #random: () => number;
  readonly #stop = new AbortController();
  #connection: Connection | null = null;
  #timer: unknown = null;
  #attempt = 0;
  #epoch = 0;

  constructor(around: Surroundings) {
    this.#around = around;
    this.#timers = around.options.timers ?? systemTimers;
    this.#backoff = around.options.backoff ?? { firstMs: 250, maxMs: 30_000 };
    this.#connectTimeoutMs = around.options.connectTimeoutMs ?? 15_000;
    this.#random = around.options.random ?? Math.random;
  }

  /** The connection that is up, if one is. */
  get connection(): Connection | null {
    return this.#connection;
  }

  /** Makes one attempt; whatever comes of it, the next one is arranged. Never rejects. */
  async attempt(cause?: Error): Promise<void> {
    this.#around.onState({ name: 'connecting', attempt: this.#attempt, ...(cause ? { cause } : {}) });
    try {
      const connection = await this.#establish();
      const upAt = this.#timers.now();
      this.#connection = connection;
      this.#around.onState({ name: 'up', epoch: ++this.#epoch });
      const reason = await connection.ended;
      if (this.#timers.now() - upAt >= settledMs) this.#attempt = 0;
      this.#retry(reason);
    } catch (error) {
      this.#retry(asError(error));
    }
  }

  close(): void {
    this.#stop.abort(new Error('the session was closed'));
    this.#timers.clearTimeout(this.#timer);
    this.#connection?.close();
    this.#connection = null;
  }

  /** Dials, authenticates, opens and prepares, all within one deadline. */
  async #establish(): Promise<Connection> {
    const deadline = new AbortController();
    const onStop = () => deadline.abort(this.#stop.signal.reason);
    this.#stop.signal.addEventListener('abort', onStop);
    const timer = this.#timers.setTimeout(() => {
      deadline.abort(new Error(`no connection within ${this.#connectTimeoutMs} ms`));
    }, this.#connectTimeoutMs);
    try {
      this.#stop.signal.throwIfAborted();
      const socket = await dial(this.#around.target.transport, deadline.signal);
      const connection = new Connection(socket, this.#around.options, (packet) => this.#around.onEvent(packet));
      deadline.signal.addEventListener('abort', () => connection.close(deadline.signal.reason));
      if (deadline.signal.aborted) connection.close(deadline.signal.reason);
      await this.#open(connection);
      return connection;
    } finally {
      this.#timers.clearTimeout(timer);
      this.#stop.signal.removeEventListener('abort', onStop);
    }
  }

  async #open(connection: Connection): Promise<void> {
    try {
      await handshake(connection, this.#around.target.remoteUri, this.#connectTimeoutMs);
      await this.#around.prepare(connection);
    } catch (error) {
      connection.close(asError(error));
      throw error;
    }
  }

  #retry(cause: Error): void {
    this.#connection = null;
    if (this.#stop.signal.aborted) return;
    const retryInMs = backoffMs(this.#backoff, this.#attempt, this.#random());
    this.#attempt++;
    this.#timer = this.#timers.setTimeout(() => void this.attempt(cause), retryInMs);
    this.#around.onState({ name: 'down', attempt: this.#attempt, retryInMs, cause });
  }
}
