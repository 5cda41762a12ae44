/**
 * All that can go wrong in a simulation, each with what it stands for. A seed draws how often each happens; most seeds draw only some.
 * Faults of calls have a probability a call; the others a mean number a minute.
 */
export const FAULTS = {
  // A process.
  /** It ends just before a call that would have changed a host. */
  crashBeforeEffect: { each: 'call' },
  /** It ends after a host did what it was asked, before it could read the answer. */
  crashAfterEffect: { each: 'call' },
  /** It ends before a transaction reached the database. */
  crashBeforeCommit: { each: 'call' },
  /** It ends after its transaction was committed, before it knew. */
  crashAfterCommit: { each: 'call' },
  /** It ends anywhere else, with calls under way that still land. */
  crash: { each: 'minute' },
  /** It stands still for longer than its lease (a stopped process, a swapping machine), and goes on as if nothing had been. */
  stall: { each: 'minute' },
  /** The wall clock of those who take orders jumps, forwards or back. The engine measures with a clock that does not (`steadyClock`). */
  clockJump: { each: 'minute' },
  // The database.
  /** A statement never arrives: nothing was done, the caller gets an error. */
  storeError: { each: 'call' },
  /** A transaction commits, but the connection is lost before its answer. */
  commitUnknown: { each: 'call' },
  /** The allocators' snapshot is an old one: the only read that the engine may legally make from a cache. */
  staleConsult: { each: 'call' },
  /** The database answers late. */
  slowStore: { each: 'call' },
  // A host.
  /** It refuses a call. */
  actError: { each: 'call' },
  /** It does what it was asked; the answer is lost. */
  lostReply: { each: 'call' },
  /** It takes seconds, up to the caller's deadline and past its lease. */
  slowCall: { each: 'call' },
  /**
   * The caller's deadline passes, and the effect lands after it. Nothing is being deleted then, and users keep still until it has landed: what lands after its object is gone
   * is a leak that no observation can foresee, and that the sweeper is for.
   */
  lateCall: { each: 'call' },
  /** Nobody can reach it for a while; guests run on. */
  hostDown: { each: 'minute' },
  /** Its power fails: guests and networks are off, definitions stay. */
  hostRestart: { each: 'minute' },
  /** A guest's monitor does not answer. */
  hungGuest: { each: 'minute' },
  /** A listing of a host fails: silence, not absence. */
  readError: { each: 'call' },
  // Hints.
  /** A notification is lost. */
  lostHint: { each: 'call' },
  /** It comes twice. */
  duplicateHint: { each: 'call' },
  /** It comes late, after later ones. */
  delayedHint: { each: 'call' },
  // People at the hosts, behind everybody's back.
  /** Somebody cuts a guest's power, a guest ends itself, or crashes. */
  outsidePower: { each: 'minute' },
  /** Somebody edits a definition: CPUs, disks, NICs. */
  outsideEdit: { each: 'minute' },
  /** Somebody undefines a machine. */
  outsideUndefine: { each: 'minute' },
  /** Somebody stops or removes a network, or its fixed leases. */
  outsideNetwork: { each: 'minute' },
  /** Somebody undefines a pool. */
  outsidePool: { each: 'minute' },
  /** Somebody makes machines and networks of their own. */
  foreignThing: { each: 'minute' },
} as const satisfies Record<string, { each: 'call' | 'minute' }>;

export type FaultKind = keyof typeof FAULTS;

export const FAULT_KINDS = Object.keys(FAULTS) as FaultKind[];

/** How often each fault happens in a run: 0 = never. */
export type FaultRates = Record<FaultKind, number>;

export function noFaults(): FaultRates {
  return Object.fromEntries(FAULT_KINDS.map((kind) => [kind, 0])) as FaultRates;
}

/** How often each fault did happen: the proof that a soak tested what it claims. */
export type FaultCounts = Record<FaultKind, number>;

/** Thrown by injected faults of the store, so that a defect of the engine cannot hide among them. */
export class InjectedError extends Error {}
