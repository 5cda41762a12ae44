import type { PortErrorCode } from '../port.ts';

/** One call as it reached a host. */
export interface CallRecord {
  host: string;
  /** `machines.start`, `volumes.create`, … */
  verb: string;
  /** Whom it is about: a uid, `pool/name` for volumes; null for listings. */
  uid: string | null;
  at: number;
  /** False for reads. */
  changes: boolean;
}

export type Fault =
  /** Refused, without effect. */
  | { kind: 'error'; code: PortErrorCode; message?: string }
  /** The effect happens, the caller gets TimedOut. */
  | { kind: 'lostReply' }
  /** The caller gets TimedOut at its deadline, and the effect lands `afterMs` after the call. */
  | { kind: 'late'; afterMs: number }
  /** Everything happens, `ms` later. */
  | { kind: 'slow'; ms: number };

/** What can go wrong, asked at fixed points of every call. A simulation gives its own; tests script them with `createFaults`. */
export interface Faults {
  /** Asked once for each call that reached a host. */
  decide(call: CallRecord): Fault | null;
  /** Around every effect that changes the world. A crash is thrown here. */
  beforeEffect(call: CallRecord): void;
  afterEffect(call: CallRecord): void;
  /** False: this hint gets lost. */
  deliversHint(hint: { host: string; noun: string; uid: string | null }): boolean;
}

export interface CallPattern {
  host?: string;
  verb?: string;
  uid?: string;
}

export interface ScriptedFaults extends Faults {
  /** The next `times` calls of this pattern meet the fault. */
  next(pattern: CallPattern, fault: Fault, times?: number): void;
  /** The next call of this pattern throws before or after its effect. */
  crash(pattern: CallPattern, point: 'before' | 'after', error: Error): void;
  dropHints(drop: boolean): void;
}

export function createFaults(): ScriptedFaults {
  const script: { pattern: CallPattern; fault: Fault; times: number }[] = [];
  const crashes: { pattern: CallPattern; point: 'before' | 'after'; error: Error }[] = [];
  let dropsHints = false;
  const crashAt = (point: 'before' | 'after', call: CallRecord) => {
    const index = crashes.findIndex((crash) => crash.point === point && matches(crash.pattern, call));
    const [crash] = index === -1 ? [] : crashes.splice(index, 1);
    if (crash) throw crash.error;
  };
  return {
    next: (pattern, fault, times = 1) => void script.push({ pattern, fault, times }),
    crash: (pattern, point, error) => void crashes.push({ pattern, point, error }),
    dropHints: (drop) => {
      dropsHints = drop;
    },
    decide(call) {
      const entry = script.find((candidate) => candidate.times > 0 && matches(candidate.pattern, call));
      if (!entry) return null;
      entry.times--;
      return entry.fault;
    },
    beforeEffect: (call) => crashAt('before', call),
    afterEffect: (call) => crashAt('after', call),
    deliversHint: () => !dropsHints,
  };
}

function matches(pattern: CallPattern, call: CallRecord): boolean {
  return (
    (pattern.host ?? call.host) === call.host &&
    (pattern.verb ?? call.verb) === call.verb &&
    (pattern.uid ?? call.uid) === call.uid
  );
}
