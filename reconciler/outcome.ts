import type { Reason } from './json.ts';

/** The only results of one reconcile. */
export type Outcome =
  | { kind: 'settled' }
  /** Not an error: something else must happen first. Has a time and a reason, no back-off. */
  | { kind: 'waiting'; reason: Reason; afterMs: number }
  /** Steps ran; look again. */
  | { kind: 'progressed'; afterMs: number }
  /** Back-off with jitter up to a cap; `terminal` waits for a new spec instead. */
  | { kind: 'failed'; reason: Reason; terminal: boolean };
