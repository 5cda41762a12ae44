import type { Registry } from '../../reconciler/registry.ts';
import type { Ports } from '../../resources/ports.ts';
import { KINDS } from '../../resources/registry.ts';
import { type BookKeepers, type BooksBug, keepBooks } from './books.ts';
import type { Chaos } from './chaos.ts';
import { type Cluster, createCluster, drain } from './cluster.ts';
import { converged, type Ending, leaks } from './endings.ts';
import type { FaultCounts } from './faults.ts';
import { houseOf, ordersOf } from './manifests.ts';
import { drawOptions, type Options, printOptions } from './options.ts';
import { createOutside } from './outside.ts';
import { type Replica, type Sabotage, startReplica } from './replica.ts';
import { createUsers, type Users } from './users.ts';
import { createWatch, type Watch, watchedRegistry } from './watch.ts';

export interface RunResult {
  options: Options;
  /** Broken promises; none is what everybody hopes for. */
  violations: string[];
  counts: FaultCounts;
  traceHash: number;
  trace: string[];
  totals: ReturnType<Watch['totals']>;
}

const REGISTRY = watchedRegistry(KINDS);

/** What may be broken on purpose in a run, and by a test only. */
export interface Bug extends Sabotage {
  registry?: Registry<Ports>;
  /** Of the loop of the books. */
  books?: BooksBug;
}

/** One run from its seed: trouble for a while, then calm, in which everything must come right and stay so. */
export async function simulate(seed: number, more: { options?: Partial<Options>; bug?: Bug } = {}): Promise<RunResult> {
  const options = { ...drawOptions(seed), ...more.options };
  const run = createRun(options, more.bug ?? {});
  const { cluster, watch, users } = run;
  try {
    await users.order(houseOf(options));
    run.poke();
    await advance(run, 2_000);
    await users.order(ordersOf(options, cluster.prng.fork('orders')));
    poison(cluster);
    if (options.takenUid) run.outside.takeUid();
    if (options.snapshots > 0) void cluster.guests.write();
    run.poke();
    await trouble(run);
    await calm(run);
    await run.books.check();
  } catch (error) {
    if (!(error instanceof Broken))
      cluster.violate('defect', error instanceof Error ? (error.stack ?? error.message) : String(error));
  } finally {
    for (const replica of run.replicas) replica.stop();
  }
  return {
    options,
    violations: cluster.violations,
    counts: cluster.chaos.counts(),
    traceHash: cluster.trace.hash(),
    trace: cluster.trace.tail(4_000),
    totals: watch.totals(),
  };
}

/** Ends a run at its first broken promise: what comes after it means nothing. */
export class Broken extends Error {}

export interface Run {
  cluster: Cluster;
  watch: Watch;
  users: Users;
  outside: ReturnType<typeof createOutside>;
  replicas: Replica[];
  bug: Bug;
  books: BookKeepers;
  poke(): void;
}

export function createRun(options: Options, bug: Bug, planned?: Chaos): Run {
  const cluster = createCluster(options, (bug.registry ?? REGISTRY) as Registry, planned);
  const watch = createWatch(cluster);
  const run: Run = {
    cluster,
    watch,
    users: createUsers(cluster),
    outside: createOutside(cluster),
    replicas: [],
    bug,
    books: keepBooks(cluster, bug.books ?? null),
    poke: () => {
      for (const replica of run.replicas) replica.poke();
    },
  };
  for (let index = 0; index < options.replicas; index++) addReplica(run, `r${index + 1}`);
  return run;
}

/** A process that ends is started again after a while, with nothing in its memory. */
function addReplica(run: Run, name: string): void {
  const { cluster, watch, bug } = run;
  const replica = startReplica(cluster, watch, {
    name,
    sabotage: bug,
    onCrash: () => {
      run.replicas = run.replicas.filter((other) => other !== replica);
      queueMicrotask(() => replica.stop());
      const pauseMs = cluster.chaos.prng.pick([10, 1_000, 40_000]);
      void cluster.clock.sleep(pauseMs).then(() => addReplica(run, name));
    },
  });
  run.replicas.push(replica);
}

/** Lets virtual time go by, from one thing that happens to the next. */
export async function advance({ cluster, watch, books }: Run, ms: number): Promise<void> {
  const { clock, violations } = cluster;
  const end = clock.now() + ms;
  await drain();
  for (;;) {
    watch.check();
    await books.look();
    if (violations.length > 0) throw new Broken();
    const next = clock.nextWake();
    if (next === null || next > end) break;
    clock.advanceTo(next);
    await drain();
  }
  clock.advanceTo(end);
  await drain();
}

async function trouble(run: Run): Promise<void> {
  const { cluster, users, outside } = run;
  const { clock, options, chaos } = cluster;
  const startedAt = clock.now();
  const prng = cluster.prng.fork('times');
  const happenings = [
    ...chaos.timeline(options.chaosMs).map(({ atMs, kind }) => ({ atMs, happen: async () => strike(run, kind) })),
    ...Array.from({ length: options.userOps }, () => ({
      atMs: prng.int(0, options.chaosMs),
      happen: () => users.act(),
    })),
  ].sort((a, b) => a.atMs - b.atMs);
  for (const { atMs, happen } of happenings) {
    await advance(run, Math.max(0, startedAt + atMs - clock.now()));
    // Users keep still until what came late has landed: see `lateCall`.
    if (cluster.lateUntil >= clock.now()) await advance(run, cluster.lateUntil - clock.now() + 1_000);
    await happen();
    if (!chaos.strikes('lostHint')) run.poke();
  }
  await advance(run, Math.max(0, startedAt + options.chaosMs - clock.now()));
  void outside;
}

function strike(run: Run, kind: Parameters<typeof run.outside.happen>[0]): void {
  const { cluster, replicas, outside } = run;
  const { prng } = cluster.chaos;
  const replica = prng.some(replicas);
  if (kind === 'crash') {
    cluster.chaos.happened('crash');
    void replica?.life.crash('at any time');
  } else if (kind === 'stall' && replica) {
    const ms = cluster.options.leaseMs + prng.int(1_000, 40_000);
    replica.life.stalledUntil = cluster.clock.now() + ms;
    cluster.trace.note(`${replica.life.name} stands still for ${ms} ms`);
    cluster.chaos.happened('stall');
  } else if (kind === 'clockJump') {
    cluster.wallClockSkewMs = prng.int(-600, 600) * 1000;
    cluster.trace.note(`the wall clock is wrong by ${cluster.wallClockSkewMs} ms`);
    cluster.chaos.happened('clockJump');
  } else outside.happen(kind);
}

function poison(cluster: Cluster): void {
  if (!cluster.options.poison) return;
  const [volume] = cluster.tables.objects.ofKind('Volume');
  if (volume) cluster.poisoned.add(volume.metadata.uid);
}

/** Longest that everything may take to come right once nothing goes wrong any more. */
const BOUND_MS = 20 * 60_000;
const STEP_MS = 30_000;
const QUIET_MS = 120_000;

async function calm(run: Run): Promise<void> {
  const { cluster, users, outside, watch } = run;
  cluster.chaos.calm();
  outside.calm();
  cluster.trace.note('calm');
  await advance(run, Math.max(0, lastInstant(cluster) - cluster.clock.now()) + 45_000);
  // P13: what nobody told of is found by looking, once a resync period (± 10 %).
  await advance(run, 1.15 * cluster.options.resyncMs);
  come(cluster, await settled(run, 'asLeft'));
  await users.tidy();
  run.poke();
  come(cluster, await settled(run, 'tidied'));
  // Figures such as a pool's free space are only noted when somebody looks: once more at everything.
  await advance(run, 1.15 * cluster.options.resyncMs);
  const before = watch.totals();
  cluster.quiet = true;
  await advance(run, 1.15 * cluster.options.resyncMs);
  const { acts, statusWrites } = watch.totals();
  if (acts > before.acts)
    cluster.violate('P2', `${acts - before.acts} calls changed something after everything was right`);
  if (statusWrites > before.statusWrites) {
    cluster.violate('P2', `${statusWrites - before.statusWrites} statuses were written after everything was right`);
  }
  for (const line of leaks(cluster)) cluster.violate('P9', line);
  if (cluster.violations.length > 0) throw new Broken();
}

/** When the last of what was begun ends by itself: late calls, and deletions by those whose clock was ahead. */
function lastInstant({ tables, lateUntil }: Cluster): number {
  const deletions = [...tables.objects.all()].map(({ metadata }) => Date.parse(metadata.deletedAt ?? '') || 0);
  return Math.max(lateUntil, ...deletions);
}

/** P1: everything is right, or waits for a person. */
function come(cluster: Cluster, { unsettled }: Ending): void {
  for (const line of unsettled) cluster.violate('P1', line);
  if (unsettled.length > 0) throw new Broken();
}

export async function settled(run: Run, users: 'asLeft' | 'tidied'): Promise<Ending> {
  const { cluster, watch } = run;
  const startedAt = cluster.clock.now();
  let ending = converged(cluster, users);
  let calls = 0;
  let quietMs = 0;
  // Who waits for another that waits for a person may still have something to do: only rest tells.
  while (ending.unsettled.length > 0 || (ending.waiting.length > 0 && quietMs < QUIET_MS)) {
    if (cluster.clock.now() - startedAt >= BOUND_MS) break;
    await advance(run, STEP_MS);
    ending = converged(cluster, users);
    quietMs = watch.totals().acts === calls ? quietMs + STEP_MS : 0;
    calls = watch.totals().acts;
  }
  return ending;
}

/** What to read when a run has failed. */
export function printFailure({ options, violations, trace }: RunResult): string {
  return [
    `seed ${options.seed} broke ${violations[0]}`,
    `  ${printOptions(options)}`,
    `  replay: SEED=${options.seed} npm run -s jest -- test/simulation`,
    ...trace.slice(-60).map((line) => `    ${line}`),
  ].join('\n');
}
