import { FOREVER, type Instant } from '../calendar/interval.ts';
import { dayOf } from '../calendar/zone.ts';
import { formatMoney } from '../money/currency.ts';
import type { BilledAccount, Books } from '../settle/books.ts';
import { billedAccount, rateCardFor, type SharedWishes, type WishObject } from '../wish/account-wishes.ts';
import { applyAll } from '../wish/apply.ts';
import {
  type Asked,
  accountPlan,
  accountsOf,
  catalogChange,
  channelOf,
  type PricePorts,
  sharedAfter,
  standingOf,
} from './account-plan.ts';
import { type AccountForecast, type CostDelta, forecastCosts, type Refusal } from './forecast.ts';
import type { TouchedObject } from './planned.ts';

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
  /** Objects that the books would refuse, and why. */
  refusals: Refusal[];
  /** What another zone or billing day means: the first period of each fee that it cuts. */
  bridges: PriceBridge[];
  warnings: PriceWarning[];
}

export interface PriceBridge {
  subscription: string;
  charge: string;
  /** Local days, half-open. */
  from: string;
  to: string;
  amount: string;
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
  /** The same, more and less added up and not set against each other. */
  gross: string;
}

/** Accounts that are looked at one by one. */
const ACCOUNTS_MAX = 20;
const IMPACT_MAX = 200;

/** What a change costs those who make it, and what its prices do to everybody else. Null where it touches nothing that is billed. */
export async function priceOfChange(
  ports: PricePorts,
  touched: readonly TouchedObject[],
  now: Instant,
): Promise<Price | null> {
  const shared = await ports.shared();
  const next = sharedAfter(shared, touched);
  const names = accountsOf(touched);
  const priced = await Promise.all(
    names.slice(0, ACCOUNTS_MAX).map((name) => priceFor(ports, { name, touched, shared: next, now })),
  );
  const accounts = priced.filter((each) => each !== undefined);
  const { impact, complete } = await impactOf(ports, { touched, shared: next, before: shared, now });
  if (accounts.length + impact.length === 0) return null;
  return { accounts, impact, complete: complete && names.length <= ACCOUNTS_MAX };
}

/** What changed rate cards do to everybody who buys by them. */
export async function impactOfChange(
  ports: PricePorts,
  touched: readonly TouchedObject[],
  now: Instant,
): Promise<Pick<Price, 'impact' | 'complete'>> {
  const before = await ports.shared();
  return impactOf(ports, { touched, shared: sharedAfter(before, touched), before, now });
}

async function priceFor(ports: PricePorts, asked: Asked & { name: string }): Promise<AccountPrice | undefined> {
  const plan = await accountPlan(ports, asked);
  if (plan === undefined) return undefined;
  const { billed, standing, changes } = plan;
  return shown(billed, forecastCosts(standing, changes, { now: asked.now }));
}

/** For every changed rate card: the accounts that buy by it, from when its newest prices begin. */
async function impactOf(
  ports: PricePorts,
  { touched, shared, before, now }: Asked & { before: SharedWishes },
): Promise<Pick<Price, 'impact' | 'complete'>> {
  const cards = touched.filter(({ before, after }) => before?.kind === 'RateCard' && after !== undefined);
  if (cards.length === 0) return { impact: [], complete: true };
  const accounts = await ports.accounts(IMPACT_MAX + 1);
  const impact = await Promise.all(
    cards.map((card) => impactOfCard(ports, { card, accounts: accounts.slice(0, IMPACT_MAX), shared, before, now })),
  );
  return { impact: impact.flat(), complete: accounts.length <= IMPACT_MAX };
}

async function impactOfCard(
  ports: PricePorts,
  {
    card,
    accounts,
    shared,
    before,
    now,
  }: {
    card: TouchedObject;
    accounts: readonly WishObject[];
    shared: SharedWishes;
    before: SharedWishes;
    now: Instant;
  },
): Promise<PriceImpact[]> {
  const sums = new Map<string, { accounts: number; subscriptions: number; month: bigint; gross: bigint }>();
  for (const account of accounts) {
    const { value: billed } = billedAccount(account, shared);
    const channel = channelOf(account);
    const own = rateCardFor({ channel, currency: billed.currency }, shared);
    if (own === undefined || own.metadata.name !== card.after?.metadata.name) continue;
    const kept = await standingOf(ports, billed);
    const sold = { billed, books: kept.books, channel, now };
    // What was sold a moment ago may not have come to the books yet.
    const books = applyAll(kept.books, catalogChange({ ...sold, shared: before }).wishes, now);
    const standing = { ...kept, books };
    const change = catalogChange({ ...sold, shared });
    const wholeFrom = newestPrices(standing.books, applyAll(standing.books, change.wishes, now), now);
    const forecast = forecastCosts(standing, [change], { now, wholeFrom });
    const sum = sums.get(billed.currency) ?? { accounts: 0, subscriptions: 0, month: 0n, gross: 0n };
    if (forecast.touched > 0) {
      sum.accounts += 1;
      sum.subscriptions += forecast.touched;
      sum.month += forecast.month;
      sum.gross += forecast.month < 0n ? -forecast.month : forecast.month;
    }
    sums.set(billed.currency, sum);
  }
  return [...sums].map(([currency, sum]) => ({
    object: card.key,
    currency,
    accounts: sum.accounts,
    subscriptions: sum.subscriptions,
    month: formatMoney(sum.month, currency),
    gross: formatMoney(sum.gross, currency),
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

function shown({ name: account, currency, zone }: BilledAccount, forecast: AccountForecast): AccountPrice {
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
    refusals: forecast.refusals,
    bridges: forecast.bridges.map(({ from, to, amount, ...of }) => ({
      ...of,
      from: dayOf(from, zone),
      to: dayOf(to, zone),
      amount: text(amount),
    })),
    warnings: forecast.warnings.map((warning) => ({
      code: warning.code,
      budget: warning.code === 'BudgetExceeded' ? warning.budget : null,
      limit: text(warning.amount),
      amount: text(warning.code === 'BudgetExceeded' ? warning.spend : warning.exposure),
    })),
  };
}
