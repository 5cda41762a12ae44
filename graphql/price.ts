import type { Refusal } from '../billing/forecast/forecast.ts';
import type {
  AccountPrice,
  Price,
  PriceBridge,
  PriceDelta,
  PriceImpact,
  PriceWarning,
} from '../billing/forecast/price.ts';
import type { Forecast } from '../reconciler/forecast/forecast.ts';
import { keyText } from '../reconciler/object.ts';
import type { Builder } from './builder.ts';
import type { Derived } from './derive/derived.ts';

type Item = AccountPrice['items'][number];

/** What a plan costs: decimals of major units, before discounts and tax. */
export function addPrice(builder: Builder): Derived {
  const item = builder.objectRef<Item>('PlanPriceItem').implement({
    description: 'What one object adds, after those before it: the items add up to the whole.',
    fields: (t) => ({ key: t.exposeString('key'), ...deltas(t) }),
  });
  const warning = builder.objectRef<PriceWarning>('PlanPriceWarning').implement({
    fields: (t) => ({
      code: t.exposeString('code', {
        description:
          'BudgetExceeded and CreditLimitReached warn; at CreditLimitExceeded new subscriptions are refused.',
      }),
      budget: t.exposeString('budget', { nullable: true }),
      limit: t.exposeString('limit', { description: 'The budget, or the credit.' }),
      amount: t.exposeString('amount', { description: 'What it would come to.' }),
    }),
  });
  const refusal = builder.objectRef<Refusal>('PlanPriceRefusal').implement({
    description: 'An object that the books would not take.',
    fields: (t) => ({ key: t.exposeString('key'), code: t.exposeString('code') }),
  });
  const bridge = builder.objectRef<PriceBridge>('PlanPriceBridge').implement({
    description: 'The first period of a fee in another zone, or from another billing day on.',
    fields: (t) => ({
      subscription: t.exposeString('subscription'),
      charge: t.exposeString('charge'),
      from: t.exposeString('from', { description: 'Local day.' }),
      to: t.exposeString('to', { description: 'Local day, exclusive.' }),
      amount: t.exposeString('amount'),
    }),
  });
  const account = builder.objectRef<AccountPrice>('PlanPriceAccount').implement({
    fields: (t) => ({
      account: t.exposeString('account'),
      currency: t.exposeString('currency'),
      ...deltas(t),
      items: t.field({ type: [item], resolve: ({ items }) => items }),
      others: t.exposeInt('others', { description: 'Further objects, which are only in the sum.' }),
      refusals: t.field({ type: [refusal], resolve: ({ refusals }) => refusals }),
      bridges: t.field({ type: [bridge], resolve: ({ bridges }) => bridges }),
      warnings: t.field({ type: [warning], resolve: ({ warnings }) => warnings }),
    }),
  });
  const impact = builder.objectRef<PriceImpact>('PlanPriceImpact').implement({
    description: 'What new prices do to those who subscribed already.',
    fields: (t) => ({
      object: t.exposeString('object'),
      currency: t.exposeString('currency'),
      accounts: t.exposeInt('accounts'),
      subscriptions: t.exposeInt('subscriptions'),
      month: t.exposeString('month', { description: 'For all of them together, from when the newest prices begin.' }),
      gross: t.exposeString('gross', {
        description: 'The same, more and less added up and not set against each other.',
      }),
    }),
  });
  return builder.objectRef<Price>('PlanPrice').implement({
    description: 'What a plan costs, in decimals of major units, before discounts and tax.',
    fields: (t) => ({
      accounts: t.field({ type: [account], resolve: ({ accounts }) => accounts }),
      impact: t.field({ type: [impact], resolve: (price) => price.impact }),
      complete: t.exposeBoolean('complete', { description: 'False: more accounts are touched than were looked at.' }),
    }),
  });
}

function deltas(t: Derived) {
  const field = (name: keyof PriceDelta, description: string) =>
    t.string({ description, resolve: (delta: PriceDelta) => delta[name] });
  return {
    now: field('now', 'Charged at once, or credited where it is below 0.'),
    period: field('period', 'More or less for the periods that now lies in.'),
    month: field('month', 'More or less every month, from the next whole periods on.'),
  };
}

/** Of objects that the caller is not shown, the sum says enough. */
export function visiblePrice({ price, objects }: Pick<Forecast, 'price' | 'objects'>): Price | null {
  if (price === undefined) return null;
  const { accounts, ...rest } = price as unknown as Price;
  const shown = new Set([...objects.map(({ key }) => keyText(key)), 'catalog']);
  return {
    ...rest,
    accounts: accounts.map((each) => {
      const items = each.items.filter(({ key }) => shown.has(key));
      return { ...each, items, others: each.others + each.items.length - items.length };
    }),
  };
}
