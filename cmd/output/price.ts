import type {
  AccountPrice,
  Price,
  PriceBridge,
  PriceDelta,
  PriceImpact,
  PriceWarning,
} from '../../billing/forecast/price.ts';
import type { Paint } from '../io.ts';

export const PRICE_FIELDS = `price {
    accounts {
      account currency now period month others
      items { key now period month }
      refusals { key code }
      bridges { subscription charge from to amount }
      warnings { code budget limit amount }
    }
    impact { object currency accounts subscriptions month }
    complete
  }`;

/** Items that are worth a line each. */
const ITEMS_MAX = 20;

/** What a plan costs: by account, its dearest objects first, then what new prices do to everybody else. */
export function priceLines({ accounts, impact, complete }: Price, paint: Paint): string[] {
  return [
    paint.bold('Price, before discounts and tax:'),
    ...accounts.flatMap((account) => accountLines(account, paint)),
    ...impact.map(impactLine),
    ...(complete ? [] : [paint.warn('  More accounts are touched than were looked at.')]),
  ];
}

function accountLines(account: AccountPrice, paint: Paint): string[] {
  const { currency, items, others, bridges, refusals, warnings } = account;
  const dearest = items.toSorted((a, b) => (sizeOf(a) < sizeOf(b) ? 1 : -1));
  const left = others + Math.max(0, items.length - ITEMS_MAX);
  return [
    `  account ${account.account}: ${deltaText(account, currency)}`,
    ...dearest.slice(0, ITEMS_MAX).map((item) => `    ${item.key}: ${deltaText(item, currency)}`),
    ...(left > 0 ? [`    and ${left} more in the sum`] : []),
    ...bridges.map((bridge) => bridgeLine(bridge, currency)),
    ...refusals.map(({ key, code }) => paint.bad(`    ${key} would be refused: ${code}`)),
    ...warnings.map((warning) => warningLine(warning, currency, paint)),
  ];
}

/** Amounts of one currency have the same digits, so that they compare without their point. */
function sizeOf({ month }: PriceDelta): bigint {
  return BigInt(month.replaceAll(/[-.]/g, ''));
}

function deltaText({ now, period, month }: PriceDelta, currency: string): string {
  return `${signed(now)} now, ${signed(period)} this period, ${signed(month)} ${currency} a month`;
}

function signed(amount: string): string {
  return amount.startsWith('-') ? amount : `+${amount}`;
}

function bridgeLine({ subscription, charge, from, to, amount }: PriceBridge, currency: string): string {
  return `    ${subscription}: ${charge} from ${from} to ${to} is ${amount} ${currency}, then whole periods`;
}

function warningLine({ code, budget, limit, amount }: PriceWarning, currency: string, paint: Paint): string {
  switch (code) {
    case 'BudgetExceeded':
      return paint.warn(`    Budget ${budget ?? ''} is ${limit} ${currency}; this comes to ${amount}.`);
    case 'CreditLimitReached':
      return paint.warn(`    The credit limit is ${limit} ${currency}; this comes to ${amount}.`);
    case 'CreditLimitExceeded':
      return paint.bad(`    The credit limit is ${limit} ${currency}: new subscriptions are refused.`);
  }
}

function impactLine({ object, currency, accounts, subscriptions, month }: PriceImpact): string {
  const whom = `${accounts} ${accounts === 1 ? 'account' : 'accounts'}, ${subscriptions} ${subscriptions === 1 ? 'subscription' : 'subscriptions'}`;
  return `  ${object} touches ${whom}: ${signed(month)} ${currency} a month`;
}
