import { dayOf, parseLocal, startOfDay } from '../../../billing/calendar/zone.ts';
import { readSubscription } from '../../../billing/wish/account.ts';
import type { SpecIssue } from '../../../reconciler/kind.ts';
import { ANY_ACCOUNT, wishIssues } from '../check-wish.ts';
import type { SubscriptionSpec } from './kind.ts';

/** Where a day ends last: the account's own zone is not known here. */
const LATEST_ZONE = 'Etc/GMT+12';

interface CheckInput {
  spec: SubscriptionSpec;
  old: SubscriptionSpec | null;
  now: number;
}

export function checkSubscription({ spec, old, now }: CheckInput): SpecIssue[] {
  const found = wishIssues(spec, (reader) => readSubscription('subscription', reader, ANY_ACCOUNT));
  const { start, end } = spec;
  if (found.length > 0 || end === undefined) return found;
  if (start !== undefined && instant(end) <= instant(start))
    return [{ path: '/end', message: `is ${end}, which is not after its start, ${start}: end it later.` }];
  // What was charged for days that are over is not taken back by dating an end before them.
  const isPast = instant(end) < startOfDay(dayOf(now, LATEST_ZONE), LATEST_ZONE);
  return old !== null && old.end !== end && isPast
    ? [{ path: '/end', message: `is ${end}, which is over: end it today or later, or delete it to end it now.` }]
    : [];
}

function instant(text: string): number {
  return parseLocal(text, LATEST_ZONE) ?? 0;
}
