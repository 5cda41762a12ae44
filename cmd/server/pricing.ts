import type { MeterLevel, TouchedObject } from '../../billing/forecast/planned.ts';
import { type PricePorts, priceOfChange } from '../../billing/forecast/price.ts';
import type { AccountBooks } from '../../billing/loop/account-books.ts';
import type { BooksStore } from '../../billing/loop/books-store.ts';
import type { ForecastOutcome } from '../../reconciler/forecast/forecast.ts';
import type { Touched } from '../../reconciler/forecast/touched.ts';
import type { JsonObject } from '../../reconciler/json.ts';
import { keyText } from '../../reconciler/object.ts';
import type { ObjectStore } from '../../reconciler/store.ts';
import { readShared } from './books-wishes.ts';

export type Pricing = (outcome: ForecastOutcome) => Promise<ForecastOutcome>;

/** Says of a forecast what it costs, from the books as they stand. */
export function createPricing(
  { store, books }: { store: Pick<ObjectStore, 'getByKey' | 'list'>; books: Pick<BooksStore, 'observed' | 'now'> },
  { accounts }: { accounts: Pick<AccountBooks, 'current'> },
): Pricing {
  const ports: PricePorts = {
    account: async (name) => (await store.getByKey([{ kind: 'Account', project: null, name }]))[0],
    accounts: async (limit) =>
      (await store.list({ kind: 'Account', orderBy: 'name', limit })).items.map(({ object }) => object),
    shared: () => readShared(store),
    books: accounts.current,
    levels: async (account) => standingLevels((await books.observed(account)).levels),
  };
  return async (outcome) => {
    if (!outcome.ok || !outcome.touched || outcome.touched.length === 0) return outcome;
    const price = await priceOfChange(ports, outcome.touched.map(touchedObject), await books.now());
    if (price === null) return outcome;
    return { ...outcome, forecast: { ...outcome.forecast, price: price as unknown as JsonObject } };
  };
}

function touchedObject({ key, before, after, levels }: Touched): TouchedObject {
  const uid = (after ?? before)?.metadata.uid;
  const account = (after ?? before)?.metadata.account ?? null;
  return { key: keyText(key), account, before, after, levels: uid === undefined ? undefined : { uid, after: levels } };
}

/** The last row of each resource's meters. */
function standingLevels(
  rows: Awaited<ReturnType<BooksStore['observed']>>['levels'],
): ReadonlyMap<string, readonly MeterLevel[]> {
  const found = new Map<string, Map<string, MeterLevel>>();
  for (const { uid, meter, level, attributes } of rows.toSorted((a, b) => a.seq - b.seq)) {
    const own = found.get(uid) ?? new Map<string, MeterLevel>();
    own.set(meter, { meter, level: Number(level.num / level.den), attributes });
    found.set(uid, own);
  }
  return new Map([...found].map(([uid, own]) => [uid, [...own.values()]]));
}
