import type { Budget } from '../budget.ts';
import type { Instant } from '../calendar/interval.ts';
import { BREACH_ACTIONS, type CreditLimit } from '../credit-limit.ts';
import type { NumberSeries } from '../document/number-series.ts';
import { type DunningPolicy, HOLD_SEVERITIES } from '../dunning/dunning.ts';
import { moneyFrom } from '../money/currency.ts';
import type { TopUp } from '../payment/collection.ts';
import type { Wallet } from '../payment/wallet.ts';
import { ON_CANCEL, type Policy } from '../settle/policy.ts';
import { BACKDATE_POLICIES, type Backdate } from '../settle/subscription.ts';
import type { ManifestContext } from './catalog.ts';
import type { Reader } from './reader.ts';

/** What a customer takes, as wished: its events are what leads there from the books. */
export interface SubscriptionWish {
  name: string;
  bundle: string;
  quantity: bigint;
  start: Instant | null;
  end: Instant | null;
  paused: boolean;
  /** False: it ends with the period that it is in. */
  renews: boolean;
  /** False: it ends when nothing stands any more of what it names. */
  manualTermination: boolean;
  /** Whether any of its resources is there, as far as anybody can know. */
  stands: boolean;
  /** Null: what the policy says. */
  onTermination: Policy['onCancel'] | null;
  user: string | null;
  resources: string[];
  campaigns: string[];
  /** From when a change holds; null: from now on. */
  effective: Instant | null;
  backdate: Backdate | null;
  /** What was chosen with it, such as a template: bundles may allow only some. */
  components: Record<string, string>;
}

export function readSubscription(name: string, spec: Reader, { zone }: Pick<ManifestContext, 'zone'>) {
  const from = spec.fields(
    'displayName',
    'bundle',
    'quantity',
    'start',
    'end',
    'paused',
    'renews',
    'manualTermination',
    'onTermination',
    'user',
    'resources',
    'campaigns',
    'components',
    'effective',
    'backdate',
  );
  const wish: SubscriptionWish = {
    name,
    bundle: from.bundle.text(),
    quantity: BigInt(from.quantity.integer({ min: 0, max: 1_000_000, otherwise: 1 })),
    start: from.start.optional((each) => each.instant(zone)),
    end: from.end.optional((each) => each.instant(zone)),
    paused: from.paused.flag(false),
    renews: from.renews.flag(true),
    manualTermination: from.manualTermination.flag(true),
    stands: true,
    onTermination: from.onTermination.optional((each) => each.choice(ON_CANCEL)),
    user: from.user.optional((each) => each.text()),
    resources: from.resources.texts(),
    campaigns: from.campaigns.texts(),
    effective: from.effective.optional((each) => each.instant(zone)),
    backdate: from.backdate.optional(readBackdate),
    components: Object.fromEntries(from.components.entries().map(([name, value]) => [name, value.text()])),
  };
  return wish;
}

function readBackdate(reader: Reader): Backdate {
  const { policy, approvedBy } = reader.fields('policy', 'approvedBy');
  return { policy: policy.choice(BACKDATE_POLICIES, 'NEXT_INVOICE_ADJUST'), approvedBy: approvedBy.text() };
}

export function readDunning(spec: Reader, { currency }: Pick<ManifestContext, 'currency'>): DunningPolicy {
  const { minAmount, steps, requests } = spec.fields('minAmount', 'steps', 'requests');
  return {
    minAmount: minAmount.isPresent ? minAmount.money(currency) : 0n,
    requests: requests.optional((each) => readRequests(each, currency)),
    steps: steps.list().map((each) => {
      const { after, actions, hold, requiresApproval } = each.fields('after', 'actions', 'hold', 'requiresApproval');
      return {
        after: after.duration(),
        actions: actions.texts(),
        hold: hold.optional((severity) => severity.choice(HOLD_SEVERITIES)),
        requiresApproval: requiresApproval.flag(false),
      };
    }),
  };
}

/** Null: overdue sums in this currency are not asked for together. */
function readRequests(reader: Reader, currency: string): DunningPolicy['requests'] {
  const { thresholds, max, daysBetween } = reader.fields('thresholds', 'max', 'daysBetween');
  const own = thresholds.entries().find(([name]) => name === currency)?.[1];
  return {
    threshold: own === undefined ? null : own.money(currency),
    max: max.integer({ min: 1, max: 100, otherwise: 3 }),
    daysBetween: daysBetween.integer({ min: 1, max: 366, otherwise: 7 }),
  };
}

export function readBudget(name: string, spec: Reader, { currency }: Pick<ManifestContext, 'currency'>): Budget {
  const { amount, thresholds, user } = spec.fields('amount', 'thresholds', 'user');
  const whole = amount.money(currency);
  if (whole <= 0n) amount.fault('a budget is above 0', undefined);
  return {
    name,
    amount: whole,
    user: user.optional((each) => each.text()),
    thresholds: thresholds.list().map((each) => each.money(currency)),
  };
}

export interface SeriesWish {
  document: 'invoice' | 'creditNote';
  value: NumberSeries;
}

export function readSeries(name: string, spec: Reader): SeriesWish {
  const { document, format, yearly } = spec.fields('document', 'format', 'yearly');
  const value = { name, format: format.text(), yearly: yearly.flag(true) };
  if (!value.format.includes('{n')) format.fault('the format must hold {n}', undefined);
  if (value.yearly && !value.format.includes('{year}')) format.fault('a yearly series must show {year}', undefined);
  return { document: document.choice(['invoice', 'creditNote']), value };
}

export interface WalletWish {
  value: Wallet;
  /** Of the top-up that the wish stands for. */
  amount: bigint;
}

/** An amount with more digits than the currency is rounded once: that is what is charged for it, too. */
export function readWallet(name: string, spec: Reader, { zone, currency }: Omit<ManifestContext, 'at'>): WalletWish {
  const { amount, bucket, priority, expiresAt, topUp, refundable } = spec.fields(
    'amount',
    'bucket',
    'priority',
    'expiresAt',
    'topUp',
    'refundable',
  );
  const value: Wallet = {
    name,
    bucket: bucket.choice(['PAID', 'PROMOTIONAL'], 'PAID'),
    priority: priority.integer({ min: 0, max: 1000, otherwise: 50 }),
    expiresAt: expiresAt.optional((end) => end.instant(zone)),
    refundable: refundable.flag(false),
  };
  if (value.refundable === true && value.bucket === 'PROMOTIONAL')
    refundable.fault('a gift is never paid back: leave refundable out, or make the bucket PAID', undefined);
  topUp.optional((each) => readTopUp(each, { currency }));
  return { value, amount: moneyFrom(amount.decimal(), currency, 'HALF_UP') };
}

/** What a wallet buys by itself: the payer's business, not the books'. */
export function readTopUp(spec: Reader, { currency }: Pick<ManifestContext, 'currency'>): Omit<TopUp, 'wallet'> {
  const { below, amount } = spec.fields('below', 'amount');
  const bought = amount.money(currency);
  if (bought <= 0n) amount.fault('buy more than nothing', undefined);
  return { below: below.money(currency), amount: bought };
}

export function readCreditLimit(spec: Reader, { currency }: Pick<ManifestContext, 'currency'>): CreditLimit {
  const { amount, action } = spec.fields('amount', 'action');
  return { amount: amount.money(currency), action: action.choice(BREACH_ACTIONS, 'ALERT') };
}
