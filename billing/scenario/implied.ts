import { ONE } from '../money/rational.ts';
import type { Books } from '../settle/books.ts';
import type { Charge } from '../settle/catalog.ts';
import type { Meter } from '../usage/mediation.ts';
import type { Wish } from '../wish/wish.ts';

/** A subscription to nothing but a price is a monthly fee at that price. */
export function impliedBundles({ catalog }: Books, wishes: readonly Wish[]): Wish[] {
  const known = new Set(catalog.bundles.keys());
  for (const wish of wishes) if (wish.kind === 'Bundle') known.add(wish.value.name);
  const revisions = [
    ...catalog.card.revisions,
    ...wishes.flatMap((wish) => (wish.kind === 'RateCard' ? wish.value : [])),
  ];
  const wanted = wishes.flatMap((wish) => (wish.kind === 'Subscription' ? [wish.value.bundle] : []));
  return [...new Set(wanted)]
    .filter((name) => !known.has(name) && revisions.some(({ prices }) => prices.has(name)))
    .map((name): Wish => ({ kind: 'Bundle', value: { name, charges: [fee(name)], entitlements: [], ...PLAIN } }));
}

/** Usage of a product that no meter measures is taken as it comes. */
export function withImpliedMeters(books: Books): Books {
  const { catalog } = books;
  const written = catalog.meters.filter(({ name }) => !name.startsWith(IMPLIED));
  const measured = new Set(written.map(({ product }) => product));
  const charges = [...catalog.bundles.values()].flatMap((bundle) => bundle.charges);
  const products = charges.flatMap(({ type, product }) =>
    type === 'USAGE' && !measured.has(product) ? [product] : [],
  );
  const meters = [...written, ...[...new Set(products)].map(impliedMeter)];
  const same =
    meters.length === catalog.meters.length &&
    meters.every((each) => catalog.meters.some(({ name }) => name === each.name));
  return same ? books : { ...books, catalog: { ...catalog, meters } };
}

const IMPLIED = 'implied:';

function impliedMeter(product: string): Meter {
  const rules = [{ usage: product, mode: 'COMBINE' as const, factor: ONE, where: [] }];
  return { name: `${IMPLIED}${product}`, product, rules, aggregate: 'SUM', perMonth: false };
}

const PLAIN = { trialDays: 0, isPublished: true, constraint: 'NONE', components: [] } as const;

function fee(name: string): Charge {
  return {
    name,
    price: name,
    product: name,
    taxCode: 'standard',
    type: 'RECURRING',
    every: { unit: 'MONTH', count: 1 },
    timing: 'ADVANCE',
  };
}
