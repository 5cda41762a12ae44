import type { Faults } from '../../hypervisor/memory/faults.ts';
import type { PortErrorCode } from '../../hypervisor/port.ts';
import { FAULT_KINDS, FAULTS, type FaultCounts, type FaultKind, type FaultRates, noFaults } from './faults.ts';
import type { Prng } from './prng.ts';

/** Decides when faults happen, and counts them. */
export interface Chaos {
  /** Asked at a call: does it happen now? */
  strikes(kind: FaultKind): boolean;
  /** Faults that happen at a time rather than at a call, in order. */
  timeline(durationMs: number): { atMs: number; kind: FaultKind }[];
  /** Notes a fault that was carried out by somebody else. */
  happened(kind: FaultKind): void;
  counts(): FaultCounts;
  /** From now on nothing goes wrong. */
  calm(): void;
  prng: Prng;
}

export function createChaos(rates: FaultRates, prng: Prng): Chaos {
  const counts = noFaults();
  let calm = false;
  return {
    prng,
    strikes: (kind) => {
      if (calm || !prng.chance(rates[kind])) return false;
      counts[kind]++;
      return true;
    },
    timeline: (durationMs) =>
      FAULT_KINDS.filter((kind) => FAULTS[kind].each === 'minute' && rates[kind] > 0)
        .flatMap((kind) => {
          const expected = (rates[kind] * durationMs) / 60_000;
          const times = Math.floor(expected) + (prng.chance(expected % 1) ? 1 : 0);
          return Array.from({ length: times }, () => ({ atMs: prng.int(0, durationMs), kind }));
        })
        .sort((a, b) => a.atMs - b.atMs),
    happened: (kind) => {
      counts[kind]++;
    },
    counts: () => ({ ...counts }),
    calm: () => {
      calm = true;
    },
  };
}

const ERRORS: readonly PortErrorCode[] = ['Failed', 'Busy', 'TimedOut', 'Unresponsive', 'NoSpace'];

/** The faults of the hosts, in the hands of the seed. `late` is told when the effect of a late call will have landed. */
export function hostFaults(
  chaos: Chaos,
  more: {
    timeoutMs: number;
    late(landsInMs: number): void;
    poisoned(uid: string | null): boolean;
    deleting(): boolean;
  },
): Faults {
  const { prng } = chaos;
  return {
    decide: ({ changes, uid, verb }) => {
      if (more.poisoned(uid)) return { kind: 'error', code: 'Failed', message: 'poisoned' };
      if (!changes) return chaos.strikes('readError') ? { kind: 'error', code: 'Failed' } : null;
      if (chaos.strikes('actError')) return { kind: 'error', code: prng.pick(ERRORS) };
      if (chaos.strikes('lostReply')) return { kind: 'lostReply' };
      if (chaos.strikes('slowCall')) return { kind: 'slow', ms: prng.int(500, more.timeoutMs - 500) };
      // A transfer's deadline is an hour, and nothing else happens meanwhile.
      if (/(clone|upload|snapshot)$/.test(verb) || more.deleting() || !chaos.strikes('lateCall')) return null;
      const afterMs = more.timeoutMs + prng.int(100, 8_000);
      more.late(afterMs);
      return { kind: 'late', afterMs };
    },
    beforeEffect: () => undefined,
    afterEffect: () => undefined,
    deliversHint: () => !chaos.strikes('lostHint'),
  };
}
