import type { Chaos } from './chaos.ts';
import { leaks } from './endings.ts';
import { noFaults } from './faults.ts';
import { houseOf } from './manifests.ts';
import type { Options } from './options.ts';
import { createPrng } from './prng.ts';
import { endState, type Scenario } from './scenarios.ts';
import { advance, Broken, createRun, type Run, settled } from './simulation.ts';

/** Where the process ends: just before or just after the effect of this number, counted from 1. */
export interface CrashPoint {
  effect: number;
  side: 'before' | 'after';
}

export interface PlanResult {
  /** Calls that change a host, and transactions, that the change took. */
  effects: number;
  end: string[];
  violations: string[];
  trace: string[];
}

const OPTIONS: Options = {
  seed: 1,
  replicas: 1,
  hosts: 1,
  networks: 0,
  volumes: 0,
  images: 0,
  snapshots: 0,
  machines: 0,
  sharedPool: false,
  tight: false,
  poison: false,
  chaosMs: 0,
  userOps: 0,
  resyncMs: 60_000,
  leaseMs: 10_000,
  pollMs: 5_000,
  concurrency: 1,
  latencyMs: 0,
  transferMiBPerSecond: Number.POSITIVE_INFINITY,
  rates: noFaults(),
  takenUid: false,
};

/** Carries a change out with at most one crash; the process is started again at once, and finds its leases taken. */
export async function carryOut(scenario: Scenario, crash: CrashPoint | null): Promise<PlanResult> {
  const planned = plannedCrash(crash);
  const run = createRun(OPTIONS, {}, planned.chaos);
  const { cluster, users } = run;
  const before = async () => {
    await users.order([...houseOf(OPTIONS), ...scenario.before]);
    run.poke();
    await come(run);
  };
  const change = async () => {
    planned.arm();
    await scenario.change(run);
    run.poke();
    await advance(run, 2_000);
    await come(run);
    planned.disarm();
    await advance(run, 1.2 * OPTIONS.resyncMs);
    await come(run);
    for (const line of leaks(cluster)) cluster.violate('P9', line);
  };
  try {
    await before();
    await change();
  } catch (error) {
    if (!(error instanceof Broken)) throw error;
  } finally {
    for (const replica of run.replicas) replica.stop();
  }
  const { violations, trace } = cluster;
  return { effects: planned.effects(), end: endState(run), violations, trace: trace.tail(80) };
}

async function come(run: Run): Promise<void> {
  const { unsettled } = await settled(run, 'asLeft');
  for (const line of unsettled) run.cluster.violate('P1', line);
  if (unsettled.length > 0) throw new Broken();
}

/** Nothing goes wrong but the one crash. */
function plannedCrash(crash: CrashPoint | null): {
  chaos: Chaos;
  arm(): void;
  disarm(): void;
  effects(): number;
} {
  let effects = 0;
  let armed = false;
  const chaos: Chaos = {
    prng: createPrng(1),
    strikes: (kind) => {
      if (!armed) return false;
      if (kind === 'crashBeforeEffect' || kind === 'crashBeforeCommit') {
        effects++;
        return crash?.side === 'before' && crash.effect === effects;
      }
      if (kind !== 'crashAfterEffect' && kind !== 'crashAfterCommit') return false;
      return crash?.side === 'after' && crash.effect === effects;
    },
    timeline: () => [],
    happened: () => undefined,
    counts: noFaults,
    calm: () => undefined,
  };
  return {
    chaos,
    arm: () => {
      armed = true;
    },
    disarm: () => {
      armed = false;
    },
    effects: () => effects,
  };
}
