import { type Ending, type EndingListener, OVER } from './deadline.ts';
import type { Engine } from './engine.ts';
import { reconcileOnce } from './reconcile.ts';
import type { Claim, EngineStore } from './store.ts';

export interface WorkerOptions {
  holder: string;
  /** Shards that this instance holds now. */
  shards(): readonly number[];
  leaseMs: number;
  /** Reconciles under way at most. */
  concurrency: number;
  /** Longest sleep between two looks at the queue: notifications are hints, this is the truth. */
  pollMs: number;
}

export interface Worker {
  /** Look at the queue now rather than at the next poll. */
  poke(): void;
  /** Resolves when the loop has ended and every reconcile under way is finished. */
  done: Promise<void>;
  stats(): { inFlight: number };
}

/** As an AbortSignal, for a fraction of its cost: thousands begin and end a second, and hardly any is ever lost. */
class Lease implements Ending {
  aborted = false;
  #listeners: EndingListener[] = [];

  lose(): void {
    if (this.aborted) return;
    this.aborted = true;
    const told = this.#listeners;
    this.#listeners = [];
    for (const listener of told) listener.handleEvent();
  }

  addEventListener(_type: 'abort', listener: EndingListener): void {
    this.#listeners.push(listener);
  }

  removeEventListener(_type: 'abort', listener: EndingListener): void {
    const at = this.#listeners.indexOf(listener);
    if (at >= 0) this.#listeners.splice(at, 1);
  }
}

interface InFlight {
  claim: Claim;
  lease: Lease;
  /** Until when the lease surely holds, on the engine's clock: counted from before it was asked for. */
  until: number;
}

/** Claims due rows in batches and reconciles them side by side, until `stop` aborts; then waits for those under way. */
export function startWorker<Ports>(
  engine: Engine<Ports>,
  store: EngineStore,
  options: WorkerOptions,
  stop: AbortSignal,
): Worker {
  const { clock } = engine.environment;
  const inFlight = new Map<string, InFlight>();
  let wake: AbortController = new AbortController();
  const poke = () => wake.abort(OVER);

  const run = async (claim: Claim, until: number) => {
    const entry = { claim, lease: new Lease(), until };
    // A row that is claimed again while it is under way was lost meanwhile, and found again.
    inFlight.get(claim.uid)?.lease.lose();
    inFlight.set(claim.uid, entry);
    try {
      await reconcileOnce(engine, claim, entry.lease, () => clock.now() < entry.until);
    } finally {
      if (inFlight.get(claim.uid) === entry) inFlight.delete(claim.uid);
      if (hasRoom() || stop.aborted) poke();
    }
  };

  // Claiming one row whenever one reconcile ends would cost a round trip each; an eighth of the room makes it a batch.
  const hasRoom = () => options.concurrency - inFlight.size >= Math.max(1, options.concurrency / 8);

  const claimSome = async (): Promise<number> => {
    const limit = options.concurrency - inFlight.size;
    const shards = options.shards();
    if (!hasRoom() || shards.length === 0) return 0;
    const until = clock.now() + options.leaseMs;
    const claims = await store.claim({ shards, limit, leaseMs: options.leaseMs, holder: options.holder });
    for (const claim of claims) void run(claim, until);
    return claims.length;
  };

  const sleepMs = async (): Promise<number> => {
    const due = hasRoom() ? await store.nextDueAt(options.shards()) : null;
    if (due === null) return options.pollMs;
    return Math.max(0, Math.min(options.pollMs, due - (await store.now())));
  };

  const loop = async () => {
    while (!stop.aborted) {
      wake = new AbortController();
      if (stop.aborted) break;
      const claimed = await guarded(engine, claimSome, 0);
      if (claimed > 0) continue;
      await engine.environment.clock.sleep(await guarded(engine, sleepMs, options.pollMs), wake.signal);
    }
    while (inFlight.size > 0) {
      wake = new AbortController();
      if (inFlight.size > 0) await engine.environment.clock.sleep(options.pollMs, wake.signal);
    }
  };

  stop.addEventListener('abort', poke, { once: true });
  const done = Promise.all([loop(), keepLeases(engine, store, { ...options, inFlight, stop })]).then(() => undefined);
  return { poke, done, stats: () => ({ inFlight: inFlight.size }) };
}

/** Renews the leases of what is under way at thirds; a reconcile whose lease is lost stops before its next act. */
async function keepLeases<Ports>(
  engine: Engine<Ports>,
  store: EngineStore,
  { leaseMs, inFlight, stop }: { leaseMs: number; inFlight: ReadonlyMap<string, InFlight>; stop: AbortSignal },
): Promise<void> {
  while (!stop.aborted || inFlight.size > 0) {
    await engine.environment.clock.sleep(leaseMs / 3, stop.aborted ? undefined : stop);
    const held = [...inFlight.values()];
    if (held.length === 0) continue;
    const until = engine.environment.clock.now() + leaseMs;
    const lost = await guarded(
      engine,
      (): Promise<ReadonlySet<string> | null> =>
        store.renew(
          held.map(({ claim }) => claim),
          leaseMs,
        ),
      null,
    );
    if (lost === null) continue;
    for (const entry of held) {
      if (lost.has(entry.claim.uid)) entry.lease.lose();
      else entry.until = until;
    }
  }
}

/** A store that does not answer costs a round of the loop, not the loop. */
async function guarded<Ports, T>(engine: Engine<Ports>, work: () => Promise<T>, otherwise: T): Promise<T> {
  try {
    return await work();
  } catch (error) {
    engine.watcher.storeFailed?.(error);
    await engine.environment.clock.sleep(250);
    return otherwise;
  }
}
