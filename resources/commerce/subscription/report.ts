import { parseLocal } from '../../../billing/calendar/zone.ts';
import { type JsonObject, reason } from '../../../reconciler/json.ts';
import type { ConditionReport, PlanInput, Report } from '../../../reconciler/kind.ts';
import type { SubscriptionSpec, SubscriptionStatus } from './kind.ts';

type Input = Pick<PlanInput<SubscriptionSpec, SubscriptionStatus, JsonObject>, 'object' | 'observed' | 'now'>;

/** What the books say; before they do, what the wish says of itself. */
export function reportSubscription({ object, observed, now }: Input): Report<SubscriptionStatus> {
  const seen = observed.sightings[0]?.state;
  if (seen === undefined) return { status: { state: stateOf(object.spec, now) }, conditions: [] };
  const { problem, ...status } = seen as SubscriptionStatus & { problem?: string | null };
  return {
    status: { state: stateOf(object.spec, now), ...status },
    conditions: [billed(problem ?? null), active(status.state ?? 'ACTIVE')],
  };
}

function stateOf({ start, end, paused }: SubscriptionSpec, now: number): SubscriptionStatus['state'] {
  const at = (text: string) => parseLocal(text, 'UTC') ?? 0;
  if (start !== undefined && at(start) > now) return 'PENDING';
  if (end !== undefined && at(end) <= now) return 'ENDED';
  if (paused) return 'PAUSED';
  return end === undefined ? 'ACTIVE' : 'CANCELLING';
}

/** Whether it is in force, and what keeps it from that. */
const REASONS = {
  INCOMPLETE: 'CardAwaited',
  PENDING: 'BeginsLater',
  PROVISIONING: 'ResourcesAwaited',
  ACTIVE: 'Begun',
  CANCELLING: 'Begun',
  PAUSED: 'PausedOrHeld',
  ENDED: 'Over',
  CANCELED: 'NeverBegun',
} as const;

function active(state: NonNullable<SubscriptionStatus['state']>): ConditionReport {
  const isActive = state === 'ACTIVE' || state === 'CANCELLING';
  return { type: 'Active', status: isActive ? 'True' : 'False', reason: reason(REASONS[state]) };
}

function billed(problem: string | null): ConditionReport {
  return problem === null
    ? { type: 'Billed', status: 'True', reason: reason('Billed') }
    : { type: 'Billed', status: 'False', reason: reason('BillingProblem', { code: problem }) };
}
