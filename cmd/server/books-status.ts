import type { AccountBooks, CurrentBooks } from '../../billing/loop/account-books.ts';
import type { AdjustmentDone } from '../../billing/loop/books-store.ts';
import { money, type Standing, standingOf } from '../../billing/loop/standing.ts';
import { iso } from '../../reconciler/clock.ts';
import type { JsonObject } from '../../reconciler/json.ts';
import type { StoredObject } from '../../reconciler/object.ts';
import type { ObjectStore } from '../../reconciler/store.ts';
import type { BooksPort } from '../../resources/ports.ts';
import { briefly } from './brief-cache.ts';

/** Every object of an account asks at about the same time: one look serves them all. */
const KEPT = { forMs: 2_000, max: 2_000 };

interface Parts {
  store: Pick<ObjectStore, 'getByUid'>;
  /** With the usage that is observed and not written down yet. */
  current(account: string): Promise<Awaited<ReturnType<AccountBooks['current']>>>;
  now(): number;
}

/** What the books say of the wishes that they are made of, for their statuses. */
export function bookStatuses({ store, current, now }: Parts): BooksPort {
  const standing = briefly({ ...KEPT, now }, async (account) => {
    const books = await current(account);
    return books === undefined ? undefined : { books, standing: standingOf(books, now()) };
  });
  return {
    statusOf: async (uid) => {
      const [object] = await store.getByUid([uid]);
      const account = object?.metadata.account;
      if (object === undefined || !account) return null;
      const found = await standing(account);
      return found === undefined ? null : statusOf(object, found.standing, found.books);
    },
  };
}

function statusOf(
  object: StoredObject,
  standing: Standing,
  { account: { currency }, adjustments }: CurrentBooks,
): JsonObject | null {
  const { project, name } = object.metadata;
  const id = project === null ? name : `${project}/${name}`;
  switch (object.kind) {
    case 'Subscription':
      return ofSubscription(standing, { id, currency });
    case 'Budget': {
      const budget = standing.budgets.get(id);
      if (budget === undefined) return null;
      const reached = budget.reached.map((threshold) => money(threshold, currency).amount);
      return { spent: money(budget.spent, currency), reached };
    }
    case 'Wallet': {
      const balance = standing.wallets.get(id);
      return balance === undefined ? null : { balance: money(balance, currency) };
    }
    case 'Adjustment':
      return ofAdjustment(adjustments.find(({ uid }) => uid === object.metadata.uid));
    default:
      return null;
  }
}

function ofAdjustment(done: AdjustmentDone | undefined): JsonObject {
  if (done === undefined) return { state: 'REQUESTED' };
  const { at, document, refusal } = done;
  if (refusal !== null) return { state: 'REFUSED', refusal };
  return { state: 'BOOKED', bookedAt: iso(at), ...(document === null ? {} : { document }) };
}

/** The newest of its name: what was deleted before is another one. */
function ofSubscription(
  { subscriptions }: Standing,
  { id, currency }: { id: string; currency: string },
): JsonObject | null {
  const own = [...subscriptions].filter(([name]) => name === id || name.startsWith(`${id}#`)).at(-1)?.[1];
  if (own === undefined) return null;
  const { state, period, nextCharge, spend, problem } = own;
  return {
    state,
    period: period === null ? null : { from: iso(period.from), to: iso(period.to) },
    nextCharge: nextCharge === null ? null : { at: iso(nextCharge.at), ...money(nextCharge.amount, currency) },
    spend: money(spend, currency),
    problem,
  };
}
