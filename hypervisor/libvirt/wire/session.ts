/** A libvirt session: calls, transfers and events over one connection that comes back by itself when it was lost. */
import type { Connection } from './connection.ts';
import { Unreachable } from './errors.ts';
import { notify } from './notify.ts';
import type { EventKind, Procedure, StreamProcedure } from './procedure.ts';
import { procedures } from './procedures.ts';
import { Reconnector } from './reconnect.ts';
import type { CallOptions, Session, SessionOptions, SessionState, Subscription } from './session-types.ts';
import type { StreamOptions, StreamPiece, WireStream } from './streams.ts';
import { Subscriptions } from './subscriptions.ts';
import { systemTimers, type Timers } from './timers.ts';
import { type DownloadOptions, filled, receiveAll, sendAll, type UploadOptions } from './transfer.ts';
import { parseUri } from './transport/uri.ts';

/** Starts a session, which begins to connect at once. Throws InvalidUri when the URI cannot be used; all else shows in its state. */
export function openSession(options: SessionOptions): Session {
  return new LibvirtSession(options);
}

class LibvirtSession implements Session {
  readonly uri: string;
  readonly #options: SessionOptions;
  readonly #timers: Timers;
  readonly #subscriptions = new Subscriptions();
  readonly #listeners = new Set<(state: SessionState) => void>();
  readonly #reconnector: Reconnector;
  #state: SessionState = { name: 'connecting', attempt: 0 };

  constructor(options: SessionOptions) {
    this.uri = options.uri;
    this.#options = options;
    this.#timers = options.timers ?? systemTimers;
    this.#reconnector = new Reconnector({
      target: parseUri(options.uri, process.env),
      options,
      onEvent: (packet) => this.#subscriptions.deliver(packet),
      prepare: (connection) => this.#subscriptions.attach(connection),
      onState: (state) => this.#become(state),
    });
    void this.#reconnector.attempt();
  }

  get state(): SessionState {
    return this.#state;
  }

  async connected(timeoutMs = this.#options.connectTimeoutMs ?? 15_000): Promise<void> {
    if (this.#state.name === 'up') return;
    await new Promise<void>((resolve, reject) => {
      const timer = this.#timers.setTimeout(() => settle(this.#unreachable()), timeoutMs);
      const settle = (error: Error | null) => {
        stop();
        this.#timers.clearTimeout(timer);
        if (error) reject(error);
        else resolve();
      };
      const stop = this.onState((state) => {
        if (state.name === 'up') settle(null);
        if (state.name === 'closed') settle(this.#unreachable());
      });
      if (this.#state.name === 'closed') settle(this.#unreachable());
    });
  }

  async call<A, R>(procedure: Procedure<A, R>, args: A, options?: CallOptions): Promise<R> {
    return await this.#up().call(procedure, args, options);
  }

  async upload<A, R>(
    procedure: StreamProcedure<A, R>,
    args: A,
    source: AsyncIterable<StreamPiece>,
    options: UploadOptions = {},
  ): Promise<{ bytes: number }> {
    const limits = limitsOf(options);
    const { stream } = await this.#up().openStream(procedure, args, limits);
    const { stallTimeoutMs } = limits;
    return await sendAll({ stream, source, stallTimeoutMs, timers: this.#timers, onProgress: options.onProgress });
  }

  download<A, R>(procedure: StreamProcedure<A, R>, args: A, options: DownloadOptions = {}): AsyncGenerator<Uint8Array> {
    return filled(this.downloadSparse(procedure, args, options));
  }

  async *downloadSparse<A, R>(
    procedure: StreamProcedure<A, R>,
    args: A,
    options: DownloadOptions = {},
  ): AsyncGenerator<StreamPiece> {
    const { stream } = await this.#up().openStream(procedure, args, limitsOf(options));
    yield* receiveAll(stream, options.onProgress);
  }

  async openStream<A, R>(
    procedure: StreamProcedure<A, R>,
    args: A,
    options: CallOptions = {},
  ): Promise<{ result: R; stream: WireStream }> {
    return await this.#up().openStream(procedure, args, { ...limitsOf(options), patient: true });
  }

  subscribe<E>(kind: EventKind<E>, listener: (event: E) => void): Subscription {
    return this.#subscriptions.add(kind, listener);
  }

  onState(listener: (state: SessionState) => void): () => void {
    const mine = (state: SessionState) => listener(state);
    this.#listeners.add(mine);
    return () => this.#listeners.delete(mine);
  }

  async close(): Promise<void> {
    if (this.#state.name === 'closed') return;
    const connection = this.#reconnector.connection;
    this.#become({ name: 'closed' });
    // libvirtd tidies up at once when told; when it does not answer, hanging up tells it too.
    await connection?.call(procedures.connectClose, {}, { timeoutMs: 2000 }).catch(() => undefined);
    this.#reconnector.close();
  }

  #up(): Connection {
    const connection = this.#state.name === 'closed' ? null : this.#reconnector.connection;
    if (!connection) throw this.#unreachable();
    return connection;
  }

  #become(state: SessionState): void {
    if (this.#state.name === 'closed') return;
    this.#state = state;
    for (const listener of [...this.#listeners]) notify(listener, state);
  }

  #unreachable(): Unreachable {
    const state = this.#state;
    if (state.name === 'closed') return new Unreachable(this.uri, 'the session was closed');
    if (state.name === 'up') return new Unreachable(this.uri, 'the connection is just ending');
    return new Unreachable(this.uri, state.cause ?? 'no connection has been made yet');
  }
}

function limitsOf(options: UploadOptions): StreamOptions & { timeoutMs?: number } {
  return {
    stallTimeoutMs: options.stallTimeoutMs ?? 60_000,
    finishTimeoutMs: options.finishTimeoutMs ?? 600_000,
    ...(options.timeoutMs === undefined ? {} : { timeoutMs: options.timeoutMs }),
  };
}
