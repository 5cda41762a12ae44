import { FOREVER, type Instant } from '../calendar/interval.ts';
import { blockedBy, dunning, nextDunning } from '../dunning/dunning.ts';
import { total } from '../group.ts';
import { nextRecognition, recognitionsDue } from '../ledger/recognition.ts';
import type { Payment } from '../payment/payment.ts';
import { expiries } from '../payment/wallet.ts';
import { chargeable } from '../usage/journal.ts';
import { standing } from '../usage/window.ts';
import { type Books, balanceOf, type CreditEntry, paidOn, type Settlement } from './books.ts';
import { overflow } from './bounds.ts';
import { type Checkpoint, checkpointAfter, computedSince } from './checkpoint.ts';
import type { BillingContext, Problem } from './context.ts';
import { changedAt } from './context.ts';
import { periodOf } from './cycles.ts';
import { desiredLines } from './desired.ts';
import { type Difference, difference, type Reduction } from './difference.ts';
import { issueCreditNotes, issueInvoice, record } from './issue.ts';
import type { DesiredLine } from './line.ts';
import type { Desired } from './recurring.ts';
import { chargesOf, onCancelOf, type Timeline, timelineOf } from './subscription.ts';

export interface Settled {
  books: Books;
  problems: readonly Problem[];
  /** Why nothing was booked: somebody must look first. */
  parked: string | null;
  /** Lets the next pass leave out what is closed; it gives the same without. */
  checkpoint: Checkpoint | null;
}

/**
 * The whole loop: desired − booked, as of `now`. What is due and missing becomes a document, what is too much a credit note; nothing
 * issued changes. A second run at the same instant adds nothing. A preview is this function on books that nobody keeps.
 */
export function settle(books: Books, now: Instant, before: Checkpoint | null = null): Settled {
  const { context, desired, diff } = compared(books, now, before);
  const parked = overflow(diff, books, now);
  if (parked !== null) return { books, problems: desired.problems, parked, checkpoint: before };
  let after = record(books, { walletMoves: expiries(books, now) });
  after = credited(after, diff, context);
  const issued = issueInvoice(after, diff.additions, now);
  after = issued ?? after;
  after = notionallySettled(after, now);
  after = dunned(after, now);
  // A hold that dunning set or lifted may change what is owed from now on; each step happens once, so this ends.
  if (context.policy.creditBlockedDays && after.holds.length > books.holds.length) return settle(after, now);
  const recognitions = recognitionsDue(after, now);
  if (recognitions.length > 0) after = record(after, { recognitions });
  // A draft that waits for its taxes is booked by a later pass, which must compute all of it again.
  if (issued === undefined)
    return { books: after, problems: [...desired.problems, ...untaxed(diff, now)], parked: null, checkpoint: before };
  return { books: after, problems: desired.problems, parked: null, checkpoint: checkpointAfter(context, desired) };
}

/** Tells of the draft that waits. */
function untaxed({ additions }: Difference, from: Instant): Problem[] {
  return additions.slice(0, 1).map(({ line }) => ({ code: 'TaxUnknown', subject: line.key, from, to: from }));
}

export interface SettleUntil {
  from: Instant;
  to: Instant;
  checkpoint?: Checkpoint | null;
  /** Every pass computes everything: for those who want to see that it comes to the same. */
  isWhole?: boolean;
  /** How far the caller looks afterwards: what only has fees is computed once, until then. */
  ahead?: Instant;
}

/** For books that are settled at `from`: passes at every instant at which something comes due, in order. Jumping is walking. */
export function settleUntil(
  books: Books,
  { from, to, checkpoint = null, isWhole = false, ahead = to + 1 }: SettleUntil,
): Settled {
  let settled: Settled = { books, problems: [], parked: null, checkpoint };
  if (ahead > to + 1 && isFeesOnly(books)) computedFor(books, { knownAt: from, now: ahead, checkpoint });
  let at = from;
  // A horizon of 36 months has at most some instants a day.
  for (let passes = 0; passes < PASSES_MAX && settled.parked === null; passes += 1) {
    // What is known at the end is what the pass just after it begins with.
    at = nextDue(settled.books, { after: at, until: to + 1, checkpoint: settled.checkpoint });
    if (at > to) return settled;
    settled = settle(settled.books, at, settled.checkpoint);
    if (isWhole) settled.checkpoint = null;
  }
  return { ...settled, parked: settled.parked ?? 'TooManyPasses' };
}

const PASSES_MAX = 20_000;

/** The first instant after `after` at which a pass might do something; FOREVER where none is until `until`. */
export function nextDue(
  books: Books,
  { after, until, checkpoint = null }: { after: Instant; until: Instant; checkpoint?: Checkpoint | null },
): Instant {
  const { lines } = computedFor(books, { knownAt: after, now: until, checkpoint }).desired;
  const drafts = books.account.policy.draftWindowMs;
  const times = [
    ...lines.flatMap(({ settleAt, correctAt }) => [settleAt, correctAt]),
    ...books.subscriptions.flatMap(({ events }) => events.map(({ recordedAt }) => recordedAt + drafts)),
    ...books.wallets.map(({ expiresAt }) => expiresAt ?? FOREVER),
    nextRecognition(books, after),
    books.account.dunning === null ? FOREVER : nextDunning(dunningInput(books, books.account.dunning), after),
  ];
  const next = times.reduce((least, time) => (time > after && time < least ? time : least), FOREVER);
  return next <= until ? next : FOREVER;
}

/** What stands in the drafts: due by `until`, not issued at `now`. The same functions, hypothetical time. */
export function draftOf(books: Books, { now, until }: { now: Instant; until: Instant }): Difference {
  const known = asOf(books, now);
  const context = contextOf(known, until);
  return subtracted(known, context, desiredLines(context), FOREVER);
}

/** Only what was known at an instant: facts that came later never change what was due before. */
export function asOf(books: Books, now: Instant): Books {
  const known = <Row extends { recordedAt: Instant }>(rows: readonly Row[]) =>
    rows.filter(({ recordedAt }) => recordedAt <= now);
  const observed = chargeable(known(books.levels), known(books.coverage), books.account.policy.gaps);
  return {
    ...books,
    usage: [...standing(known(books.usage)), ...observed],
    subscriptions: books.subscriptions.map((each) => ({
      ...each,
      events: known(each.events),
    })),
  };
}

/** Everything that decides what should be booked, with holds as times in which the service is blocked. */
export function contextOf({ account, catalog, subscriptions, usage, holds }: Books, now: Instant): BillingContext {
  const { policy, zone, currency, anchorDay, earlier = [] } = account;
  const timeline = { bundles: catalog.bundles, policy, zone, earlier, blocked: blockedBy(holds) };
  return {
    catalog,
    policy,
    zone,
    currency,
    anchorDay,
    earlier,
    timelines: subscriptions.map((each) => timelineOf(each, timeline)),
    usage,
    now,
    since: new Map(),
  };
}

interface Asked {
  /** What was recorded later counts for nothing. */
  knownAt: Instant;
  now: Instant;
  checkpoint: Checkpoint | null;
}

interface Computed extends Asked {
  books: Books;
  known: Books;
  context: BillingContext;
  desired: Desired;
}

/** The last of each list of subscriptions: looking for what comes due, and making the pass there, ask for the same. */
const lastComputed = new WeakMap<Books['subscriptions'], Computed>();

function computedFor(books: Books, asked: Asked): Computed {
  const last = lastComputed.get(books.subscriptions);
  if (last !== undefined && answers(last, books, asked)) return last.now === asked.now ? last : until(last, asked.now);
  const known = asOf(books, asked.knownAt);
  const context = contextOf(known, asked.now);
  const bounded = { ...context, since: computedSince(asked.checkpoint, context) };
  const found = { ...asked, books, known, context: bounded, desired: desiredLines(bounded) };
  lastComputed.set(books.subscriptions, found);
  return found;
}

/** Whether everything that it was computed from is the same. An older checkpoint leaves out less, which comes to the same. */
function answers(last: Computed, books: Books, { knownAt, now, checkpoint }: Asked): boolean {
  const { account, catalog, usage, levels, coverage, holds } = books;
  const before = last.books;
  return (
    (last.now === now || (last.now > now && last.desired.problems.length === 0 && isFeesOnly(books))) &&
    (last.checkpoint === null || checkpoint !== null) &&
    isBilledAlike(before.account, account) &&
    before.catalog === catalog &&
    before.usage === usage &&
    before.levels === levels &&
    before.coverage === coverage &&
    before.holds.length === holds.length &&
    holds.every((hold, index) => hold === before.holds[index]) &&
    !isAnythingRecorded(books, Math.min(knownAt, last.knownAt), Math.max(knownAt, last.knownAt))
  );
}

/** As far as what should be booked depends on the account: which numbers its documents get is another matter. */
function isBilledAlike(one: Books['account'], other: Books['account']): boolean {
  return (['policy', 'zone', 'currency', 'anchorDay', 'earlier'] as const).every((name) => one[name] === other[name]);
}

/** A fee does not depend on what is billed after it; usage, and what is promised to be spent, may. */
function isFeesOnly({ catalog, subscriptions }: Books): boolean {
  const names = new Set(subscriptions.flatMap(({ events }) => events.flatMap(({ bundle }) => bundle ?? [])));
  const sold = [...names].flatMap((name) => catalog.bundles.get(name)?.charges ?? []);
  return sold.every(({ type }) => type === 'RECURRING' || type === 'ONE_TIME');
}

/** The same at an earlier time. */
function until({ desired, context, ...rest }: Computed, now: Instant): Computed {
  const lines = desired.lines.filter(({ billAt }) => billAt <= now);
  return { ...rest, context: { ...context, now }, desired: { ...desired, lines } };
}

function isAnythingRecorded(
  { usage, levels, coverage, subscriptions }: Books,
  after: Instant,
  until: Instant,
): boolean {
  const isBetween = ({ recordedAt }: { recordedAt: Instant }) => recordedAt > after && recordedAt <= until;
  return (
    after < until &&
    [usage, levels, coverage, ...subscriptions.map(({ events }) => events)].some((rows) => rows.some(isBetween))
  );
}

function compared(books: Books, now: Instant, checkpoint: Checkpoint | null) {
  const { known, context, desired } = computedFor(books, { knownAt: now, now, checkpoint });
  // What is kept of the books is of now, whenever the rest was computed.
  const booked = { ...known, invoices: books.invoices, creditNotes: books.creditNotes };
  return { context, desired, diff: subtracted(booked, context, desired, now) };
}

function subtracted(
  books: Books,
  context: BillingContext,
  { lines, problems }: { lines: readonly DesiredLine[]; problems: readonly Problem[] },
  now: Instant,
): Difference {
  const changes = new Map(
    context.timelines.map((timeline) => [timeline.subscription.id, unwishedAt(timeline, context)]),
  );
  return difference(
    {
      desired: lines,
      problems,
      booked: books,
      reducibleAt: (subscription) => (changes.get(subscription) ?? 0) + context.policy.draftWindowMs,
      rebill: context.policy.lateUsage === 'CREDIT_REBILL',
      since: context.since,
    },
    now,
  );
}

/** When what is not wished any more may be credited: with the change, or with the next invoice where the change reaches back so. */
function unwishedAt(timeline: Timeline, context: BillingContext): Instant {
  const changed = changedAt(timeline, FOREVER);
  const last = timeline.subscription.events.find(({ recordedAt }) => recordedAt === changed);
  const charge = chargesOf(timeline, context.catalog.bundles).find(({ type }) => type === 'RECURRING');
  if (last?.backdate?.policy !== 'NEXT_INVOICE_ADJUST' || charge?.type !== 'RECURRING') return changed;
  return periodOf(timeline, charge.every, context, changed).to;
}

/** What goes back has notes of its own: what becomes credit stays with the account. */
function credited(books: Books, { reductions }: Difference, { now, policy }: BillingContext): Books {
  const own = new Map(books.subscriptions.map((each) => [each.id, onCancelOf(each, policy)]));
  const goesBack = ({ line }: Reduction) => (own.get(line.subscription) ?? policy.onCancel) === 'REFUND';
  const noted = (before: Books, some: readonly Reduction[]) =>
    issueCreditNotes(
      before,
      some.map(({ line, gross }) => ({ line, gross, kind: 'CREDIT' as const })),
      { at: now, reason: 'ServiceNotUsed' },
    );
  const kept = noted(
    books,
    reductions.filter((each) => !goesBack(each)),
  );
  return refunded(noted(kept, reductions.filter(goesBack)), kept.creditNotes.length);
}

/** Of new credit notes: what was paid and is not owed any more goes back; the rest stays as credit. */
function refunded(books: Books, known: number): Books {
  const entries = books.creditNotes.slice(known).flatMap((note): CreditEntry[] => {
    const invoice = books.invoices.find(({ number }) => number === note.invoice);
    const notes = books.creditNotes.filter((each) => each.invoice === note.invoice);
    const owed = (invoice?.total ?? 0n) - total(notes, (each) => each.total);
    const over = paidOn(note.invoice, books) - owed;
    const amount = over < note.total ? over : note.total;
    if (amount <= 0n) return [];
    return [{ id: `${note.number}/refund`, at: note.issuedAt, amount: -amount, kind: 'REFUNDED', cause: note.number }];
  });
  const events = entries.map(({ at, cause }) => ({ at, code: 'RefundRequested', subject: cause }));
  const payments = entries.map(({ id, at, amount, cause }): Payment => {
    const invoice = books.creditNotes.find(({ number }) => number === cause)?.invoice ?? '';
    return { id, key: null, invoice, at, kind: 'REFUND', amount: -amount };
  });
  return record(books, { credits: entries, payments, events });
}

/** What an account of the own house owes is settled as soon as it is owed, against the house's own books. */
function notionallySettled(books: Books, at: Instant): Books {
  if (books.account.isNotional !== true) return books;
  const settlements = books.invoices.flatMap((invoice): Settlement[] => {
    const amount = balanceOf(invoice, books);
    const { number } = invoice;
    const id = `${number}/notional/${books.settlements.filter((each) => each.invoice === number).length}`;
    return amount <= 0n ? [] : [{ id, invoice: number, at, kind: 'NOTIONAL', amount, via: null }];
  });
  return settlements.length === 0 ? books : record(books, { settlements });
}

function dunned(books: Books, now: Instant): Books {
  if (books.account.dunning === null) return books;
  const { done, holds, actions } = dunning(dunningInput(books, books.account.dunning), now);
  const events = [
    ...actions.map(({ invoice, action }) => ({ at: now, code: action, subject: invoice })),
    ...holds.map(({ id, to }) => ({ at: now, code: to === null ? 'HoldSet' : 'HoldLifted', subject: id })),
  ];
  return record(books, { dunningDone: done, holds, events });
}

function dunningInput(books: Books, policy: NonNullable<Books['account']['dunning']>) {
  const open = books.invoices.map((invoice) => ({ ...invoice, balance: balanceOf(invoice, books) }));
  return { policy, open, done: books.dunningDone, holds: books.holds, zone: books.account.zone };
}
