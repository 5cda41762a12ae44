import type { Clock } from '../../reconciler/clock.ts';
import { createCoverage } from '../../reconciler/coverage.ts';
import { DEFAULT_OPTIONS, type Engine, type EngineOptions } from '../../reconciler/engine.ts';
import { openSession } from '../../reconciler/session.ts';
import { type EngineStore, SHARDS } from '../../reconciler/store.ts';
import { startWorker, type Worker } from '../../reconciler/worker.ts';
import type { Ports } from '../../resources/ports.ts';
import { CALL_TIMEOUT_MS, type Cluster, INSTALLATION } from './cluster.ts';
import { InjectedError } from './faults.ts';
import { replicaPorts } from './replica-ports.ts';
import { replicaStore } from './replica-store.ts';
import type { Watch } from './watch.ts';

const SHARD_LIST = Array.from({ length: SHARDS }, (_, shard) => shard);

/** What a test can break on purpose: wrappers around the parts of every process. */
export interface Sabotage {
  store?(store: EngineStore, cluster: Cluster): EngineStore;
  ports?(ports: Ports, cluster: Cluster): Ports;
  options?: Partial<EngineOptions>;
}

/** Life of one process: whoever is dead never goes on, whoever is stalled goes on later. */
export interface Life {
  name: string;
  dead: boolean;
  stalledUntil: number;
  /** Uid → until when its leases hold, as far as the database told it. */
  leases: Map<string, { epoch: number; until: number }>;
  /** Uid → epoch of the newest claim that it was given. */
  granted: Map<string, number>;
  /** Passed before and after whatever it does. */
  gate(): Promise<void> | null;
  crash(why: string): Promise<never>;
}

export interface Replica {
  life: Life;
  worker: Worker;
  stop(): void;
  poke(): void;
}

/** A promise of its own for each who waits: one that all share would keep everybody who ever waited, and with them whole worlds. */
const never = () => new Promise<never>(() => undefined);

export function startReplica(
  cluster: Cluster,
  watch: Watch,
  { name, sabotage, onCrash }: { name: string; sabotage: Sabotage; onCrash(): void },
): Replica {
  const life = createLife(cluster, name, () => onCrash());
  const clock = replicaClock(cluster, life);
  const faulty = replicaStore(cluster, life, watch);
  const store = sabotage.store?.(faulty, cluster) ?? faulty;
  const real = replicaPorts(cluster, life, watch);
  const ports = sabotage.ports?.(real.ports, cluster) ?? real.ports;
  const engine = engineOf(cluster, { life, clock, store, ports, sabotage, watch });
  const stop = new AbortController();
  void keepCovering(cluster, engine, life);
  const { leaseMs, pollMs, concurrency } = cluster.options;
  const options = { holder: name, shards: () => SHARD_LIST, leaseMs, pollMs, concurrency };
  const worker = startWorker(engine, store, options, stop.signal);
  const unlisten = listen(cluster, { ports, store, worker });
  watch.enlist(ports, life);
  cluster.trace.note(`${name} starts`);
  return {
    life,
    worker,
    poke: () => {
      if (!life.dead) worker.poke();
    },
    stop: () => {
      life.dead = true;
      unlisten();
      void real.close();
    },
  };
}

function engineOf(
  cluster: Cluster,
  parts: { life: Life; clock: Clock; store: EngineStore; ports: Ports; sabotage: Sabotage; watch: Watch },
): Engine<Ports> {
  const { life, clock, store, ports, sabotage } = parts;
  const random = cluster.prng.fork(`random ${life.name}`);
  return {
    registry: cluster.registry as Engine<Ports>['registry'],
    store: openSession(store),
    ports,
    environment: { clock, ids: cluster.ids, random },
    installationId: INSTALLATION,
    options: {
      ...DEFAULT_OPTIONS,
      resyncMs: cluster.options.resyncMs,
      takeoverGraceMs: CALL_TIMEOUT_MS,
      backoff: { firstMs: 1_000, capMs: 60_000 },
      ...sabotage.options,
    },
    watcher: {
      reconciled: ({ claim, outcome, reason }) => {
        if (!life.dead) cluster.trace.note(`${life.name} ${tail(claim.uid)} ${outcome}${reason ? ` ${reason}` : ''}`);
      },
      acted: ({ uid, verb, ok, reason }) => {
        if (!life.dead) cluster.trace.note(`${life.name} ${tail(uid)} ${verb} ${ok ? 'done' : reason}`);
      },
      defect: ({ error, claim }) => {
        if (error instanceof InjectedError || life.dead) return;
        const text = error instanceof Error ? (error.stack ?? error.message) : String(error);
        cluster.violate('defect', `${claim.kind} ${tail(claim.uid)}: ${text}`);
      },
    },
  };
}

export const tail = (uid: string) => uid.slice(-4);

function createLife(cluster: Cluster, name: string, onCrash: () => void): Life {
  const life: Life = {
    name,
    dead: false,
    stalledUntil: 0,
    leases: new Map(),
    granted: new Map(),
    gate: () => {
      // A broken promise ends the run, also one that would go on at this instant for ever.
      if (life.dead || cluster.violations.length > 0) return never();
      return life.stalledUntil > cluster.clock.now() ? held() : null;
    },
    crash: (why) => {
      if (!life.dead) {
        cluster.trace.note(`${name} crashes ${why}`);
        life.dead = true;
        onCrash();
      }
      return never();
    },
  };
  const held = async () => {
    await cluster.clock.sleep(life.stalledUntil - cluster.clock.now());
    await life.gate();
  };
  return life;
}

function replicaClock({ clock }: Cluster, life: Life): Clock {
  return {
    now: clock.now,
    sleep: async (ms, signal) => {
      await clock.sleep(ms, signal);
      await life.gate();
    },
  };
}

const COVER_EVERY_MS = 30_000;

/** Which places answered is written down every half minute, as in production; a process that ends takes the last of it along. */
async function keepCovering({ clock, store, options }: Cluster, engine: Engine<Ports>, life: Life): Promise<void> {
  const coverage = createCoverage({ bridgeMs: 2 * options.resyncMs });
  engine.watcher.observed = ({ places, at }) => coverage.answered(places, at);
  while (!life.dead) {
    await clock.sleep(COVER_EVERY_MS);
    await life.gate();
    await store.cover(coverage.take());
  }
}

/** Hints of hosts make objects due, as in production; on their way they get lost, doubled and late. */
function listen(
  { chaos, clock }: Cluster,
  { ports, store, worker }: { ports: Ports; store: EngineStore; worker: Worker },
): () => void {
  const deliver = async (place: string, uid: string | null) => {
    try {
      if (chaos.strikes('delayedHint')) await clock.sleep(chaos.prng.int(100, 20_000));
      if (uid === null) await store.wakePlace(place);
      await store.wake([uid ?? place]);
      worker.poke();
    } catch {
      // A hint that is lost costs latency only.
    }
  };
  return ports.hypervisors.onChange((place, { uid }) => {
    void deliver(place, uid);
    if (chaos.strikes('duplicateHint')) void deliver(place, uid);
  });
}
