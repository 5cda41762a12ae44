import type { Instant } from '../calendar/interval.ts';
import { type BilledAccount, type Books, NO_FACTS } from '../settle/books.ts';
import { calendarOf, isSameCalendar, underCalendar, underCalendars } from '../settle/calendars.ts';
import {
  billedAccount,
  catalogWishes,
  type ResourceName,
  SHARED_KINDS,
  type SharedWishes,
  type WishObject,
} from '../wish/account-wishes.ts';
import type { Wish } from '../wish/wish.ts';
import type { PlannedChange, Standing } from './forecast.ts';
import { foreseen, type MeterLevel, plannedChange, type TouchedObject } from './planned.ts';

/** What the world knows of accounts and their books. */
export interface PricePorts {
  account(name: string): Promise<WishObject | undefined>;
  /** All accounts, up to a bound. */
  accounts(limit: number): Promise<readonly WishObject[]>;
  shared(): Promise<SharedWishes>;
  /** As they are wished now, with the usage that is known; undefined where nothing is kept of the account. */
  books(account: string): Promise<Books | undefined>;
  /** What the meters of the account's resources stand at, by uid. */
  levels(account: string): Promise<ReadonlyMap<string, readonly MeterLevel[]>>;
}

/** Under which name the price of changed catalog objects stands: what they mean can only be seen together. */
export const CATALOG_KEY = 'catalog';

export interface Asked {
  touched: readonly TouchedObject[];
  /** The catalogs as they would be. */
  shared: SharedWishes;
  now: Instant;
}

/** An account's books as they stand, and what a change means to them. */
export interface AccountPlan {
  billed: BilledAccount;
  standing: Standing;
  changes: PlannedChange[];
}

/** Undefined where the change means nothing to the account, or nobody knows it. */
export async function accountPlan(
  ports: PricePorts,
  { name, touched, shared, now }: Asked & { name: string },
): Promise<AccountPlan | undefined> {
  const object = touched.find(({ after }) => after !== undefined && accountItself(after) === name)?.after;
  const account = object ?? (await ports.account(name));
  if (account === undefined) return undefined;
  const { value: billed } = billedAccount(account, shared);
  const standing = await standingOf(ports, billed);
  const calendar = calendarChange(standing, billed);
  const channel = channelOf(account);
  // Books that nobody keeps yet have seen no catalog.
  const isFresh = object !== undefined || standing.books.catalog.bundles.size === 0;
  const uids = new Map(touched.flatMap(({ after }) => (after ? [[resourceText(after), after.metadata.uid]] : [])));
  const context = { account: billed, at: now, uidOf: (resource: ResourceName) => uids.get(textOf(resource)) };
  const own = touched.filter((each) => each.account === name).flatMap((each) => plannedChange(each, context) ?? []);
  const catalog =
    isFresh || touched.some(({ after }) => isShared(after))
      ? [catalogChange({ billed, books: standing.books, channel, shared, now })]
      : [];
  if (own.length + calendar.length === 0) return undefined;
  const stood = touched.flatMap(({ account: of, levels }) => (of === name && levels ? [levels] : []));
  // What was observed a moment ago is known before the books have it.
  const levels = new Map([...standing.levels, ...stood.map(({ uid, before }) => [uid, foreseen(before)] as const)]);
  return {
    billed,
    standing: { ...standing, levels },
    changes: [...calendar, ...catalog, ...withKnownUids(own, standing)],
  };
}

/** Another zone or billing day, where anything is cut by the one that stands. */
function calendarChange({ books }: Standing, billed: BilledAccount): PlannedChange[] {
  const calendar = calendarOf(billed);
  if (isSameCalendar(calendarOf(books.account), calendar)) return [];
  return [{ key: `Account/${billed.name}`, wishes: [], cancelled: [], levels: new Map(), calendar }];
}

/** Subscriptions name machines that may be there already: those keep what the books know of them. */
function withKnownUids(changes: readonly PlannedChange[], { books }: Standing): PlannedChange[] {
  const known = new Map(books.subscriptions.map(({ id, resources }) => [id, resources]));
  return changes.map((change) => ({
    ...change,
    wishes: change.wishes.map((wish): Wish => {
      if (wish.kind !== 'Subscription') return wish;
      const resources = [...new Set([...wish.value.resources, ...(known.get(wish.value.name) ?? [])])];
      return { ...wish, value: { ...wish.value, resources } };
    }),
  }));
}

export async function standingOf(ports: PricePorts, billed: BilledAccount): Promise<Standing> {
  const [books, levels] = await Promise.all([ports.books(billed.name), ports.levels(billed.name)]);
  return {
    books: { ...(books ?? emptyBooks(billed)), account: books === undefined ? billed : cutAs(billed, books) },
    levels: new Map([...levels].map(([uid, rows]) => [uid, foreseen(rows)])),
  };
}

/** The account with what is wished of it, and the periods that it has. */
function cutAs(billed: BilledAccount, { account, calendars, subscriptions }: Books): BilledAccount {
  if (calendars.length > 0) return underCalendars(billed, calendars);
  return subscriptions.length === 0 ? billed : underCalendar(billed, calendarOf(account));
}

function emptyBooks(account: BilledAccount): Books {
  const card = { name: account.name, currency: account.currency, revisions: [] };
  return {
    ...NO_FACTS,
    account,
    catalog: { bundles: new Map(), meters: [], card, campaigns: new Map(), taxRules: [] },
    budgets: [],
    subscriptions: [],
    usage: [],
    levels: [],
    coverage: [],
  };
}

export function catalogChange({
  billed,
  books,
  channel,
  shared,
  now,
}: {
  billed: BilledAccount;
  books: Pick<Books, 'calendars'>;
  channel: string | null;
  shared: SharedWishes;
  now: Instant;
}): PlannedChange {
  const { currency } = billed;
  const zone = books.calendars[0]?.zone ?? billed.zone;
  const { value: wishes } = catalogWishes({ channel, zone, currency, at: now }, shared);
  return { key: CATALOG_KEY, wishes, cancelled: [], levels: new Map() };
}

/** Accounts that a change is about, by name. */
export function accountsOf(touched: readonly TouchedObject[]): string[] {
  return [...new Set(touched.flatMap(({ account, after, before }) => account ?? accountItself(after ?? before) ?? []))];
}

/** The catalogs as they would be. */
export function sharedAfter(shared: SharedWishes, touched: readonly TouchedObject[]): SharedWishes {
  const next = new Map([...shared].map(([kind, objects]) => [kind, new Map(objects)]));
  for (const { before, after } of touched) {
    const object = after ?? before;
    if (!isShared(object) || object === undefined) continue;
    const objects = next.get(object.kind) ?? new Map<string, WishObject>();
    if (after === undefined) objects.delete(object.metadata.name);
    else objects.set(object.metadata.name, after);
    next.set(object.kind, objects);
  }
  return next;
}

function isShared(object: WishObject | undefined): boolean {
  return (SHARED_KINDS as readonly (string | undefined)[]).includes(object?.kind);
}

function accountItself(object: WishObject | undefined): string | undefined {
  return object?.kind === 'Account' ? object.metadata.name : undefined;
}

export function channelOf({ spec }: WishObject): string | null {
  const { channel } = spec as { channel?: string };
  return channel ?? null;
}

function resourceText({ kind, metadata: { project, name } }: WishObject): string {
  return textOf({ kind, project: project ?? '', name });
}

function textOf({ kind, project, name }: ResourceName): string {
  return `${kind}/${project}/${name}`;
}
