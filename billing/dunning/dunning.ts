import type { Instant, Interval } from '../calendar/interval.ts';
import { FOREVER } from '../calendar/interval.ts';
import { addDuration, dayOf, startOfDay } from '../calendar/zone.ts';
import { total } from '../group.ts';

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
  /** Who set it, or in a fact that ends it who lifted it, and why; absent where the books did by themselves. */
  why?: HoldWhy;
}

export interface HoldWhy {
  by: string;
  /** A code, such as Abuse. */
  reason: string;
  /** For the provider's people. */
  memo: string;
}

export interface DunningPolicy {
  /** Invoices that owe less are left in peace. */
  minAmount: bigint;
  steps: readonly DunningStep[];
  /** Asking for all that is overdue at once, beside the steps; null: that is not done. */
  requests: PaymentRequests | null;
}

export interface PaymentRequests {
  /** From how much on, all overdue invoices together; null: this currency is never asked for. */
  threshold: bigint | null;
  /** So often, and then no more until the oldest is paid. */
  max: number;
  /** That lie between two of them, and before the first. */
  daysBetween: number;
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
  /** Its place in the policy; payment requests are counted from `FIRST_REQUEST` on. */
  step: number;
  at: Instant;
}

/** Of steps: policies have fewer than this. */
export const FIRST_REQUEST = 1000;

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
  const asked = requested(input, now);
  const earliest = overdue(input, now)[0];
  if (earliest === undefined)
    return { done: [...asked], holds: lifted(input.holds, now), actions: asked.map(requestAction) };
  const reached = stepsOf(earliest, input).filter(({ at }) => at <= now);
  const due = reached.filter(({ index }) => !isDone(input.done, earliest.number, index));
  return {
    done: [...due.map(({ index }) => ({ invoice: earliest.number, step: index, at: now })), ...asked],
    holds: reached.flatMap((step) => held(step, { invoice: earliest.number, isDue: due.includes(step), input, now })),
    actions: [
      ...due.flatMap(({ step }) =>
        (step.requiresApproval ? ['APPROVAL'] : step.actions).map((action) => ({ invoice: earliest.number, action })),
      ),
      ...asked.map(requestAction),
    ],
  };
}

/**
 * What a step does is done once, but its hold stands while the invoice is overdue: one that was paid, and whose payment was taken back,
 * holds again, under another id, since the first hold had its time. What a person has lifted stays lifted.
 */
function held(
  { step, index }: ReturnType<typeof stepsOf>[number],
  { invoice, isDue, input, now }: { invoice: string; isDue: boolean; input: DunningInput; now: Instant },
): Hold[] {
  if (step.hold === null || step.requiresApproval) return [];
  const first = `dunning/${invoice}/${index}`;
  const before = input.holds.filter(({ id }) => id === first || id.startsWith(`${first}/`));
  const last = before.at(-1);
  const isOver = last !== undefined && last.to !== null && last.why === undefined;
  if (!isDue && !isOver) return [];
  const times = new Set(before.map(({ id }) => id)).size;
  const id = times === 0 ? first : `${first}/${times + 1}`;
  return [{ id, source: 'dunning', severity: step.hold, from: now, to: null }];
}

/** The next instant after `now` at which a step comes due, if nothing is paid. */
export function nextDunning(input: DunningInput, now: Instant): Instant {
  const earliest = overdue(input, FOREVER)[0];
  const steps = earliest === undefined ? [] : stepsOf(earliest, input);
  const times = steps
    .filter(({ index }) => earliest !== undefined && !isDone(input.done, earliest.number, index))
    .map(({ at }) => at);
  return Math.min(FOREVER, ...[...times, ...requestTimes(input)].filter((at) => at > now));
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

/** At midnights: what became overdue during a day is asked for on the next, together with everything else. */
function requested(input: DunningInput, now: Instant): DunningStepDone[] {
  const { threshold = null, max = 0 } = input.policy.requests ?? {};
  const tick = midnight(now, input.zone);
  const open = owed(input).filter(({ dueAt }) => dueAt <= tick);
  const [earliest] = open;
  if (earliest === undefined || threshold === null || total(open, ({ balance }) => balance) < threshold) return [];
  const made = requestsFor(input, earliest);
  if (made.length >= max || nextRequest(input, earliest) > tick) return [];
  return [{ invoice: earliest.number, step: FIRST_REQUEST + made.length, at: now }];
}

/** Instants at which one may come due: the sum is only known then. */
function requestTimes(input: DunningInput): Instant[] {
  if ((input.policy.requests?.threshold ?? null) === null) return [];
  const open = owed(input);
  const [earliest] = open;
  if (earliest === undefined) return [];
  return [
    nextRequest(input, earliest),
    ...open.flatMap(({ dueAt }) => [dueAt, midnight(addDuration(dueAt, 'P1D', input.zone), input.zone)]),
  ];
}

function nextRequest(input: DunningInput, earliest: OpenInvoice): Instant {
  const { zone, policy } = input;
  const days = policy.requests?.daysBetween ?? 0;
  const last = requestsFor(input, earliest).at(-1);
  const from = last?.at ?? earliest.dueAt;
  return midnight(addDuration(from, `P${last === undefined ? days : days + 1}D`, zone), zone);
}

function requestsFor({ done }: DunningInput, { number }: OpenInvoice): DunningStepDone[] {
  return done.filter(({ invoice, step }) => invoice === number && step >= FIRST_REQUEST);
}

function requestAction({ invoice }: DunningStepDone): { invoice: string; action: string } {
  return { invoice, action: 'PaymentRequested' };
}

function owed({ open }: DunningInput): OpenInvoice[] {
  return open.filter(({ balance }) => balance > 0n).toSorted(byDue);
}

function midnight(at: Instant, zone: string): Instant {
  return startOfDay(dayOf(at, zone), zone);
}

function byDue(a: OpenInvoice, b: OpenInvoice): number {
  return a.dueAt - b.dueAt || (a.number < b.number ? -1 : 1);
}

function lifted(holds: readonly Hold[], now: Instant): Hold[] {
  return activeHolds(holds, now)
    .filter(({ source }) => source === 'dunning')
    .map((hold) => ({ ...hold, to: now }));
}

function overdue({ policy, open }: DunningInput, now: Instant): OpenInvoice[] {
  return open
    .filter(({ dueAt, balance }) => dueAt <= now && balance > 0n && balance >= policy.minAmount)
    .toSorted(byDue);
}

function stepsOf({ dueAt }: OpenInvoice, { policy, zone }: DunningInput) {
  return policy.steps.map((step, index) => ({ step, index, at: addDuration(dueAt, step.after, zone) }));
}

function isDone(done: readonly DunningStepDone[], invoice: string, step: number): boolean {
  return done.some((each) => each.invoice === invoice && each.step === step);
}
