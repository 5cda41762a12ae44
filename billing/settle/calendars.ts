import { FOREVER, type Instant } from '../calendar/interval.ts';
import type { BilledAccount } from './books.ts';
import type { AccountCalendar, EarlierCalendar } from './context.ts';

/** What cuts the account's time from the next boundary after `at` on: a fact, since the wish says only what counts now. */
export interface CalendarFact extends AccountCalendar {
  at: Instant;
}

/** Zones that an account had, and since when. */
export interface Zones {
  zone: string;
  earlier?: readonly EarlierCalendar[];
}

export function calendarOf({ zone, anchorDay, policy }: BilledAccount): AccountCalendar {
  return { zone, anchorDay, billing: policy.billing, billingDay: policy.billingDay };
}

export function isSameCalendar(a: AccountCalendar, b: AccountCalendar): boolean {
  return a.zone === b.zone && a.anchorDay === b.anchorDay && a.billing === b.billing && a.billingDay === b.billingDay;
}

/** The account as its facts cut it, whatever is wished of it now; without facts as it is wished. */
export function underCalendars(account: BilledAccount, calendars: readonly CalendarFact[]): BilledAccount {
  const last = calendars.at(-1);
  if (last === undefined) return account;
  const earlier = calendars.slice(0, -1).map(({ at: _at, ...calendar }, index) => ({
    ...calendar,
    until: calendars[index + 1]?.at ?? FOREVER,
  }));
  return { ...underCalendar(account, last), earlier };
}

export function underCalendar(account: BilledAccount, calendar: AccountCalendar): BilledAccount {
  const { zone, anchorDay, billing, billingDay } = calendar;
  return { ...account, zone, anchorDay, policy: { ...account.policy, billing, billingDay } };
}

/** Whose day an instant is in: what happened before a change of zone stays on the day that it was. */
export function zoneAt({ zone, earlier = [] }: Zones, at: Instant): string {
  return earlier.find(({ until }) => at < until)?.zone ?? zone;
}

/** Hardly a period is longer, so that hardly a calendar counts longer after it was changed. */
const LONGEST_MS = 367 * 86_400_000;

/** All zones that anything may still be cut by at an instant: an old one counts until the period is over in which it was changed. */
export function zonesAround(zones: Zones, at: Instant): string[] {
  const { zone, earlier = [] } = zones;
  const late = earlier.filter(({ until }) => until <= at && until > at - LONGEST_MS);
  const next = earlier.find(({ until }) => at < until);
  return [...new Set([next?.zone ?? zone, ...late.map((each) => each.zone)])];
}
