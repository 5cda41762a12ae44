import type { Instant } from '../calendar/interval.ts';
import { groupBy } from '../group.ts';
import { parseMoney } from '../money/currency.ts';
import type { FactRow } from './facts.ts';
import type { ExchangeRate } from './rates.ts';

/** What reports take from wishes: who is a customer, what was meant to be spent, what meters are called, what money is worth. */
export interface ReportWishes {
  budgets(accounts: readonly string[] | null): Promise<WishedBudget[]>;
  /** Name of what is sold for each name that usage is measured under. */
  products(): Promise<ReadonlyMap<string, string>>;
  rates(): Promise<ExchangeRate[]>;
}

export interface WishedBudget {
  account: string;
  channel: string;
  budget: string;
  /** Null: the account's. */
  user: string | null;
  /** Decimal, of the currency. */
  amount: string;
  currency: string;
}

/** An account as reports know it, though it may be gone by now. */
export interface ReportedAccount {
  name: string;
  /** Empty: none. */
  type: string;
  channel: string;
  registeredAt: Instant;
  /** The provider's own, or on trial: not among the customers of sales figures. */
  isLeftOut: boolean;
}

/** Budgets beside what was billed: by the account, or by the subscriptions of one user. */
export function budgetFacts(budgets: readonly WishedBudget[], billed: readonly FactRow[]): FactRow[] {
  const byAccount = groupBy(billed, ({ keys }) => keys.account ?? '');
  return budgets.map(({ account, budget, user, amount, currency }) => {
    const own = (byAccount.get(account) ?? []).filter(({ keys }) => user === null || keys.user === user);
    const sum = own.reduce((all, { sums }) => all + BigInt(sums.billed ?? '0'), 0n);
    const meant = parseMoney(amount, currency) ?? 0n;
    return {
      keys: { account, budget, user: user ?? '' },
      currency,
      rate: null,
      sums: { amount: `${meant}`, billed: `${sum}` },
    };
  });
}

/** What measures are called in the catalog; what nothing is sold by keeps its own name. */
export function namedProducts(facts: readonly FactRow[], products: ReadonlyMap<string, string>): FactRow[] {
  return facts.map(({ keys, ...fact }) => {
    const { product = '' } = keys;
    return { ...fact, keys: { ...keys, product: products.get(product) ?? product } };
  });
}
