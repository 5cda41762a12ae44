import { FOREVER, type Instant } from '../calendar/interval.ts';
import type { NumberSeries } from '../document/number-series.ts';
import { activeHolds, type HoldSeverity } from '../dunning/dunning.ts';
import type { Books, Facts } from '../settle/books.ts';
import type { Checkpoint } from '../settle/checkpoint.ts';
import type { AccountCalendar } from '../settle/context.ts';
import { nextDue, settle, settleUntil } from '../settle/settle.ts';
import { alerted } from '../settle/spend.ts';
import { awaitedBy, endOf, type Subscription } from '../settle/subscription.ts';
import { isNamed } from '../wish/account-wishes.ts';
import { applyAll, cancel, withCalendar } from '../wish/apply.ts';
import { begun, type StandingSince } from '../wish/begin.ts';
import type { Wish } from '../wish/wish.ts';
import { type AdjustmentRequest, adjusted } from './adjustments.ts';
import type { BooksChange, KeptBooks } from './books-store.ts';
import { draftSeries, numbersNeeded } from './numbering.ts';
import { parkedChange } from './parked.ts';
import { redemptions } from './redemptions.ts';

export interface PassInput {
  kept: KeptBooks;
  /** The kept facts with the account's catalog, before the wishes of its subscriptions, budgets and wallets. */
  books: Books;
  /** Budgets, wallets and subscriptions as wished now. */
  wishes: readonly Wish[];
  /** What is wished to cut the account's periods. */
  calendar: AccountCalendar;
  /** Since when its resources stand. */
  standing: StandingSince;
  ended?: Ended;
  adjustments?: readonly AdjustmentRequest[];
  /** Wishes that cannot be read for this account, in words. */
  unread?: readonly string[];
  now: Instant;
}

export interface Pass {
  /** What the books are after it, with draft numbers. */
  books: Books;
  change: BooksChange;
}

/** Longest that an account is left alone: budgets, journals and clocks move without anybody telling. */
const LOOK_AGAIN_MS = 3_600_000;
/** What is not sold yet may be so soon, what is awaited may happen, and another instance may have read what is sold a moment ago. */
const UNBOOKED_MS = 60_000;
/** How far ahead the next due time is looked for. */
const AHEAD_MS = 32 * 86_400_000;

/**
 * Everything that is due by now, as one change: what came due while the wishes stood as they are known, then the wishes, then what they
 * make due. A second pass at the same instant changes nothing.
 */
export function pass({
  kept,
  books: before,
  wishes,
  calendar,
  standing,
  ended,
  adjustments = [],
  unread = [],
  now,
}: PassInput): Pass {
  const from = kept.settledAt;
  const start = { ...before, account: { ...before.account, series: drafts(before) } };
  const caughtUp =
    from === null || from >= now
      ? { books: start, problems: [], parked: null, checkpoint: kept.checkpoint }
      : settleUntil(start, { from, to: now - 1, checkpoint: kept.checkpoint, ahead: now + LOOK_AGAIN_MS });
  const wished = wishedAt(caughtUp.books, { own: wishes, calendar, standing, ended }, now);
  const heard = wished.events.slice(caughtUp.books.events.length);
  const corrected = adjusted(wished, adjustments, { done: kept.adjustments, now });
  const settled = caughtUp.parked === null ? settle(corrected.books, now, caughtUp.checkpoint) : caughtUp;
  const parked = settled.parked;
  if (parked !== null)
    return { books: before, change: parkedChange(kept, { reason: parked, now, currency: before.account.currency }) };
  const after = alerted(settled.books, now);
  const told = new Set(heard);
  const facts = added(before, after);
  const problems = [
    ...unread.map((subject) => ({ at: now, code: 'UnreadWish', subject })),
    ...heard,
    ...[...caughtUp.problems, ...settled.problems].map(({ code, subject }) => ({ at: now, code, subject })),
  ];
  return {
    books: after,
    change: {
      account: kept.account,
      version: kept.version,
      currency: before.account.currency,
      facts: { ...facts, events: (facts.events ?? []).filter((event) => !told.has(event)) },
      numbers: numbersNeeded(after, Object.values(before.account.series)),
      subscriptions: changedSubscriptions(kept.subscriptions, after.subscriptions),
      adjustments: corrected.done,
      redemptions: redemptions(kept.subscriptions, after),
      problems: once(problems),
      mail: [],
      settledAt: now,
      dueAt: Math.min(
        dueAfter(after, { now, checkpoint: settled.checkpoint }),
        settled.problems.some(({ code }) => code === 'TaxUnknown') ||
          isUnbooked(wishes, after) ||
          after.subscriptions.some((each) => awaitedBy(each).length > 0)
          ? now + UNBOOKED_MS
          : FOREVER,
      ),
      parked: null,
      checkpoint: settled.checkpoint,
    },
  };
}

/** Whether a pass at this instant may find something to do that a later one need not: then all usage until now has to be in the books. */
export function isDue({ kept, books, wishes, calendar, standing, ended, now }: PassInput): boolean {
  if (
    kept.settledAt === null ||
    nextDue(books, { after: kept.settledAt, until: now, checkpoint: kept.checkpoint }) <= now
  )
    return true;
  const wished = wishedAt(books, { own: wishes, calendar, standing, ended }, now);
  return changedSubscriptions(kept.subscriptions, wished.subscriptions).length > 0;
}

/** Facts only ever grow at the end: what is new is what comes after what was there. */
export function added(before: Books, after: Books): Partial<Omit<Facts, 'counters'>> {
  const rest = <Name extends keyof Omit<Facts, 'counters'>>(name: Name) => after[name].slice(before[name].length);
  return {
    calendars: rest('calendars'),
    invoices: rest('invoices'),
    creditNotes: rest('creditNotes'),
    settlements: rest('settlements'),
    credits: rest('credits'),
    payments: rest('payments'),
    wallets: rest('wallets'),
    walletMoves: rest('walletMoves'),
    recognitions: rest('recognitions'),
    authorisations: rest('authorisations'),
    holds: rest('holds'),
    dunningDone: rest('dunningDone'),
    alerts: rest('alerts'),
    events: rest('events'),
    ledger: rest('ledger'),
  } as Partial<Omit<Facts, 'counters'>>;
}

/** The severest hold that is active: what machines have to obey. */
export function severityOf({ holds }: Pick<Facts, 'holds'>, now: Instant): HoldSeverity | null {
  const found = new Set(activeHolds(holds, now).map(({ severity }) => severity));
  return (['TERMINATE', 'SUSPEND', 'RESTRICT'] as const).find((severity) => found.has(severity)) ?? null;
}

/** The account's series, counting from 1: real numbers are given at the commit. */
export function drafts({ account: { series } }: Books): Record<'invoice' | 'creditNote', NumberSeries> {
  return { invoice: draftSeries(series.invoice), creditNote: draftSeries(series.creditNote) };
}

/** What is wished of an account, and what is known of its resources. */
export interface Wished {
  own: readonly Wish[];
  calendar: AccountCalendar;
  standing: StandingSince;
  ended?: Ended | undefined;
}

/** What is known of the ends of wishes that are not there any more. */
export interface Ended {
  /** By `project/name`. */
  at: ReadonlyMap<string, Instant>;
  /** Nothing else is over: the wishes are those of the past, as far as they are known. */
  isExhaustive: boolean;
}

const NOTHING_ENDED: Ended = { at: new Map(), isExhaustive: false };

/** The wishes, and the end of every subscription that nobody wishes any more. */
export function wishedAt(
  books: Books,
  { own: wishes, calendar, standing, ended = NOTHING_ENDED }: Wished,
  now: Instant,
): Books {
  const cut = withCalendar(books, calendar, now);
  const wishedFor = applyAll(cut, keepingResources(cut, wishes), now);
  const after = withCalendar(begun(wishedFor, standing, now), calendar, now);
  const names = new Set(wishes.flatMap((wish) => (wish.kind === 'Subscription' ? [wish.value.name] : [])));
  return after.subscriptions
    .filter(
      (each) => endOf(each) > now && !names.has(nameOf(each)) && (!ended.isExhaustive || ended.at.has(nameOf(each))),
    )
    .reduce((rest, each) => cancel(rest, nameOf(each), now, ended.at.get(nameOf(each))), after);
}

/**
 * What a subscription was for stays its own after it is gone, unless another one names it now: past usage keeps its place. Under a name that
 * was nothing yet, nothing was used.
 */
function keepingResources({ subscriptions }: Books, wishes: readonly Wish[]): Wish[] {
  const named = new Set(wishes.flatMap((wish) => (wish.kind === 'Subscription' ? wish.value.resources : [])));
  const known = new Map(subscriptions.map((each) => [nameOf(each), each.resources]));
  return wishes.map((wish) => {
    if (wish.kind !== 'Subscription') return wish;
    const gone = (known.get(wish.value.name) ?? []).filter((resource) => !named.has(resource) && !isNamed(resource));
    return gone.length === 0
      ? wish
      : { ...wish, value: { ...wish.value, resources: [...wish.value.resources, ...gone] } };
  });
}

function nameOf({ id }: Subscription): string {
  return id.split('#')[0] ?? id;
}

export function changedSubscriptions(before: readonly Subscription[], after: readonly Subscription[]): Subscription[] {
  const known = new Map(before.map((each) => [each.id, textOf(each)]));
  return after.filter((each) => known.get(each.id) !== textOf(each));
}

function textOf({ user, resources, campaigns, onTermination, events }: Subscription): string {
  return JSON.stringify([user, resources, campaigns, onTermination, events.length]);
}

function dueAfter(books: Books, { now, checkpoint }: { now: Instant; checkpoint: Checkpoint | null }): Instant {
  const isLeft = books.subscriptions.length > 0 && !lives(books, now);
  // Who is looked at again in an hour need not be looked through for a month.
  const until = now + (lives(books, now) ? LOOK_AGAIN_MS : AHEAD_MS);
  const next = nextDue(books, { after: now, until, checkpoint });
  if (books.subscriptions.length === 0) return next;
  return Math.min(next, now + (next === FOREVER && isLeft ? AHEAD_MS : LOOK_AGAIN_MS));
}

/** A subscription that could not be begun. */
function isUnbooked(wishes: readonly Wish[], { subscriptions }: Books): boolean {
  const known = new Set(subscriptions.map(nameOf));
  return wishes.some((wish) => wish.kind === 'Subscription' && !known.has(wish.value.name));
}

function lives({ subscriptions }: Books, now: Instant): boolean {
  return subscriptions.some((each) => endOf(each) > now);
}

function once<Problem extends { code: string; subject: string }>(problems: readonly Problem[]): Problem[] {
  return [...new Map(problems.map((each) => [JSON.stringify([each.code, each.subject]), each])).values()];
}
