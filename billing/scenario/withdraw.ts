import type { Instant } from '../calendar/interval.ts';
import type { Revision } from '../price/rate-card.ts';
import type { Books } from '../settle/books.ts';
import { cancel } from '../wish/apply.ts';

export const WITHDRAWN_KINDS = [
  'Subscription',
  'Bundle',
  'RateCard',
  'Campaign',
  'TaxRule',
  'DunningPolicy',
  'Budget',
] as const;

/** What is deleted counts no more from now on. Nothing that was booked with it changes. */
export function withdraw(
  books: Books,
  { kind, name }: { kind: (typeof WITHDRAWN_KINDS)[number]; name: string },
  at: Instant,
): Books {
  const { catalog, account } = books;
  switch (kind) {
    case 'Subscription':
      return cancel(books, name, at);
    case 'Bundle': {
      const found = catalog.bundles.get(name);
      if (found === undefined) return books;
      return {
        ...books,
        catalog: { ...catalog, bundles: new Map(catalog.bundles).set(name, { ...found, isPublished: false }) },
      };
    }
    case 'Campaign': {
      const found = catalog.campaigns.get(name);
      if (found === undefined) return books;
      return {
        ...books,
        catalog: { ...catalog, campaigns: new Map(catalog.campaigns).set(name, { ...found, isEnabled: false }) },
      };
    }
    case 'TaxRule': {
      const taxRules = catalog.taxRules.map((rule) => (rule.name === name ? { ...rule, to: at } : rule));
      return { ...books, catalog: { ...catalog, taxRules } };
    }
    case 'RateCard':
      return ended(books, name, at);
    case 'DunningPolicy':
      return { ...books, account: { ...account, dunning: null } };
    case 'Budget':
      return { ...books, budgets: books.budgets.filter((budget) => budget.name !== name) };
  }
}

/** A last revision without prices: what was billed by now does not know it, and what is billed later has no price, which is told. */
function ended(books: Books, name: string, at: Instant): Books {
  const { card } = books.catalog;
  const isOwn = ({ id }: Revision) => id.startsWith(`${name}@`);
  const own = card.revisions.filter(isOwn);
  const last = own.at(-1);
  if (last === undefined) return books;
  const end = {
    ...last,
    id: `${name}@${at}`,
    from: at,
    to: null,
    recordedAt: at,
    hash: 'withdrawn',
    prices: new Map(),
  };
  const revisions = card.revisions.filter((revision) => !isOwn(revision) || revision.from < at);
  return { ...books, catalog: { ...books.catalog, card: { ...card, revisions: [...revisions, end] } } };
}
