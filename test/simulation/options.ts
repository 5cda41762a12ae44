import { FAULT_KINDS, FAULTS, type FaultKind, type FaultRates, noFaults } from './faults.ts';
import { createPrng, type Prng } from './prng.ts';

/** Everything about a run that its seed decides beforehand. Printed when the run fails. */
export interface Options {
  seed: number;
  replicas: number;
  hosts: number;
  networks: number;
  volumes: number;
  images: number;
  /** Of the volumes. The first of them becomes a volume of its own. */
  snapshots: number;
  machines: number;
  /** A pool that all hosts share, beside one for each. */
  sharedPool: boolean;
  /** Hosts with so little room that not everything fits. */
  tight: boolean;
  /** One object that can never become ready, from the start to the end. */
  poison: boolean;
  /** How long things go wrong, in ms of virtual time. */
  chaosMs: number;
  /** What users do in that time. */
  userOps: number;
  resyncMs: number;
  leaseMs: number;
  pollMs: number;
  concurrency: number;
  /** Longest answer of a host without a fault. */
  latencyMs: number;
  transferMiBPerSecond: number;
  rates: FaultRates;
  /** Somebody has used the uid of the first machine for a machine of their own. */
  takenUid: boolean;
}

const CALL_RATES = [0.005, 0.02, 0.1];
const MINUTE_RATES = [0.3, 1, 3];
/** A crash at every tenth call is nothing but crashes. */
const CRASH_RATES = [0.003, 0.01, 0.03];

export function drawOptions(seed: number): Options {
  const prng = createPrng(seed).fork('options');
  const leaseMs = prng.pick([10_000, 20_000, 30_000]);
  return {
    seed,
    replicas: prng.int(1, 3),
    hosts: prng.pick([1, 1, 2, 2, 3, 4]),
    networks: prng.int(0, 2),
    volumes: prng.int(0, 3),
    images: prng.chance(0.3) ? 1 : 0,
    machines: prng.int(0, 4),
    sharedPool: prng.chance(0.3),
    tight: prng.chance(0.15),
    poison: prng.chance(0.15),
    chaosMs: prng.int(30, 150) * 1000,
    userOps: prng.int(1, 12),
    resyncMs: prng.pick([60_000, 60_000, 120_000, 300_000]),
    leaseMs,
    pollMs: prng.pick([5_000, 20_000]),
    concurrency: prng.pick([1, 4, 16]),
    latencyMs: prng.pick([0, 0, 5, 400]),
    transferMiBPerSecond: prng.pick([Number.POSITIVE_INFINITY, 0.01]),
    rates: drawRates(prng),
    takenUid: prng.chance(0.1),
    snapshots: prng.int(0, 2),
  };
}

/** Swarm testing: each run has some of the faults, so that none hides behind the others. */
function drawRates(prng: Prng): FaultRates {
  const rates = noFaults();
  const share = prng.pick([0.1, 0.3, 0.6]);
  for (const kind of FAULT_KINDS) if (prng.chance(share)) rates[kind] = rateOf(prng, kind);
  return rates;
}

function rateOf(prng: Prng, kind: FaultKind): number {
  if (FAULTS[kind].each === 'minute') return prng.pick(MINUTE_RATES);
  return prng.pick(kind.startsWith('crash') || kind === 'lateCall' ? CRASH_RATES : CALL_RATES);
}

/** On one line, with the faults that can happen. */
export function printOptions({ rates, ...options }: Options): string {
  const faults = FAULT_KINDS.filter((kind) => rates[kind] > 0).map((kind) => `${kind}=${rates[kind]}`);
  const sizes = Object.entries(options).map(([name, value]) => `${name}=${value}`);
  return `${sizes.join(' ')}\n  faults: ${faults.join(' ') || 'none'}`;
}
