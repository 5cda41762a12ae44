import { subscriptionRefusal } from '../admission.ts';
import { availableFor, type Budget } from '../budget.ts';
import { FOREVER, type Instant } from '../calendar/interval.ts';
import { creditCheck } from '../credit-limit.ts';
import { total } from '../group.ts';
import { revisionFaults } from '../price/rate-card.ts';
import type { BilledAccount, BillingEvent, Books } from '../settle/books.ts';
import { calendarOf, isSameCalendar, underCalendar, underCalendars } from '../settle/calendars.ts';
import type { AccountCalendar } from '../settle/context.ts';
import { periodOf } from '../settle/cycles.ts';
import { record } from '../settle/issue.ts';
import { contextOf } from '../settle/settle.ts';
import { exposureOf } from '../settle/spend.ts';
import {
  type Awaited,
  chargesOf,
  endOf,
  type Subscription,
  type SubscriptionEvent,
  startOf,
} from '../settle/subscription.ts';
import { intake } from '../usage/intake.ts';
import type { UsageWindow } from '../usage/window.ts';
import type { SubscriptionWish, WalletWish } from './account.ts';
import { isNamed } from './account-wishes.ts';
import { WISH_KINDS, type Wish } from './wish.ts';

type RateCardWish = Extract<Wish, { kind: 'RateCard' }>;

/** Catalog before what refers to it, whatever the order in which they were written; of two wishes for one thing the last one counts. */
export function applyAll(books: Books, wishes: readonly Wish[], at: Instant): Books {
  const ordered = wishes.toSorted(
    (a, b) => WISH_KINDS.indexOf(a.kind) - WISH_KINDS.indexOf(b.kind) || byName(nameOf(a), nameOf(b)),
  );
  return ordered.reduce((after, wish) => applyOne(after, wish, at), books);
}

/** `endedAt`: when it was over, where that is heard of later. It counts unless what lives under the name began after it. */
export function cancel(books: Books, name: string, at: Instant, endedAt: Instant = at): Books {
  const found = living(books, name, at);
  if (found === undefined) return noted(books, { at, code: 'UnknownSubscription', subject: name });
  const begun = found.events.find(({ type }) => type === 'CREATE')?.recordedAt ?? at;
  return withEvents(books, found, [{ at: endedAt < begun ? at : endedAt, recordedAt: at, type: 'CANCEL' }]);
}

/** In the order of their own time, so that the order of arrival decides nothing. */
export function takeIn(books: Books, windows: readonly UsageWindow[], at: Instant): Books {
  if (windows.length === 0) return books;
  const meters = new Set(books.catalog.meters.flatMap(({ rules }) => rules.map(({ usage }) => usage)));
  const rules = {
    meters,
    now: at,
    maxAgeMs: books.account.policy.usageMaxAgeDays * 86_400_000,
    futureToleranceMs: 300_000,
  };
  const known = knownUsage(books.usage);
  const fresh: UsageWindow[] = [];
  const events: BillingEvent[] = [];
  for (const window of windows.toSorted(byTime)) {
    const result = intake(window, known.about(window), rules);
    if (result.outcome === 'accepted') {
      known.add(result.window);
      fresh.push(result.window);
    } else {
      const code = result.outcome === 'rejected' ? result.code : 'UsageDeduplicated';
      events.push({ at, code, subject: window.id });
    }
  }
  return record({ ...books, usage: [...books.usage, ...fresh] }, { events });
}

/** What could be the same as a window, or in its way, without looking at everything that was ever used. */
function knownUsage(usage: readonly UsageWindow[]) {
  const byId = new Map<string, UsageWindow>();
  const byPlace = new Map<string, UsageWindow[]>();
  const replaced = new Set<string>();
  const placeOf = ({ resource, meter }: UsageWindow) => JSON.stringify([resource, meter]);
  const add = (window: UsageWindow) => {
    byId.set(window.id, window);
    if (window.supersedes !== null) replaced.add(window.supersedes);
    const own = byPlace.get(placeOf(window));
    if (own === undefined) byPlace.set(placeOf(window), [window]);
    else own.push(window);
  };
  for (const window of usage) add(window);
  return {
    add,
    about: (window: UsageWindow): UsageWindow[] => {
      const near = (byPlace.get(placeOf(window)) ?? []).filter(
        (other) => !replaced.has(other.id) && other.from < window.to && window.from < other.to,
      );
      const named = [window.id, window.supersedes ?? window.id].flatMap((id) => byId.get(id) ?? []);
      return [...new Set([...named, ...near])];
    },
  };
}

export function noted(books: Books, event: BillingEvent): Books {
  return record(books, { events: [event] });
}

function applyOne(books: Books, wish: Wish, at: Instant): Books {
  const { catalog, account } = books;
  switch (wish.kind) {
    case 'Bundle':
      return {
        ...books,
        catalog: { ...catalog, bundles: new Map(catalog.bundles).set(wish.value.name, wish.value) },
      };
    case 'Meter': {
      const others = catalog.meters.filter(({ name }) => name !== wish.value.name);
      return { ...books, catalog: { ...catalog, meters: [...others, wish.value] } };
    }
    case 'Campaign':
      return {
        ...books,
        catalog: { ...catalog, campaigns: new Map(catalog.campaigns).set(wish.value.name, wish.value) },
      };
    case 'TaxRule': {
      const others = catalog.taxRules.filter(({ name }) => name !== wish.value.name);
      return { ...books, catalog: { ...catalog, taxRules: [...others, wish.value] } };
    }
    case 'RateCard':
      return publish(books, wish, at);
    case 'DunningPolicy':
      return { ...books, account: { ...account, dunning: wish.value } };
    case 'NumberSeries':
      return { ...books, account: { ...account, series: { ...account.series, [wish.document]: wish.value } } };
    case 'BillingPolicy':
      return changedAccount(books, { policy: wish.value }, at);
    case 'Budget':
      return allocated(books, wish.value, at);
    case 'Wallet':
      return toppedUp(books, wish, at);
    case 'Subscription':
      return subscribe(books, wish.value, at);
  }
}

/** Another zone, anchor or billing day counts from the next boundary on: what was billed until then stays cut as it was. */
export function changedAccount(
  books: Books,
  change: Partial<Pick<BilledAccount, 'zone' | 'anchorDay' | 'policy' | 'jurisdiction' | 'channel' | 'approvedTotal'>>,
  at: Instant,
): Books {
  const next = { ...books.account, ...change };
  return withCalendar({ ...books, account: underCalendar(next, calendarOf(books.account)) }, calendarOf(next), at);
}

/**
 * The calendar that is wished counts from the next boundary of each subscription on. What counted before is kept as a fact, as soon as
 * there is something that it cuts.
 */
export function withCalendar(books: Books, calendar: AccountCalendar, at: Instant): Books {
  const { account, calendars, subscriptions } = books;
  const standing = calendarOf(account);
  if (subscriptions.length === 0 && calendars.length === 0)
    return isSameCalendar(standing, calendar) ? books : { ...books, account: underCalendar(account, calendar) };
  const first = calendars.length === 0 ? [{ ...standing, at: 0 }] : [];
  const next = isSameCalendar(standing, calendar) ? [] : [{ ...calendar, at }];
  const all = [...calendars, ...first, ...next];
  if (all.length === calendars.length) return books;
  return { ...books, calendars: all, account: next.length === 0 ? account : underCalendars(account, all) };
}

/** What the wish says was put in, less what was booked for it already: raising it tops up the rest, and nothing takes it back. */
function toppedUp(books: Books, { value, amount }: WalletWish, at: Instant): Books {
  const prefix = `${value.name}/top-up/`;
  const booked = total(
    books.walletMoves.filter(({ id }) => id.startsWith(prefix)),
    (move) => move.amount,
  );
  const known = books.wallets.some(({ name }) => name === value.name);
  if (known && amount <= booked) return books;
  const move = { id: `${prefix}${at}`, wallet: value.name, at, amount: amount - booked, kind: 'TOP_UP' as const };
  return record(books, { wallets: known ? [] : [value], walletMoves: [move] });
}

/** Users' budgets share the account's: what is not there cannot be given. */
function allocated(books: Books, budget: Budget, at: Instant): Books {
  const others = books.budgets.filter(({ name }) => name !== budget.name);
  const available = availableFor(budget, others);
  if (available !== null && budget.amount > available)
    return noted(books, { at, code: 'BudgetExceeded', subject: budget.name });
  return { ...books, budgets: [...others, budget].toSorted((a, b) => (a.name < b.name ? -1 : 1)) };
}

/** What is in force stays as it is; a revision that touches it is refused whole. */
function publish(books: Books, { name, value }: RateCardWish, at: Instant): Books {
  const known = books.catalog.card.revisions;
  const own = known.filter(({ id }) => id.startsWith(`${name}@`));
  const faults = revisionFaults(own, value, at);
  const fault = faults[0];
  if (fault !== undefined) return noted(books, { at, code: fault.code, subject: fault.revision });
  const kept = value.map((revision) => {
    const old = own.find(({ id, hash }) => id === revision.id && hash === revision.hash);
    return old ?? revision;
  });
  const revisions = [...known.filter((revision) => !own.includes(revision)), ...kept];
  return { ...books, catalog: { ...books.catalog, card: { ...books.catalog.card, revisions } } };
}

function subscribe(books: Books, wish: SubscriptionWish, at: Instant): Books {
  const { name, user, resources, campaigns, onTermination } = wish;
  const found = living(books, name, at);
  if (found === undefined && staysOver(books, wish, at)) return books;
  if (found !== undefined && isGone(found, wish)) return cancel(books, name, at);
  const refusal = subscriptionRefusal(books, { ...wish, id: found?.id ?? null }, at);
  if (refusal !== undefined)
    return noted(books, { at, code: refusal, subject: refusal === 'UnknownBundle' ? wish.bundle : name });
  const id = found?.id ?? freshId(books, name);
  const { onTermination: _before, ...known } = found ?? { events: [] };
  const own = onTermination === null ? {} : { onTermination };
  const base: Subscription = { ...known, id, user, resources, campaigns, ...own };
  const events = found === undefined ? created(books, { base, wish, at }) : changes(books, found, { wish, at });
  if (events === 'FORBIDDEN') return noted(books, { at, code: 'ChangeForbidden', subject: id });
  if (needsApproval(books, { id, events, at })) return noted(books, { at, code: 'BackdateNeedsApproval', subject: id });
  const after = events.length === 0 && isAlready(books, found, base) ? books : withEvents(books, base, events);
  const { creditLimit } = books.account;
  if (creditLimit === null || events.length === 0) return after;
  const { outcome } = creditCheck(creditLimit, exposureOf(after, at));
  if (outcome === 'within') return after;
  // Refused: as if it had never been wished. The records say that it was.
  return noted(outcome === 'refused' ? books : after, {
    at,
    code: outcome === 'refused' ? 'CreditLimitExceeded' : 'CreditLimitReached',
    subject: id,
  });
}

/** What was issued changes after the fact only where somebody stands for it; what was not is free. */
function needsApproval(
  { invoices }: Books,
  { id, events, at }: { id: string; events: readonly SubscriptionEvent[]; at: Instant },
): boolean {
  const unapproved = events.filter((event) => event.at < at && event.backdate === undefined);
  const earliest = Math.min(...unapproved.map((event) => event.at));
  return invoices.some(({ lines }) =>
    lines.some(({ subscription, period }) => subscription === id && period.to > earliest),
  );
}

/** What still lives under a name. What was deleted is over: the same name again is another subscription. */
function living({ subscriptions }: Books, name: string, at: Instant): Subscription | undefined {
  return subscriptions.find((each) => (each.id === name || each.id.startsWith(`${name}#`)) && endOf(each) > at);
}

function freshId({ subscriptions }: Books, name: string): string {
  const before = subscriptions.filter(({ id }) => id === name || id.startsWith(`${name}#`)).length;
  return before === 0 ? name : `${name}#${before + 1}`;
}

function created(
  books: Books,
  { base, wish, at }: { base: Subscription; wish: SubscriptionWish; at: Instant },
): SubscriptionEvent[] {
  const begins = firstEvents(books, wish, at);
  const begun = { ...base, events: begins };
  const end = wish.end ?? (wish.renews ? FOREVER : lastPeriodEnd(withEvents(books, base, begins), begun, at));
  return end === FOREVER ? begins : [...begins, { at: end, recordedAt: at, type: 'CANCEL' }];
}

function firstEvents(
  { account }: Books,
  { bundle, quantity, start, paused, resources }: SubscriptionWish,
  at: Instant,
): SubscriptionEvent[] {
  const from = start ?? at;
  const awaits: Awaited[] = [
    ...((account.preAuthorisation ?? 0n) > 0n ? (['PAYMENT'] as const) : []),
    ...(account.policy.begins === 'WHEN_PROVISIONED' && resources.length > 0 ? (['RESOURCES'] as const) : []),
  ];
  return [
    { at: from, recordedAt: at, type: 'CREATE', bundle, quantity, ...(awaits.length === 0 ? {} : { awaits }) },
    ...(paused ? [{ at: from, recordedAt: at, type: 'PAUSE' as const }] : []),
  ];
}

/** What ended by its own date or with its period, and still is wished so, is over; and so is what nobody can be served with any more. */
function staysOver(
  { subscriptions }: Books,
  { name, start, end, renews, ...wish }: SubscriptionWish,
  at: Instant,
): boolean {
  const before = subscriptions.filter(({ id }) => id === name || id.startsWith(`${name}#`)).at(-1);
  if (end !== null && end <= at) return before !== undefined || start === null;
  const last = before?.events.findLast(({ type }) => type === 'CANCEL');
  if (before === undefined || last === undefined) return false;
  return (!renews && last.at > last.recordedAt) || isGone(before, { name, start, end, renews, ...wish });
}

/** Destroying what it is for ends it, where that is wished. What was never there is still to come. */
function isGone({ resources }: Subscription, wish: SubscriptionWish): boolean {
  return !wish.manualTermination && !wish.stands && resources.some((each) => !isNamed(each));
}

/** The events that lead from how it stands to how it is wished; none where nothing differs. */
function changes(
  books: Books,
  subscription: Subscription,
  { wish, at }: { wish: SubscriptionWish; at: Instant },
): SubscriptionEvent[] | 'FORBIDDEN' {
  const { events } = subscription;
  const current = events.findLast(({ bundle }) => bundle !== undefined);
  const isPaused = events.findLast(({ type }) => type === 'PAUSE' || type === 'RESUME')?.type === 'PAUSE';
  const end = endOf(subscription);
  const found: SubscriptionEvent[] = [];
  if (current?.bundle !== wish.bundle || current.quantity !== wish.quantity) {
    if (books.account.policy.onChange === 'FORBIDDEN') return 'FORBIDDEN';
    const { bundle, quantity } = wish;
    const from = wish.effective ?? changeInstant(books, subscription, at);
    found.push({ at: from, recordedAt: at, type: 'CHANGE', bundle, quantity });
  }
  if (isPaused !== wish.paused) found.push({ at, recordedAt: at, type: wish.paused ? 'PAUSE' : 'RESUME' });
  const wished = wish.end ?? (wish.renews ? FOREVER : end < FOREVER ? end : lastPeriodEnd(books, subscription, at));
  if (wished !== end)
    found.push({
      at: wished === FOREVER ? at : wished,
      recordedAt: at,
      type: wished === FOREVER ? 'UNCANCEL' : 'CANCEL',
    });
  const { backdate } = wish;
  return backdate === null ? found : found.map((event) => (event.at < at ? { ...event, backdate } : event));
}

/** At once, or when the period ends that its first charge is in. */
function changeInstant(books: Books, subscription: Subscription, at: Instant): Instant {
  if (books.account.policy.onChange !== 'PERIOD_END' || endOf(subscription) < FOREVER) return at;
  return periodEnd(books, subscription, at) ?? at;
}

/** When what is not renewed ends: with the period that it is in, or will begin with. FOREVER where there is none yet. */
function lastPeriodEnd(books: Books, subscription: Subscription, at: Instant): Instant {
  const start = startOf(subscription);
  return start === FOREVER ? FOREVER : (periodEnd(books, subscription, Math.max(at, start)) ?? FOREVER);
}

/** When the period ends that its first fee is in, or what is metered for it; undefined for what has not begun. */
function periodEnd(books: Books, { id }: Subscription, at: Instant): Instant | undefined {
  const context = contextOf(books, at);
  const timeline = context.timelines.find(({ subscription }) => subscription.id === id);
  if (timeline === undefined || timeline.start > at) return undefined;
  const charges = chargesOf(timeline, books.catalog.bundles).filter((charge) => charge.type !== 'ONE_TIME');
  const charge = charges.find(({ type }) => type === 'RECURRING') ?? charges[0];
  return charge && periodOf(timeline, charge.every, context, at).to;
}

/** Written down as it is wished, in its place: the books stay the same ones, and what was computed of them holds. */
function isAlready({ subscriptions }: Books, found: Subscription | undefined, wished: Subscription): boolean {
  const textOf = ({ user, resources, campaigns, onTermination }: Subscription) =>
    JSON.stringify([user, resources, campaigns, onTermination]);
  const isOrdered = subscriptions.every(({ id }, index) => index === 0 || (subscriptions[index - 1]?.id ?? '') < id);
  return found !== undefined && isOrdered && textOf(found) === textOf(wished);
}

function withEvents(books: Books, subscription: Subscription, events: readonly SubscriptionEvent[]): Books {
  const others = books.subscriptions.filter(({ id }) => id !== subscription.id);
  const next = { ...subscription, events: [...subscription.events, ...events] };
  return { ...books, subscriptions: [...others, next].toSorted((a, b) => (a.id < b.id ? -1 : 1)) };
}

export function nameOf(wish: Wish): string {
  if (wish.kind === 'RateCard') return wish.name;
  return 'name' in wish.value ? wish.value.name : wish.kind;
}

function byName(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}

function byTime(a: UsageWindow, b: UsageWindow): number {
  return a.from - b.from || a.to - b.to || (a.id < b.id ? -1 : 1);
}
