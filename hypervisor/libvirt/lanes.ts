import { Unreachable } from './wire/errors.ts';
import type { Procedure } from './wire/procedure.ts';
import { openSession } from './wire/session.ts';
import type { CallOptions, Session } from './wire/session-types.ts';
import type { Timers } from './wire/timers.ts';

/**
 * A host's connections, by what can hold them up. libvirtd serves five calls of a connection at once and reads nothing more while
 * all are busy, and one hung guest holds every call into its monitor for good: so each kind of work has a connection of its own.
 * 8 + 3 × 4 = 20 calls at most are in flight, libvirtd's own number of workers.
 */
export interface Lanes {
  /** Reads that never enter a guest's monitor: listings, states, XML. Also carries the events. */
  readonly inventory: Lane;
  /** Changes that do not depend on a guest's monitor: define, destroy, networks, pools, volumes. */
  readonly acts: Lane;
  /** Calls into guests' monitors, one a guest (see monitor-gate.ts). */
  readonly monitor: Lane;
  /** Uploads, downloads, copies, consoles, migrations. */
  readonly transfers: Lane;
  close(): Promise<void>;
}

export interface LaneOptions {
  uri: string;
  timers: Timers;
  random: () => number;
  connectTimeoutMs: number;
  backoff?: { firstMs: number; maxMs: number };
}

export function openLanes(options: LaneOptions): Lanes {
  const lanes = {
    inventory: new Lane(options, 8),
    acts: new Lane(options, 4),
    monitor: new Lane(options, 4),
    transfers: new Lane(options, 4),
  };
  return {
    ...lanes,
    close: async () => {
      await Promise.all(Object.values(lanes).map((lane) => lane.close()));
    },
  };
}

/** One session, opened at its first use. A caller waits for a first connection, but never for one that keeps failing. */
export class Lane {
  readonly #options: LaneOptions;
  readonly #window: number;
  #session: Session | null = null;
  #closed = false;

  constructor(options: LaneOptions, window: number) {
    this.#options = options;
    this.#window = window;
  }

  get session(): Session {
    if (this.#closed) throw new Unreachable(this.#options.uri, 'the connection was closed');
    const { uri, timers, random, connectTimeoutMs, backoff } = this.#options;
    this.#session ??= openSession({
      uri,
      timers,
      random,
      connectTimeoutMs,
      window: this.#window,
      callTimeoutMs: usualTimeoutMs,
      keepalive: { intervalMs: 3000, count: 4 },
      ...(backoff ? { backoff } : {}),
    });
    return this.#session;
  }

  /** Rejects with Unreachable at once when the last attempt failed, and after the first attempt's time at the latest. */
  async ready(): Promise<Session> {
    const { session } = this;
    const { state } = session;
    if (state.name === 'up') return session;
    if (state.name !== 'connecting' || state.attempt > 0) {
      throw new Unreachable(session.uri, 'cause' in state ? state.cause : 'the connection is down');
    }
    await firstAttempt(session);
    return session;
  }

  async call<A, R>(procedure: Procedure<A, R>, args: A, options?: CallOptions): Promise<R> {
    const session = this.#session?.state.name === 'up' ? this.#session : await this.ready();
    return await session.call(procedure, args, options);
  }

  async close(): Promise<void> {
    this.#closed = true;
    await this.#session?.close();
  }
}

/** Reads and plain changes are answered in milliseconds; a host that says nothing for so long is not there. */
const usualTimeoutMs = 15_000;

/** The session's own deadline ends its first attempt one way or the other. */
function firstAttempt(session: Session): Promise<void> {
  return new Promise((resolve, reject) => {
    const stop = session.onState((state) => {
      if (state.name === 'connecting') return;
      stop();
      if (state.name === 'up') resolve();
      else reject(new Unreachable(session.uri, state.name === 'down' ? state.cause : 'the connection was closed'));
    });
  });
}
