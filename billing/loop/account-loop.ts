import type { Instant } from '../calendar/interval.ts';
import { dayOf, startOfDay } from '../calendar/zone.ts';
import { askedTaxes, type TaxProvider } from '../document/tax-port.ts';
import type { HoldSeverity } from '../dunning/dunning.ts';
import type { BilledAccount, Books } from '../settle/books.ts';
import { calendarOf, zonesAround } from '../settle/calendars.ts';
import type { AccountCalendar } from '../settle/context.ts';
import { awaitedBy } from '../settle/subscription.ts';
import type { WishObject } from '../wish/account-wishes.ts';
import { applyAll } from '../wish/apply.ts';
import { standingSince } from '../wish/begin.ts';
import type { Wish } from '../wish/wish.ts';
import type { AdjustmentRequest } from './adjustments.ts';
import { asBooks, type BooksStore, type KeptBooks, type Observed } from './books-store.ts';
import { compactionOf } from './compaction.ts';
import { lettersFor } from './letters.ts';
import { movesFor, ripe, metered as windowsOf } from './metering.ts';
import { parkedChange } from './parked.ts';
import { type Ended, isDue, type Pass, type PassInput, pass, severityOf } from './pass.ts';
import { type WishesAt, wishesNext } from './past-wishes.ts';
import { computed, Poisoned } from './poisoned.ts';
import { withRedeemed } from './redemptions.ts';

/** What the loop needs of the world. */
export interface LoopPorts {
  store: BooksStore;
  wishes: WishesPort;
  holds: HoldsPort;
  /** How long ago something must be for all of it to be written down. Default: five minutes. */
  lagMs?: number;
  /** Who finds taxes; without it, the rules of the catalog do. */
  taxes?: TaxProvider;
  /** Told after every pass, with how many facts it added: what shows the books may look again. */
  passed(account: string, added: number): Promise<void>;
  /** What left an account for another arrives there, where whoever sent it died in between. Idempotent. */
  deliver?(books: Books): Promise<void>;
}

export interface WishesPort {
  /** Undefined: nobody wishes this account. */
  of(account: string, at: Instant, options?: WishesOptions): Promise<AccountWishes | undefined>;
}

export interface WishesOptions {
  /** Days of the catalog begin here, or in the account's zone: once prices were charged they stay where they were, also in another zone. */
  catalogZone?: string | undefined;
  /** Its subscriptions as they once were wished; those of them that are neither over by now nor the account's are left out. */
  past?: { at: Instant; subscriptions: readonly WishObject[] };
}

export interface AccountWishes {
  account: BilledAccount;
  /** What is sold, and at which prices. */
  catalog: readonly Wish[];
  /** Subscriptions, budgets and wallets. */
  own: readonly Wish[];
  /** Corrections that were asked for, decided ones too. */
  adjustments?: readonly AdjustmentRequest[];
  /** Where letters about the account go. */
  recipients: readonly string[];
  /** Wishes that cannot be read for this account, in words: left out, and told. */
  unread?: readonly string[];
}

export interface HoldsPort {
  /** Makes the account's machines obey the severest hold of the books; null: none. Idempotent, and never touches anybody else's hold. */
  obey(account: string, severity: HoldSeverity | null): Promise<void>;
}

export type PassResult =
  /** How many facts were added. */
  | { outcome: 'settled'; added: number }
  | { outcome: 'parked'; reason: string }
  /** Others changed the account all the time; it is due again. */
  | { outcome: 'overtaken' };

const TRIES_MAX = 5;
/**
 * Every instance writes down by itself, each half minute, which places it saw. A cursor that went by what has come so far would leave behind
 * what another instance is about to write.
 */
const LAG_MS = 300_000;

/** What was read of an account, and when. */
interface Read {
  kept: KeptBooks;
  now: Instant;
}

/** Wishes of the past that are taken in one go; the account stays due, and others have their turn. */
const PAST_MAX = 100;

/**
 * One account, from what it is to what it should be: read, computed, and written in one commit; overtaken, it begins again. What was wished
 * since it was last settled has a commit each.
 */
export async function settleAccount(ports: LoopPorts, account: string, read?: Read): Promise<PassResult> {
  let added = 0;
  let overtaken = 0;
  for (let commits = 0; commits < PAST_MAX && overtaken < TRIES_MAX; ) {
    const result = await tryOnce(ports, account, commits + overtaken === 0 ? read : undefined);
    if (result.outcome === 'parked') return result;
    if (result.outcome === 'overtaken') {
      overtaken += 1;
      continue;
    }
    commits += 1;
    added += result.added;
    if (result.isPast) continue;
    await ports.passed(account, added);
    await ports.deliver?.(result.after);
    return { outcome: 'settled', added };
  }
  await ports.store.wake([account]);
  return { outcome: 'overtaken' };
}

/** While one account waits for the database, others are computed. */
const AT_ONCE = 12;
const READ_AT_ONCE = 20;

/** The due accounts, oldest first, a few at a time: one that is poisoned is parked, and the others go on. */
export async function settleDue(
  ports: LoopPorts,
  { limit, leaseMs }: { limit: number; leaseMs: number },
  onError: (account: string, error: unknown) => void,
): Promise<number> {
  const accounts = await ports.store.claim({ limit, leaseMs });
  const readOf = readingAhead(ports.store, accounts);
  const waiting = [...accounts.entries()];
  const work = async () => {
    for (let next = waiting.shift(); next !== undefined; next = waiting.shift()) {
      const [index, account] = next;
      try {
        await settleAccount(ports, account, await readOf(index));
      } catch (error) {
        // The lease ends by itself, and somebody tries again then.
        onError(account, error);
      }
    }
  };
  await Promise.all(Array.from({ length: Math.min(AT_ONCE, accounts.length) }, work));
  return accounts.length;
}

/** Reads many accounts at once. Undefined where that failed: then each reads itself, and says why. */
function readingAhead(store: BooksStore, accounts: readonly string[]): (index: number) => Promise<Read | undefined> {
  const pages = new Map<number, Promise<Read[]>>();
  const read = async (page: number) => {
    const now = await store.now();
    const names = accounts.slice(page * READ_AT_ONCE, (page + 1) * READ_AT_ONCE);
    return (await store.load(names, { usage: false })).map((kept) => ({ kept, now }));
  };
  return async (index) => {
    const page = Math.floor(index / READ_AT_ONCE);
    const known = pages.get(page) ?? read(page).catch(() => []);
    pages.set(page, known);
    return (await known)[index % READ_AT_ONCE];
  };
}

async function readOne(store: BooksStore, account: string): Promise<Read> {
  const now = await store.now();
  const [kept] = await store.load([account], { usage: false });
  if (kept === undefined) throw new Error(`the books answer nothing about ${account}`);
  return { kept, now };
}

type Once =
  | Exclude<PassResult, { outcome: 'settled' }>
  | { outcome: 'settled'; added: number; isPast: boolean; after: Books };

async function tryOnce(ports: LoopPorts, account: string, read?: Read): Promise<Once> {
  const { store } = ports;
  const { kept, now } = read ?? (await readOne(store, account));
  const wished = await wishesNext(ports.wishes, kept, { after: kept.settledAt, now });
  if (wished === undefined) return park(store, kept, { reason: 'AccountGone', now, currency: null });
  try {
    return await settleOnce(ports, { kept, now, wished });
  } catch (error) {
    if (!(error instanceof Poisoned)) throw error;
    return park(store, kept, { reason: `Failed: ${error.message}`, now, currency: wished.wishes.account.currency });
  }
}

async function settleOnce(
  ports: LoopPorts,
  { kept, now: today, wished: { wishes, at: now, isPast, ended } }: { kept: KeptBooks; now: Instant; wished: WishesAt },
): Promise<Once> {
  const { store } = ports;
  const { account } = kept;
  const { own, adjustments = [], unread = [] } = wishes;
  const known = await booksOf(store, kept, { wishes, now });
  const asked = wishesCampaign(own) ? await withRedeemed(store, known, kept) : known;
  const books = await withUsage(store, asked, { kept, now });
  const calendar = calendarOf(isPast ? books.account : wishes.account);
  const seenUntil = now - (ports.lagMs ?? LAG_MS);
  const { observed, everything } = await look(ports, { kept, books, own, calendar, ended, now, seenUntil });
  const standing = standingSince(observed.levels);
  const metered = await meterUntil(store, books, { observed, now: seenUntil, everything });
  if (metered === undefined) return { outcome: 'overtaken' };
  const input = { kept, books: metered, wishes: own, calendar, standing, ended, adjustments, unread, now };
  const { change, books: after } = await taxedPass(ports, input);
  const mail = computed(() => lettersFor(change, wishes));
  const result = await store.commit({ ...change, mail, ...(isPast ? { dueAt: today } : {}) });
  if (result.outcome === 'conflict') return { outcome: 'overtaken' };
  if (change.parked !== null) return { outcome: 'parked', reason: change.parked };
  const added = Object.values(change.facts).reduce((sum, rows) => sum + rows.length, change.subscriptions.length);
  // Holds of the past stop nothing now.
  if (!isPast) await obeyed(ports, account, severityOf(after, now));
  return { outcome: 'settled', added, isPast, after };
}

interface Looking {
  kept: KeptBooks;
  books: Books;
  own: readonly Wish[];
  calendar: AccountCalendar;
  ended: Ended;
  now: Instant;
  seenUntil: Instant;
}

const NOTHING_SEEN: Observed = { levels: [], coverage: [], cursors: [] };

/**
 * The journal, where this pass does anything with it: once a day, since what is not due is written down by whole days; and whenever something
 * may be due, or waits for a machine to stand. Between, a change of the account costs no more for all that it runs. What nobody subscribed
 * to is charged to nobody, and never due.
 */
async function look(
  { store }: LoopPorts,
  { kept, books, own, calendar, ended, now, seenUntil }: Looking,
): Promise<{ observed: Observed; everything: boolean }> {
  const midnight = computed(() =>
    Math.max(...zonesAround(books.account, seenUntil).map((zone) => startOfDay(dayOf(seenUntil, zone), zone))),
  );
  const hasDayEnded = kept.settledAt === null || kept.settledAt - (now - seenUntil) < midnight;
  const awaits = kept.subscriptions.some((each) => awaitedBy(each).includes('RESOURCES'));
  const isCharged = kept.subscriptions.length > 0 || own.some(({ kind }) => kind === 'Subscription');
  const due = () =>
    computed(() => isCharged && isDue({ kept, books, wishes: own, calendar, standing: new Map(), ended, now }));
  if (!hasDayEnded && !awaits && !due()) return { observed: NOTHING_SEEN, everything: false };
  const observed = await store.observed(kept.account);
  return { observed, everything: observed.levels.length > 0 && due() };
}

/** Far more drafts than a server that was away for years has to catch up with. */
const TAX_ROUNDS_MAX = 100;

/**
 * A provider is asked about the drafts of passes that nobody keeps, until it leaves none out. What it cannot tell now stays a draft, and
 * is asked for again in a minute.
 */
async function taxedPass({ taxes }: LoopPorts, input: PassInput): Promise<Pass> {
  if (taxes === undefined) return computed(() => pass(input));
  const asked = askedTaxes(taxes);
  const taxed = () => computed(() => pass({ ...input, books: { ...input.books, taxes: asked } }));
  let made = taxed();
  for (let rounds = 0; rounds < TAX_ROUNDS_MAX && (await asked.ask()); rounds += 1) made = taxed();
  return made;
}

/** Most take none: nobody needs to ask then. */
function wishesCampaign(own: readonly Wish[]): boolean {
  return own.some((wish) => wish.kind === 'Subscription' && wish.value.campaigns.length > 0);
}

/** The hold is booked by now. What keeps it from the machines must not keep it until the account comes due again by itself. */
async function obeyed({ holds, store }: LoopPorts, account: string, severity: HoldSeverity | null): Promise<void> {
  try {
    await holds.obey(account, severity);
  } catch (error) {
    await store.wake([account]);
    throw error;
  }
}

/** The kept facts with the catalog as it is wished; prices that have begun as they were first seen. */
export async function booksOf(
  store: Pick<BooksStore, 'publish'>,
  kept: KeptBooks,
  { wishes, now }: { wishes: Pick<AccountWishes, 'account' | 'catalog'>; now: Instant },
): Promise<Books> {
  const { account, catalog } = wishes;
  const bare = asBooks(kept, {
    account,
    budgets: [],
    catalog: {
      bundles: new Map(),
      meters: [],
      card: { name: account.name, currency: account.currency, revisions: [] },
      campaigns: new Map(),
      taxRules: [],
    },
  });
  const books = computed(() => applyAll(bare, catalog, now));
  const revisions = await store.publish(books.catalog.card.revisions);
  return { ...books, catalog: { ...books.catalog, card: { ...books.catalog.card, revisions } } };
}

/** The account's usage as far as it is written down, with what bills alike added up. */
export async function withUsage(
  store: Pick<BooksStore, 'usage'>,
  books: Books,
  { kept, now }: { kept: KeptBooks; now: Instant },
): Promise<Books> {
  const compaction = computed(() => compactionOf(books, { settledAt: kept.settledAt, now }));
  return { ...books, usage: await store.usage(kept.account, compaction) };
}

/** Writes down what was observed, and answers the books with it. Undefined: another worker wrote it first. */
async function meterUntil(
  store: BooksStore,
  books: Books,
  { observed, now, everything }: { observed: Observed; now: Instant; everything: boolean },
): Promise<Books | undefined> {
  const rules = { now, zones: zonesAround(books.account, now), gaps: books.account.policy.gaps };
  const windows = computed(() => {
    const all = windowsOf(observed, rules);
    return everything ? all : ripe(all, rules);
  });
  if (windows.length === 0) return books;
  if (!(await store.meter(books.account.name, windows, movesFor(windows, observed)))) return undefined;
  return { ...books, usage: [...books.usage, ...windows.map((window) => ({ ...window, id: `journal:${window.id}` }))] };
}

async function park(
  store: BooksStore,
  kept: KeptBooks,
  why: { reason: string; now: Instant; currency: string | null },
): Promise<Exclude<PassResult, { outcome: 'settled' }>> {
  const { outcome } = await store.commit(parkedChange(kept, why));
  return outcome === 'conflict' ? { outcome: 'overtaken' } : { outcome: 'parked', reason: why.reason };
}
