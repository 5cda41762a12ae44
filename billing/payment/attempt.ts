import { FOREVER, type Instant } from '../calendar/interval.ts';
import type { GatewayCapabilities, GatewayOutcome } from './gateway.ts';

/**
 * One movement of money through a gateway: a row that is committed before the call, so that whoever comes after a crash knows what may
 * have happened. Its key goes with every call for it.
 */
export interface Attempt {
  id: string;
  account: string;
  gateway: string;
  /** `SUBJECT/generation/verb`, unique for ever. */
  key: string;
  /** AUTHORISE sets money aside; VOID lets it go; a CHARGE for which it was set aside takes it. */
  verb: 'CHARGE' | 'AUTHORISE' | 'VOID' | 'REFUND';
  purpose: Purpose;
  amount: bigint;
  currency: string;
  customer: string;
  /** The gateway's token; of a refund the charge's external id; of what takes or lets go what was set aside, the authorisation's. */
  method: string;
  state: AttemptState;
  externalId: string | null;
  /** The gateway's word for why it is where it is. */
  code: string | null;
  /** Where the payer goes on, while it requires action. */
  actionUrl: string | null;
  /** How often it may have been sent, and asked after since. */
  calls: number;
  polls: number;
  createdAt: Instant;
  calledAt: Instant;
  /** When somebody must look at it again; FOREVER: never. */
  dueAt: Instant;
  /** The books have heard how it ended. */
  booked: boolean;
}

export type Purpose =
  /** `split`: a refund that several charges bear, and how much it is in all. `authorised`: key of what was set aside for it. */
  | { type: 'INVOICE'; invoice: string; adjust: boolean; split?: { id: string; whole: bigint }; authorised?: string }
  | { type: 'SUBSCRIPTION'; subscription: string }
  | { type: 'TOP_UP'; wallet: string }
  /** The books gave it back already, with a credit note: it only has to go. */
  | { type: 'NOTE'; note: string; invoice: string }
  /** The books took it out of the wallet already, with this move: it only has to go, or comes back. */
  | { type: 'WALLET'; wallet: string; move: string };

/**
 * INITIATED, UNKNOWN: it may have happened. LAPSED: it did not, and the key is spent. UNRESOLVED: nobody could find out; a person must, and
 * until then nothing else is charged for it.
 */
export type AttemptState =
  | 'INITIATED'
  | 'UNKNOWN'
  | 'REQUIRES_ACTION'
  | 'UNRESOLVED'
  | 'SUCCEEDED'
  | 'DECLINED_SOFT'
  | 'DECLINED_HARD'
  | 'LAPSED';

export type Evidence =
  | { from: 'call' | 'webhook' | 'person'; outcome: GatewayOutcome }
  | { from: 'lookup'; outcome: GatewayOutcome | { state: 'absent' } };

/** Something that a person must look at. */
export type AttemptAlert = 'ChargedTwice' | 'Contradiction' | 'Unresolved' | 'GatewayRefuses';

export interface Transition {
  attempt: Attempt;
  alert: AttemptAlert | null;
  /** The gateway never had it: it may be sent again, with its old key, once this row is committed. */
  repeat: boolean;
}

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;
/** After the call, or the poll before. */
const POLLS: readonly number[] = [5 * MINUTE, HOUR, DAY, DAY, DAY, DAY, DAY];
/** A caller that died is one whose call must have ended by now. */
const GRACE_MS = 30_000;
const CALLS_MAX = 5;
/** A payer who does not confirm it within a day does not want it: it is voided then. */
const ACTION_MS = DAY;

/** Whether it still stands in the way of another one for the same thing. */
export function isOpen({ state, booked }: Pick<Attempt, 'state' | 'booked'>): boolean {
  if (state === 'SUCCEEDED') return !booked;
  return state === 'INITIATED' || state === 'UNKNOWN' || state === 'REQUIRES_ACTION' || state === 'UNRESOLVED';
}

/** As it must stand in the database before each call: from then on the call may have happened. */
export function called(attempt: Attempt, now: Instant, { deadlineMs }: GatewayCapabilities): Attempt {
  const calls = attempt.calls + 1;
  return { ...attempt, state: 'INITIATED', calls, polls: 0, calledAt: now, dueAt: now + deadlineMs + GRACE_MS };
}

/** Whoever committed the row may only call while nobody else can have taken it over. */
export function mayCall({ state, calledAt }: Attempt, now: Instant): boolean {
  return state === 'INITIATED' && now < calledAt + GRACE_MS;
}

/** An attempt that is about to be written down: nothing was asked of anybody yet. */
export function initiated(
  wish: Pick<
    Attempt,
    'id' | 'account' | 'gateway' | 'key' | 'verb' | 'purpose' | 'amount' | 'currency' | 'customer' | 'method'
  >,
  now: Instant,
): Attempt {
  return {
    ...wish,
    state: 'INITIATED',
    externalId: null,
    code: null,
    actionUrl: null,
    calls: 0,
    polls: 0,
    createdAt: now,
    calledAt: now,
    dueAt: now,
    booked: false,
  };
}

/** As it stands once the books have it. */
export function told(attempt: Attempt): Attempt {
  return { ...attempt, booked: true, dueAt: FOREVER };
}

/** Taken for one look: nobody else looks until the call for it must have ended. */
export function taken(attempt: Attempt, now: Instant, { deadlineMs }: GatewayCapabilities): Attempt {
  return { ...attempt, dueAt: now + deadlineMs + GRACE_MS };
}

export function actionExpired({ state, createdAt }: Attempt, now: Instant): boolean {
  return state === 'REQUIRES_ACTION' && now >= createdAt + ACTION_MS;
}

/** What is known after a piece of evidence. Any order of the same pieces ends with the same money. */
export function learned(
  attempt: Attempt,
  { from, outcome }: Evidence,
  { now, capabilities }: { now: Instant; capabilities: GatewayCapabilities },
): Transition {
  if (outcome.state === 'succeeded') return succeeded(attempt, outcome.externalId, now);
  if (attempt.state === 'SUCCEEDED') return still(attempt, outcome.state === 'declined' ? 'Contradiction' : null);
  switch (outcome.state) {
    case 'declined':
      return declined(attempt, outcome, now);
    case 'requiresAction':
      return isClosed(attempt) ? still(attempt, null) : awaiting(attempt, outcome, now);
    case 'refused':
      return isClosed(attempt) ? still(attempt, null) : refused(attempt, { outcome, asked: from === 'lookup', now });
    case 'absent':
      return isClosed(attempt) ? still(attempt, null) : absent(attempt, { now, capabilities });
    case 'unknown':
      // A webhook or a late answer that knows nothing does not use up a poll.
      return isClosed(attempt) ? still(attempt, null) : unsure(attempt, { outcome, polled: from === 'lookup', now });
  }
}

/** Money that moved is believed whoever says it, and whatever was believed before. */
function succeeded(attempt: Attempt, externalId: string, now: Instant): Transition {
  const known = attempt.state === 'SUCCEEDED';
  if (known) return still(attempt, attempt.externalId === externalId ? null : 'ChargedTwice');
  const alert = isClosed(attempt) ? 'Contradiction' : null;
  const after: Attempt = {
    ...attempt,
    state: 'SUCCEEDED',
    externalId,
    code: null,
    actionUrl: null,
    dueAt: now,
    booked: false,
  };
  return { attempt: after, alert, repeat: false };
}

function declined(attempt: Attempt, outcome: Extract<GatewayOutcome, { state: 'declined' }>, now: Instant): Transition {
  if (isClosed(attempt)) return still(attempt, null);
  const state = outcome.retryable ? 'DECLINED_SOFT' : 'DECLINED_HARD';
  const externalId = outcome.externalId ?? attempt.externalId;
  return still({ ...attempt, state, externalId, code: outcome.code, actionUrl: null, dueAt: now }, null);
}

function awaiting(
  attempt: Attempt,
  { externalId, url }: Extract<GatewayOutcome, { state: 'requiresAction' }>,
  now: Instant,
): Transition {
  const end = attempt.createdAt + ACTION_MS;
  const dueAt = now < end ? Math.min(now + HOUR, end) : now + HOUR;
  return still({ ...attempt, state: 'REQUIRES_ACTION', externalId, actionUrl: url ?? attempt.actionUrl, dueAt }, null);
}

/**
 * A first call that was refused moved nothing: the same key is sent again a little later, a bounded number of times. A refused question, or
 * a refused repetition, says nothing about the call before.
 */
function refused(
  attempt: Attempt,
  { outcome, asked, now }: { outcome: Extract<GatewayOutcome, { state: 'refused' }>; asked: boolean; now: Instant },
): Transition {
  const { code, retryable } = outcome;
  if (asked || attempt.state !== 'INITIATED' || attempt.calls > 1)
    return unsure(attempt, { outcome: { state: 'unknown', code, externalId: null }, polled: asked, now });
  if (retryable) return still({ ...attempt, state: 'UNKNOWN', code, dueAt: now + MINUTE }, null);
  return still({ ...attempt, state: 'LAPSED', code, dueAt: FOREVER }, 'GatewayRefuses');
}

/** Absence counts only once a lookup must have known of the call. */
function absent(
  attempt: Attempt,
  { now, capabilities }: { now: Instant; capabilities: GatewayCapabilities },
): Transition {
  const sure = attempt.calledAt + GRACE_MS + capabilities.deadlineMs + capabilities.lookupLagMs;
  if (now < sure) return still({ ...attempt, state: 'UNKNOWN', dueAt: sure }, null);
  const first = attempt.createdAt + capabilities.keyLifetimeMs - HOUR;
  if (now < first && attempt.calls < CALLS_MAX) return { attempt, alert: null, repeat: true };
  return still({ ...attempt, state: 'LAPSED', code: 'absent', dueAt: FOREVER }, null);
}

function unsure(
  attempt: Attempt,
  {
    outcome: { code, externalId },
    polled,
    now,
  }: { outcome: Extract<GatewayOutcome, { state: 'unknown' }>; polled: boolean; now: Instant },
): Transition {
  const polls = attempt.polls + (polled ? 1 : 0);
  const pause = POLLS[polls];
  const base = { ...attempt, polls, code, externalId: externalId ?? attempt.externalId };
  if (attempt.state === 'UNRESOLVED') return still({ ...base, polls: attempt.polls }, null);
  if (pause === undefined) return still({ ...base, state: 'UNRESOLVED', dueAt: FOREVER }, 'Unresolved');
  return still({ ...base, state: 'UNKNOWN', dueAt: now + pause }, null);
}

function isClosed({ state }: Attempt): boolean {
  return state === 'DECLINED_SOFT' || state === 'DECLINED_HARD' || state === 'LAPSED' || state === 'SUCCEEDED';
}

function still(attempt: Attempt, alert: AttemptAlert | null): Transition {
  return { attempt, alert, repeat: false };
}
