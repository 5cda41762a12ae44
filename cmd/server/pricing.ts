import type { PricePorts } from '../../billing/forecast/account-plan.ts';
import { type ApprovedImpact, unapproved } from '../../billing/forecast/approval.ts';
import type { MeterLevel, TouchedObject } from '../../billing/forecast/planned.ts';
import { impactOfChange, priceOfChange } from '../../billing/forecast/price.ts';
import { refusalsOfChange } from '../../billing/forecast/refusals.ts';
import type { AccountBooks } from '../../billing/loop/account-books.ts';
import type { BooksStore } from '../../billing/loop/books-store.ts';
import type { Admission } from '../../reconciler/admission/apply.ts';
import type { ForecastOutcome } from '../../reconciler/forecast/forecast.ts';
import type { Touched } from '../../reconciler/forecast/touched.ts';
import type { JsonObject } from '../../reconciler/json.ts';
import { keyText } from '../../reconciler/object.ts';
import type { ObjectStore } from '../../reconciler/store.ts';
import { type DecidedSettings, readShared } from './books-wishes.ts';

export interface Pricing {
  /** A forecast with what it costs. */
  priced(outcome: ForecastOutcome): Promise<ForecastOutcome>;
  /** Subscriptions that the books would not take are refused where they are wished. */
  review: NonNullable<Admission['review']>;
}

/** What changes cost and what the books refuse, from the books as they stand. */
export function createPricing(
  {
    store,
    books,
    settings,
  }: {
    store: Pick<ObjectStore, 'getByKey' | 'list'>;
    books: Pick<BooksStore, 'observed' | 'now'>;
    settings?: DecidedSettings;
  },
  { accounts, onError }: { accounts: Pick<AccountBooks, 'current'>; onError(error: unknown): void },
): Pricing {
  const ports: PricePorts = {
    account: async (name) => (await store.getByKey([{ kind: 'Account', project: null, name }]))[0],
    accounts: async (limit) =>
      (await store.list({ kind: 'Account', orderBy: 'name', limit })).items.map(({ object }) => object),
    shared: () => readShared(store, settings),
    books: accounts.current,
    levels: async (account) => standingLevels((await books.observed(account)).levels),
  };
  return {
    priced: async (outcome) => {
      if (!outcome.ok || !outcome.touched || outcome.touched.length === 0) return outcome;
      try {
        const price = await priceOfChange(ports, outcome.touched.map(touchedObject), await books.now());
        if (price === null) return outcome;
        return { ...outcome, forecast: { ...outcome.forecast, price: price as unknown as JsonObject } };
      } catch (error) {
        // Whoever repairs machines needs the plan, also while the books are in trouble.
        onError(new Error('A plan could not be priced.', { cause: error }));
        return outcome;
      }
    },
    review: async (admitted, existing) => {
      const changed = admitted.filter(({ change }) => change !== 'unchanged');
      const touchedBy = ({ key, index, object }: Changed) =>
        touchedObject({ key, before: existing.get(index), after: object, levels: { before: [], after: [] } });
      const dear = (
        await Promise.all(changed.map((each) => dearPrices(ports, { each, touched: touchedBy(each), books })))
      ).flat();
      if (!changed.some(({ key }) => key.kind === 'Subscription')) return dear;
      const touched = changed.map(touchedBy);
      const found = await refusalsOfChange(ports, touched, await books.now());
      const refused = changed.flatMap(({ index, key }) =>
        found
          .filter((refusal) => key.kind === 'Subscription' && refusal.key === keyText(key))
          .map(({ code }) => ({ index, key, path: '/spec', code: 'Invalid' as const, message: sentence(code) })),
      );
      return [...dear, ...refused];
    },
  };
}

type Changed = Parameters<Pricing['review']>[0][number];

/** New prices that touch many of those who subscribed already need somebody who looked. */
async function dearPrices(
  ports: PricePorts,
  { each, touched, books }: { each: Changed; touched: TouchedObject; books: Pick<BooksStore, 'now'> },
): ReturnType<Pricing['review']> {
  const { index, key, object } = each;
  const { before } = touched;
  const spec = object.spec as { revisions?: unknown; approvedImpact?: ApprovedImpact & { by: string } };
  const known = before?.spec as typeof spec | undefined;
  const isNew = JSON.stringify(known?.revisions) !== JSON.stringify(spec.revisions);
  if (key.kind !== 'RateCard' || before === undefined || !isNew) return [];
  // A word that stood there before was about other prices.
  const isSaidNow = wordOf(known?.approvedImpact) !== wordOf(spec.approvedImpact);
  const approved = isSaidNow ? spec.approvedImpact : undefined;
  const message = unapproved(await impactOfChange(ports, [touched], await books.now()), approved);
  return message === null ? [] : [{ index, key, path: '/spec/approvedImpact', code: 'Invalid', message }];
}

/** The store keeps no order of fields. */
function wordOf(approved: (ApprovedImpact & { by: string }) | undefined): string {
  return JSON.stringify([approved?.accounts, approved?.month, approved?.by]);
}

const SENTENCES: Readonly<Record<string, string>> = {
  UnknownBundle: 'names a bundle that is not sold: subscribe to one of the catalog of its account.',
  BundleNotPublished:
    "names a bundle that its account cannot buy: it is not published, or not in its channel's catalog.",
  SingletonTaken: 'is a second one of a bundle that an account can have once: change the first.',
  UserHasOne: 'is a second one of a bundle that a user can have once: change the first.',
  BundleNotForUsers: "is a user's, and its bundle is for whole accounts: leave out user.",
  ComponentNotAllowed: 'chooses a component that its bundle does not allow: see the components of the bundle.',
  UnknownCampaign: 'names a campaign that is not there.',
  CampaignDisabled: "names a campaign that is not enabled, or not in its channel's catalog.",
  CampaignNotBegun: 'names a campaign that has not begun.',
  CampaignOver: 'names a campaign that is over.',
  CampaignExhausted: 'names a campaign that nobody more can take.',
  CampaignNotForChannel: 'names a campaign that is not for its channel.',
  ChangeForbidden: 'changes its bundle or quantity, which its billing policy forbids: end it, and begin another.',
  CreditLimitExceeded: 'goes beyond the credit of its account: pay first, or ask for more.',
};

function sentence(code: string): string {
  return SENTENCES[code] ?? `is refused by the books: ${code}.`;
}

function touchedObject({ key, before, after, levels }: Touched): TouchedObject {
  const uid = (after ?? before)?.metadata.uid;
  const account = (after ?? before)?.metadata.account ?? null;
  return { key: keyText(key), account, before, after, levels: uid === undefined ? undefined : { uid, ...levels } };
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
