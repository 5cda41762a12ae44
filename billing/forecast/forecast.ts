import type { Instant } from '../calendar/interval.ts';
import type { Rational } from '../money/rational.ts';
import type { Books } from '../settle/books.ts';
import type { Bundle } from '../settle/catalog.ts';
import type { AccountCalendar } from '../settle/context.ts';
import type { Subscription } from '../settle/subscription.ts';
import type { UsageWindow } from '../usage/window.ts';
import { applyAll, cancel, withCalendar } from '../wish/apply.ts';
import { WISH_KINDS, type Wish } from '../wish/wish.ts';
import { type Bridge, bridgesOf } from './bridge.ts';
import { type Cost, costOf, horizonOf } from './cost.ts';
import { type BudgetWarning, budgetWarnings, type CreditWarning, creditWarning } from './limits.ts';

/** What a resource's meters will stand at from now on. */
export interface ForeseenLevel {
  meter: string;
  level: Rational;
  attributes: Readonly<Record<string, string>>;
}

/** One object's part in a change. */
export interface PlannedChange {
  /** Names it in the answer. */
  key: string;
  wishes: readonly Wish[];
  /** Names of subscriptions that end now. */
  cancelled: readonly string[];
  /** What would cut the account's periods. */
  calendar?: AccountCalendar;
  /** Levels of resources as they will be, whole; none: it is gone. */
  levels: ReadonlyMap<string, readonly ForeseenLevel[]>;
}

/** Books of one account, with what its resources stand at. */
export interface Standing {
  books: Books;
  levels: ReadonlyMap<string, readonly ForeseenLevel[]>;
}

export interface CostDelta {
  now: bigint;
  period: bigint;
  month: bigint;
}

export interface AccountForecast extends CostDelta {
  items: (CostDelta & { key: string })[];
  /** Objects that are only in the sum: one by one there are too many. */
  others: number;
  /** Subscriptions that cost something else a month from now on. */
  touched: number;
  bridges: Bridge[];
  refusals: Refusal[];
  warnings: (BudgetWarning | CreditWarning)[];
}

/** A wish that the books would not take. */
export interface Refusal {
  key: string;
  code: string;
}

/** Each change is priced by itself, after those before it: as many evaluations of the books, and large books have few. */
const ITEMS_MAX = 60;
const EVALUATED_MAX = 6_000;

/**
 * What changes cost one account, one after the other, so that the parts add up to the whole whatever tiers and pools they share. What
 * goes, goes first; resources come after the subscriptions that they are charged to.
 */
export function forecastCosts(
  standing: Standing,
  changes: readonly PlannedChange[],
  { now, wholeFrom = now }: { now: Instant; wholeFrom?: Instant },
): AccountForecast {
  const ordered = inOrder(changes);
  const cost = (each: Standing) => costOf(withForeseen(each, { now, wholeFrom }), now, wholeFrom);
  const part = focused(standing, ordered);
  const first = cost(part);
  let [at, before] = [part, first];
  const items: AccountForecast['items'] = [];
  const named = ordered.slice(0, itemsMax(part));
  for (const change of named) {
    at = changed(at, change, now);
    const after = cost(at);
    items.push({ key: change.key, ...difference(after, before) });
    before = after;
  }
  const rest = ordered.slice(named.length);
  at = rest.reduce((each, change) => changed(each, change, now), at);
  const last = rest.length === 0 ? before : cost(at);
  const sum = difference(last, first);
  return {
    ...sum,
    items,
    others: rest.length,
    touched: touched(first, last),
    bridges: changes.some(({ calendar }) => calendar !== undefined) ? bridgesOf(at.books, now) : [],
    refusals: refusals(standing, ordered, now),
    warnings: warnings(standing, ordered, { now, spend: () => cost(standing).period, more: sum.period }),
  };
}

function itemsMax({ books, levels }: Standing): number {
  return Math.max(1, Math.min(ITEMS_MAX, Math.floor(EVALUATED_MAX / (1 + books.subscriptions.length + levels.size))));
}

/** Limits are of everything, however little of it the change touches. */
function warnings(
  standing: Standing,
  changes: readonly PlannedChange[],
  { now, spend, more }: { now: Instant; spend: () => bigint; more: bigint },
): AccountForecast['warnings'] {
  const { books } = changes.reduce((each, change) => changed(each, change, now), standing);
  const stood = books.budgets.length === 0 ? 0n : spend();
  return [
    ...budgetWarnings(books.budgets, { before: stood, after: stood + more }),
    ...creditWarning({ before: standing.books, after: books }, now),
  ];
}

/**
 * Without the subscriptions that cost the same before and after: those that have nothing but fees, while nothing of the catalog changes
 * and the change is not about them.
 */
function focused({ books, levels }: Standing, changes: readonly PlannedChange[]): Standing {
  const wishes = changes.flatMap((change) => change.wishes);
  const isOfAll = changes.some(({ calendar }) => calendar !== undefined);
  if (isOfAll || wishes.some(({ kind }) => !OF_ACCOUNTS.has(kind))) return { books, levels };
  const meant = new Set([
    ...wishes.flatMap((wish) => (wish.kind === 'Subscription' ? [wish.value.name] : [])),
    ...changes.flatMap(({ cancelled }) => cancelled),
  ]);
  const hasOnlyFees = ({ events }: Subscription) =>
    events.every(({ bundle }) => bundle === undefined || isOnlyFees(books.catalog.bundles.get(bundle)));
  const left = new Set(
    books.subscriptions
      .filter((each) => !meant.has(each.id.split('#')[0] ?? '') && hasOnlyFees(each))
      .map(({ id }) => id),
  );
  if (left.size === 0) return { books, levels };
  const invoices = books.invoices.map((invoice) => ({
    ...invoice,
    lines: invoice.lines.filter(({ subscription }) => !left.has(subscription)),
  }));
  const subscriptions = books.subscriptions.filter(({ id }) => !left.has(id));
  return { books: { ...books, invoices, subscriptions }, levels };
}

const OF_ACCOUNTS: ReadonlySet<Wish['kind']> = new Set(['Subscription', 'Budget', 'Wallet']);

function isOnlyFees(bundle: Bundle | undefined): boolean {
  const isFee = ({ type }: Bundle['charges'][number]) => type === 'RECURRING' || type === 'ONE_TIME';
  return bundle !== undefined && bundle.entitlements.length === 0 && bundle.charges.every(isFee);
}

/** What the books would not take of the changes, each after those before it. */
export function refusals(standing: Standing, changes: readonly PlannedChange[], now: Instant): Refusal[] {
  let at = standing;
  return inOrder(changes).flatMap((change) => {
    const before = at.books.events.length;
    at = changed(at, change, now);
    return at.books.events
      .slice(before)
      .filter(({ code }) => !TOLD_ONLY.has(code))
      .map(({ code }) => ({ key: change.key, code }));
  });
}

/** Events that refuse nothing: limits warn, and what the books have not heard of yet need not end. */
const TOLD_ONLY: ReadonlySet<string> = new Set(['CreditLimitReached', 'UnknownSubscription']);

function inOrder(changes: readonly PlannedChange[]): PlannedChange[] {
  return changes.toSorted((a, b) => rank(a) - rank(b) || (a.key < b.key ? -1 : 1));
}

/** The books as they would be, with usage that goes on as foreseen. */
function withForeseen({ books, levels }: Standing, { now, wholeFrom }: { now: Instant; wholeFrom: Instant }): Books {
  const until = horizonOf(books, wholeFrom);
  const foreseen = [...levels].flatMap(([resource, rows]) =>
    rows
      .filter(({ level }) => level.num > 0n)
      .map(
        ({ meter, level, attributes }): UsageWindow => ({
          id: `foreseen/${resource}/${meter}`,
          meter,
          resource,
          from: now,
          to: until,
          quantity: level,
          attributes,
          recordedAt: now,
          supersedes: null,
        }),
      ),
  );
  return { ...books, usage: [...books.usage, ...foreseen] };
}

function changed({ books, levels }: Standing, change: PlannedChange, now: Instant): Standing {
  const cut = change.calendar === undefined ? books : withCalendar(books, change.calendar, now);
  const wished = applyAll(cut, change.wishes, now);
  const next = new Map(levels);
  for (const [resource, rows] of change.levels) next.set(resource, rows);
  return { books: change.cancelled.reduce((each, name) => cancel(each, name, now), wished), levels: next };
}

/** Resources that go, wishes in the order of the books, subscriptions that go, resources that come or change. */
function rank({ wishes, cancelled, levels }: PlannedChange): number {
  const [wish] = wishes;
  if (wish !== undefined) return 1 + WISH_KINDS.indexOf(wish.kind);
  if (cancelled.length > 0) return 1 + WISH_KINDS.length;
  return [...levels.values()].every((rows) => rows.length === 0) ? 0 : 2 + WISH_KINDS.length;
}

function difference(after: Cost, before: Cost): CostDelta {
  return { now: after.now - before.now, period: after.period - before.period, month: after.month - before.month };
}

function touched(before: Cost, after: Cost): number {
  const ids = new Set([...before.bySubscription.keys(), ...after.bySubscription.keys()]);
  return [...ids].filter((id) => before.bySubscription.get(id) !== after.bySubscription.get(id)).length;
}
