import type { Instant, Interval } from '../calendar/interval.ts';
import { FOREVER } from '../calendar/interval.ts';
import { addDuration } from '../calendar/zone.ts';

export const HOLD_SEVERITIES = ['RESTRICT', 'SUSPEND', 'TERMINATE'] as const;
export type HoldSeverity = (typeof HOLD_SEVERITIES)[number];

/** One of many reasons to hold an account. Its state is the severest that is active; lifting one never lifts another's. */
export interface Hold {
  id: string;
  source: 'dunning' | 'credit' | 'admin' | 'fraud' | 'maintenance';
  severity: HoldSeverity;
  from: Instant;
  /** Later facts with the same id end it. */
  to: Instant | null;
}

export interface DunningPolicy {
  /** Invoices that owe less are left in peace. */
  minAmount: bigint;
  steps: readonly DunningStep[];
}

export interface DunningStep {
  /** Since the due date, in the account's calendar: `P3D`. */
  after: string;
  actions: readonly string[];
  hold: HoldSeverity | null;
  /** Somebody must agree first: the step only asks. */
  requiresApproval: boolean;
}

/** Each step of each invoice happens once. */
export interface DunningStepDone {
  invoice: string;
  step: number;
  at: Instant;
}

export interface OpenInvoice {
  number: string;
  dueAt: Instant;
  balance: bigint;
}

export interface DunningInput {
  policy: DunningPolicy;
  open: readonly OpenInvoice[];
  done: readonly DunningStepDone[];
  holds: readonly Hold[];
  zone: string;
}

export interface DunningResult {
  done: DunningStepDone[];
  holds: Hold[];
  actions: { invoice: string; action: string }[];
}

/** What is due by now, from facts alone: nothing is armed, so nothing can be forgotten or fire twice. */
export function dunning(input: DunningInput, now: Instant): DunningResult {
  const earliest = overdue(input, now)[0];
  if (earliest === undefined) return { done: [], holds: lifted(input.holds, now), actions: [] };
  const due = stepsOf(earliest, input).filter(
    ({ at, index }) => at <= now && !isDone(input.done, earliest.number, index),
  );
  return {
    done: due.map(({ index }) => ({ invoice: earliest.number, step: index, at: now })),
    holds: due.flatMap(({ step, index }): Hold[] =>
      step.hold === null || step.requiresApproval
        ? []
        : [{ id: `dunning/${earliest.number}/${index}`, source: 'dunning', severity: step.hold, from: now, to: null }],
    ),
    actions: due.flatMap(({ step }) =>
      (step.requiresApproval ? ['APPROVAL'] : step.actions).map((action) => ({ invoice: earliest.number, action })),
    ),
  };
}

/** The next instant after `now` at which a step comes due, if nothing is paid. */
export function nextDunning(input: DunningInput, now: Instant): Instant {
  const earliest = overdue(input, FOREVER)[0];
  if (earliest === undefined) return FOREVER;
  const times = stepsOf(earliest, input).filter(({ index }) => !isDone(input.done, earliest.number, index));
  return Math.min(FOREVER, ...times.map(({ at }) => at).filter((at) => at > now));
}

/** The holds as they stand: the newest fact of each id. */
export function activeHolds(holds: readonly Hold[], now: Instant): Hold[] {
  return [...new Map(holds.map((hold) => [hold.id, hold])).values()].filter(
    ({ from, to }) => from <= now && (to === null || now < to),
  );
}

/** When the service was or is blocked. */
export function blockedBy(holds: readonly Hold[]): Interval[] {
  return [...new Map(holds.map((hold) => [hold.id, hold])).values()]
    .filter(({ severity }) => severity !== 'RESTRICT')
    .map(({ from, to }) => ({ from, to: to ?? FOREVER }));
}

function lifted(holds: readonly Hold[], now: Instant): Hold[] {
  return activeHolds(holds, now)
    .filter(({ source }) => source === 'dunning')
    .map((hold) => ({ ...hold, to: now }));
}

function overdue({ policy, open }: DunningInput, now: Instant): OpenInvoice[] {
  return open
    .filter(({ dueAt, balance }) => dueAt <= now && balance > 0n && balance >= policy.minAmount)
    .toSorted((a, b) => a.dueAt - b.dueAt || (a.number < b.number ? -1 : 1));
}

function stepsOf({ dueAt }: OpenInvoice, { policy, zone }: DunningInput) {
  return policy.steps.map((step, index) => ({ step, index, at: addDuration(dueAt, step.after, zone) }));
}

function isDone(done: readonly DunningStepDone[], invoice: string, step: number): boolean {
  return done.some((each) => each.invoice === invoice && each.step === step);
}
