import { type RateWish, ratesOf } from '../../billing/report/rates.ts';
import type { ReportedAccount, ReportWishes, WishedBudget } from '../../billing/report/wishes.ts';
import type { StoredObject } from '../../reconciler/object.ts';
import type { ObjectStore } from '../../reconciler/store.ts';
import { all } from './books-wishes.ts';

type Reads = Pick<ObjectStore, 'list' | 'getByKey'>;

/** What reports take from objects. */
export function reportWishes(store: Reads): ReportWishes {
  return {
    budgets: (accounts) => budgets(store, accounts),
    products: async () => new Map((await all(store, 'Meter')).flatMap(measures)),
    rates: async () => (await all(store, 'ExchangeRate')).flatMap(({ spec }) => ratesOf(spec as unknown as RateWish)),
  };
}

/** A meter without rules measures what is called as it is. */
function measures({ metadata, spec }: StoredObject): [string, string][] {
  const product = text(spec.product) || metadata.name;
  const rules = Array.isArray(spec.rules) ? (spec.rules as { usage?: unknown }[]) : [];
  return rules.length === 0 ? [[metadata.name, product]] : rules.map(({ usage }) => [text(usage), product]);
}

async function budgets(store: Reads, accounts: readonly string[] | null): Promise<WishedBudget[]> {
  const projects = await all(store, 'Project');
  const owner = new Map(projects.map(({ metadata, spec }) => [metadata.name, text(spec.account)]));
  const owned = (await all(store, 'Budget')).flatMap((budget) => {
    const account = owner.get(budget.metadata.project ?? '') ?? '';
    return account !== '' && (accounts === null || accounts.includes(account)) ? [{ budget, account }] : [];
  });
  const names = [...new Set(owned.map(({ account }) => account))];
  const found = await store.getByKey(names.map((name) => ({ kind: 'Account', project: null, name })));
  const specs = new Map(found.flatMap((each) => (each === undefined ? [] : [[each.metadata.name, each.spec]])));
  return owned.map(({ budget: { metadata, spec }, account }) => ({
    account,
    channel: text(specs.get(account)?.channel),
    budget: metadata.name,
    user: text(spec.user) || null,
    amount: text(spec.amount),
    currency: text(specs.get(account)?.currency),
  }));
}

/** Accounts as the objects say them; where nothing else remembers them. */
export async function reportedAccounts(store: Reads): Promise<ReportedAccount[]> {
  const trials = new Set(
    (await all(store, 'AccountType')).filter(({ spec }) => spec.trial === true).map(({ metadata }) => metadata.name),
  );
  return (await all(store, 'Account')).map(({ metadata, spec }) => ({
    name: metadata.name,
    type: text(spec.type),
    channel: text(spec.channel),
    registeredAt: Date.parse(metadata.createdAt),
    isLeftOut: trials.has(text(spec.type)) || text(spec.type).toLowerCase() === 'system',
  }));
}

const text = (value: unknown): string => (typeof value === 'string' ? value : '');
