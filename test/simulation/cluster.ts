import { hostFromUri } from '../../hypervisor/memory/host-uri.ts';
import type { VolumeState } from '../../hypervisor/memory/state.ts';
import { createWorld, type World } from '../../hypervisor/memory/world.ts';
import type { Admission } from '../../reconciler/admission/apply.ts';
import type { Ids } from '../../reconciler/clock.ts';
import { createVirtualClock, type VirtualClock } from '../../reconciler/forecast/virtual-clock.ts';
import { createEngineStore } from '../../reconciler/memory/engine-store.ts';
import { createObjectStore } from '../../reconciler/memory/object-store.ts';
import { createTables, type Tables } from '../../reconciler/memory/tables.ts';
import type { Registry } from '../../reconciler/registry.ts';
import type { EngineStore, ObjectStore } from '../../reconciler/store.ts';
import { testSealer } from '../fixtures/sealer.ts';
import { type Chaos, createChaos, hostFaults } from './chaos.ts';
import { createGuests, type Guests } from './guests.ts';
import type { Options } from './options.ts';
import { createPrng, type Prng } from './prng.ts';
import { createTrace, type Trace } from './trace.ts';

export const STARTED_AT = Date.parse('2026-01-01T00:00:00Z');
export const INSTALLATION = 'simulated';
/** Deadline of calls to hosts that give none. The longest that an effect may be under way when its caller is gone. */
export const CALL_TIMEOUT_MS = 15_000;

/** What all processes share: time, the database, the hosts, chance, and the record of what went wrong. */
export interface Cluster {
  options: Options;
  clock: VirtualClock;
  prng: Prng;
  chaos: Chaos;
  trace: Trace;
  registry: Registry;
  tables: Tables;
  store: EngineStore & ObjectStore;
  world: World;
  ids: Ids;
  sealer: Admission['sealer'];
  /** Broken promises; the run ends at the first. */
  violations: string[];
  violate(promise: string, what: string): void;
  /** When the effects of all late calls will have landed. */
  lateUntil: number;
  /** When somebody or something last changed a host without being asked. */
  disturbedAt: number;
  /** Uids whose every act fails. */
  poisoned: Set<string>;
  /** Everything is right: from now on nothing may be changed or written. */
  quiet: boolean;
  /** Milliseconds by which the clock of those who take users' orders is wrong. */
  wallClockSkewMs: number;
  guests: Guests;
  /** When each object was first given to a process. */
  seenAt: Map<string, number>;
  /** Things of others, as they left them. */
  foreign: Map<string, { was: string; now(): string }>;
}

export function createCluster(options: Options, registry: Registry, planned?: Chaos): Cluster {
  const clock = createVirtualClock(STARTED_AT);
  const prng = createPrng(options.seed);
  const chaos = planned ?? createChaos(options.rates, prng.fork('chaos'));
  const trace = createTrace(clock.now, STARTED_AT);
  const tables = createTables(clock, registry);
  const poisoned = new Set<string>();
  const latency = prng.fork('latency');
  const faults = hostFaults(chaos, {
    timeoutMs: CALL_TIMEOUT_MS,
    late: (landsInMs) => {
      cluster.lateUntil = Math.max(cluster.lateUntil, clock.now() + landsInMs);
      cluster.disturbedAt = cluster.lateUntil;
    },
    deleting: () => [...tables.objects.all()].some(({ metadata }) => metadata.deletedAt !== null),
    poisoned: (uid) => uid !== null && [...poisoned].some((bad) => uid.includes(bad)),
  });
  const world = createWorld({
    clock,
    faults,
    settings: {
      timeoutMs: CALL_TIMEOUT_MS,
      latencyMs: () => (options.latencyMs === 0 ? 0 : latency.int(0, options.latencyMs)),
      transferMiBPerSecond: options.transferMiBPerSecond,
    },
  });
  let made = 0;
  const cluster: Cluster = {
    options,
    clock,
    prng,
    chaos,
    trace,
    registry,
    tables,
    store: { ...createEngineStore(tables), ...createObjectStore(tables) },
    world,
    ids: { uid: () => `01940000-0000-7000-8000-${(++made).toString(16).padStart(12, '0')}` },
    sealer: testSealer,
    violations: [],
    violate: (promise, what) => {
      trace.note(`VIOLATION ${promise}: ${what}`);
      cluster.violations.push(`${promise}: ${what}`);
    },
    lateUntil: 0,
    disturbedAt: 0,
    poisoned,
    quiet: false,
    wallClockSkewMs: 0,
    guests: createGuests({ world, clock }, prng.fork('guests')),
    seenAt: new Map(),
    foreign: new Map(),
  };
  addHosts(cluster);
  return cluster;
}

export const SHARED_PATH = '/pools/shared';
export const hostNames = ({ hosts }: Pick<Options, 'hosts'>) =>
  Array.from({ length: hosts }, (_, index) => `h${index + 1}`);
export const hostUri = (name: string, { tight }: Pick<Options, 'tight'>) =>
  tight ? `memory://${name}?cpus=3&memoryGiB=2&storageGiB=16` : `memory://${name}?cpus=16&memoryGiB=32&storageGiB=200`;

/** Hosts stand there before anybody knows of them. What they share is one folder for all. */
function addHosts({ world, options }: Cluster): void {
  const shared: Record<string, VolumeState> = {};
  for (const name of hostNames(options)) {
    const host = hostFromUri(hostUri(name, options));
    if (!host.ok) throw new Error(host.error.message);
    host.value.folders[SHARED_PATH] = shared;
    world.state.hosts[name] = host.value;
  }
}

/** Lets everything run that can run at this instant. */
export function drain(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}
