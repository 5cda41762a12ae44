import { FAULT_KINDS, type FaultCounts, noFaults } from './faults.ts';
import { printFailure, simulate } from './simulation.ts';

export interface Harvest {
  /** What to read of the seeds that failed, at most the first few. */
  failures: string[];
  runs: number;
  counts: FaultCounts;
}

const SHOWN = 3;

/** Runs one seed after the other. */
export async function runSeeds(seeds: Iterable<number>): Promise<Harvest> {
  const harvest: Harvest = { failures: [], runs: 0, counts: noFaults() };
  for (const seed of seeds) {
    const result = await simulate(seed);
    harvest.runs++;
    for (const kind of FAULT_KINDS) harvest.counts[kind] += result.counts[kind];
    if (result.violations.length > 0) harvest.failures.push(printFailure(result));
    if (harvest.failures.length >= SHOWN) break;
  }
  return harvest;
}

export function range(from: number, to: number): number[] {
  return Array.from({ length: to - from + 1 }, (_, index) => from + index);
}

/** The seed that somebody wants to see again, from the environment. */
export function wantedSeed(): number | null {
  const text = process.env.SEED;
  return text !== undefined && /^\d+$/.test(text) ? Number(text) : null;
}
