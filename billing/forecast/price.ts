import { FOREVER, type Instant } from '../calendar/interval.ts';
import { formatMoney } from '../money/currency.ts';
import { type BilledAccount, type Books, NO_FACTS } from '../settle/books.ts';
import {
  billedAccount,
  catalogWishes,
  type ResourceName,
  rateCardFor,
  SHARED_KINDS,
  type SharedWishes,
  type WishObject,
} from '../wish/account-wishes.ts';
import { applyAll } from '../wish/apply.ts';
import type { Wish } from '../wish/wish.ts';
import { type AccountForecast, type CostDelta, forecastCosts, type PlannedChange, type Standing } from './forecast.ts';
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

/** What a change costs, in decimals of major units, before discounts and tax. */
export interface Price {
  accounts: AccountPrice[];
  /** What new prices do to those who take what they price. */
  impact: PriceImpact[];
  /** False: more accounts are touched than were looked at. */
  complete: boolean;
}

export interface PriceDelta {
  now: string;
  period: string;
  month: string;
}

export interface AccountPrice extends PriceDelta {
  account: string;
  currency: string;
  items: (PriceDelta & { key: string })[];
  /** Objects that are only in the sum. */
  others: number;
  warnings: PriceWarning[];
}

export interface PriceWarning {
  code: 'BudgetExceeded' | 'CreditLimitReached' | 'CreditLimitExceeded';
  /** The budget, or none. */
  budget: string | null;
  limit: string;
  amount: string;
}

export interface PriceImpact {
  /** `RateCard/public-eur`. */
  object: string;
  currency: string;
  accounts: number;
  subscriptions: number;
  /** For all of them together. */
  month: string;
}

/** Accounts that are looked at one by one. */
const ACCOUNTS_MAX = 20;
const IMPACT_MAX = 200;

/** Under which name the price of changed catalog objects stands: what they mean can only be seen together. */
const CATALOG_KEY = 'catalog';

/** What a change costs those who make it, and what its prices do to everybody else. Null where it touches nothing that is billed. */
export async function priceOfChange(
  ports: PricePorts,
  touched: readonly TouchedObject[],
  now: Instant,
): Promise<Price | null> {
  const shared = await ports.shared();
  const next = sharedAfter(shared, touched);
  const names = [
    ...new Set(touched.flatMap(({ account, after, before }) => account ?? accountItself(after ?? before) ?? [])),
  ];
  const priced = await Promise.all(
    names.slice(0, ACCOUNTS_MAX).map((name) => priceFor(ports, { name, touched, shared: next, now })),
  );
  const accounts = priced.filter((each) => each !== undefined);
  const { impact, complete } = await impactOf(ports, { touched, shared: next, now });
  if (accounts.length + impact.length === 0) return null;
  return { accounts, impact, complete: complete && names.length <= ACCOUNTS_MAX };
}

interface Asked {
  touched: readonly TouchedObject[];
  /** The catalogs as they would be. */
  shared: SharedWishes;
  now: Instant;
}

async function priceFor(ports: PricePorts, { name, touched, shared, now }: Asked & { name: string }) {
  const object = touched.find(({ after }) => after !== undefined && accountItself(after) === name)?.after;
  const account = object ?? (await ports.account(name));
  if (account === undefined) return undefined;
  const { value: billed } = billedAccount(account, shared);
  const standing = await standingOf(ports, billed);
  const channel = channelOf(account);
  // Books that nobody keeps yet have seen no catalog.
  const isFresh = object !== undefined || standing.books.catalog.bundles.size === 0;
  const uids = new Map(touched.flatMap(({ after }) => (after ? [[resourceText(after), after.metadata.uid]] : [])));
  const context = { account: billed, at: now, uidOf: (resource: ResourceName) => uids.get(textOf(resource)) };
  const own = touched.filter((each) => each.account === name).flatMap((each) => plannedChange(each, context) ?? []);
  const catalog =
    isFresh || touched.some(({ after }) => isShared(after)) ? [catalogChange({ billed, channel, shared, now })] : [];
  if (own.length === 0) return undefined;
  const named = withKnownUids(own, standing);
  return shown(name, billed.currency, forecastCosts(standing, [...catalog, ...named], { now }));
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

async function standingOf(ports: PricePorts, billed: BilledAccount): Promise<Standing> {
  const [books, levels] = await Promise.all([ports.books(billed.name), ports.levels(billed.name)]);
  return {
    books: { ...(books ?? emptyBooks(billed)), account: billed },
    levels: new Map([...levels].map(([uid, rows]) => [uid, foreseen(rows)])),
  };
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

function catalogChange({
  billed,
  channel,
  shared,
  now,
}: {
  billed: BilledAccount;
  channel: string | null;
  shared: SharedWishes;
  now: Instant;
}): PlannedChange {
  const { zone, currency } = billed;
  const { value: wishes } = catalogWishes({ channel, zone, currency, at: now }, shared);
  return { key: CATALOG_KEY, wishes, cancelled: [], levels: new Map() };
}

/** For every changed rate card: the accounts that buy by it, from when its newest prices begin. */
async function impactOf(
  ports: PricePorts,
  { touched, shared, now }: Asked,
): Promise<Pick<Price, 'impact' | 'complete'>> {
  const cards = touched.filter(({ before, after }) => before?.kind === 'RateCard' && after !== undefined);
  if (cards.length === 0) return { impact: [], complete: true };
  const accounts = await ports.accounts(IMPACT_MAX + 1);
  const impact = await Promise.all(
    cards.map((card) => impactOfCard(ports, { card, accounts: accounts.slice(0, IMPACT_MAX), shared, now })),
  );
  return { impact: impact.flat(), complete: accounts.length <= IMPACT_MAX };
}

async function impactOfCard(
  ports: PricePorts,
  {
    card,
    accounts,
    shared,
    now,
  }: { card: TouchedObject; accounts: readonly WishObject[]; shared: SharedWishes; now: Instant },
): Promise<PriceImpact[]> {
  const sums = new Map<string, { accounts: number; subscriptions: number; month: bigint }>();
  for (const account of accounts) {
    const { value: billed } = billedAccount(account, shared);
    const channel = channelOf(account);
    const own = rateCardFor({ channel, currency: billed.currency }, shared);
    if (own === undefined || own.metadata.name !== card.after?.metadata.name) continue;
    const standing = await standingOf(ports, billed);
    const change = catalogChange({ billed, channel, shared, now });
    const wholeFrom = newestPrices(standing.books, applyAll(standing.books, change.wishes, now), now);
    const forecast = forecastCosts(standing, [change], { now, wholeFrom });
    const sum = sums.get(billed.currency) ?? { accounts: 0, subscriptions: 0, month: 0n };
    if (forecast.touched > 0) {
      sum.accounts += 1;
      sum.subscriptions += forecast.touched;
      sum.month += forecast.month;
    }
    sums.set(billed.currency, sum);
  }
  return [...sums].map(([currency, sum]) => ({
    object: card.key,
    currency,
    accounts: sum.accounts,
    subscriptions: sum.subscriptions,
    month: formatMoney(sum.month, currency),
  }));
}

/** When the last of the new revisions begins, at most as far ahead as plans go. */
function newestPrices(before: Books, after: Books, now: Instant): Instant {
  const known = new Set(before.catalog.card.revisions.map(({ id, hash }) => `${id} ${hash}`));
  const fresh = after.catalog.card.revisions.filter(({ id, hash }) => !known.has(`${id} ${hash}`));
  const latest = Math.max(now, ...fresh.map(({ from }) => (from === FOREVER ? now : from)));
  return Math.min(latest, now + AHEAD_MAX_MS);
}

const AHEAD_MAX_MS = 3 * 366 * 86_400_000;

function sharedAfter(shared: SharedWishes, touched: readonly TouchedObject[]): SharedWishes {
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

function shown(account: string, currency: string, forecast: AccountForecast): AccountPrice {
  const text = (amount: bigint) => formatMoney(amount, currency);
  const delta = ({ now, period, month }: CostDelta): PriceDelta => ({
    now: text(now),
    period: text(period),
    month: text(month),
  });
  const isFree = ({ now, period, month }: CostDelta) => now === 0n && period === 0n && month === 0n;
  return {
    account,
    currency,
    ...delta(forecast),
    items: forecast.items.filter((item) => !isFree(item)).map(({ key, ...item }) => ({ key, ...delta(item) })),
    others: forecast.others,
    warnings: forecast.warnings.map((warning) => ({
      code: warning.code,
      budget: warning.code === 'BudgetExceeded' ? warning.budget : null,
      limit: text(warning.amount),
      amount: text(warning.code === 'BudgetExceeded' ? warning.spend : warning.exposure),
    })),
  };
}

function isShared(object: WishObject | undefined): boolean {
  return (SHARED_KINDS as readonly (string | undefined)[]).includes(object?.kind);
}

function accountItself(object: WishObject | undefined): string | undefined {
  return object?.kind === 'Account' ? object.metadata.name : undefined;
}

function channelOf({ spec }: WishObject): string | null {
  const { channel } = spec as { channel?: string };
  return channel ?? null;
}

function resourceText({ kind, metadata: { project, name } }: WishObject): string {
  return textOf({ kind, project: project ?? '', name });
}

function textOf({ kind, project, name }: ResourceName): string {
  return `${kind}/${project}/${name}`;
}
