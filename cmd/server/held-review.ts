import { activeHolds, type Hold } from '../../billing/dunning/dunning.ts';
import type { BooksStore } from '../../billing/loop/books-store.ts';
import { severityOf } from '../../billing/loop/pass.ts';
import { allowsProvider, targetOf } from '../../reconciler/access/access.ts';
import type { Admitted } from '../../reconciler/admission/admit.ts';
import type { Admission } from '../../reconciler/admission/apply.ts';
import type { AdmissionIssue } from '../../reconciler/admission/manifest.ts';
import type { StoredObject } from '../../reconciler/object.ts';
import { accessOf } from '../../reconciler/principal.ts';
import type { Registry } from '../../reconciler/registry.ts';

type Review = NonNullable<Admission['review']>;

/** Several reviews as one. */
export function reviewing(...reviews: readonly Review[]): Review {
  return async (...asked) => (await Promise.all(reviews.map((review) => review(...asked)))).flat();
}

/**
 * An account that is held makes nothing new and nothing larger of what costs money. What is there may be looked after, stopped, made smaller
 * and deleted, and paying ends the hold. The provider's own people may do what their roles say.
 */
export function heldReview({
  registry,
  books,
}: {
  registry: Pick<Registry, 'kind'>;
  books: Pick<BooksStore, 'holds' | 'now'>;
}): Review {
  return async (admitted, existing, principal) => {
    const access = accessOf(principal);
    const more = admitted.filter(
      (one) =>
        isBillable(registry, one) &&
        isMore(one, existing.get(one.index)) &&
        !allowsProvider(access, existing.has(one.index) ? 'update' : 'create', targetOf(one.object)),
    );
    const names = [...new Set(more.flatMap(({ object }) => object.metadata.account ?? []))];
    const found = await Promise.all(names.map(async (name) => [name, await holdOf(books, name)] as const));
    const messages = new Map(found);
    return more.flatMap(({ index, key, object }): AdmissionIssue[] => {
      const message = messages.get(object.metadata.account ?? '') ?? null;
      return message === null ? [] : [{ index, key, path: '', code: 'AccountHeld', message }];
    });
  };
}

/** What is metered, counted or subscribed to. */
function isBillable(registry: Pick<Registry, 'kind'>, { key }: Admitted): boolean {
  const kind = registry.kind(key.kind);
  return kind?.scope === 'project' && (kind.meters !== undefined || kind.amounts !== undefined);
}

/** Pure: whether something is made, or counts for more than before. */
function isMore({ change, object }: Admitted, before: StoredObject | undefined): boolean {
  if (change === 'unchanged') return false;
  if (before === undefined) return true;
  const { amounts: counted = {} } = before.metadata;
  const { amounts = {} } = object.metadata;
  const grows = Object.entries(amounts).some(([name, amount]) => amount > (counted[name] ?? amount));
  const { bundle, quantity } = object.spec;
  const buys = bundle !== before.spec.bundle || Number(quantity) > Number(before.spec.quantity);
  return grows || (object.kind === 'Subscription' && buys);
}

/** What to say of the holds that are active now; null: there are none. */
async function holdOf(books: Pick<BooksStore, 'holds' | 'now'>, account: string): Promise<string | null> {
  const holds = await books.holds(account);
  if (holds.length === 0) return null;
  const now = await books.now();
  const severity = severityOf({ holds }, now);
  if (severity === null) return null;
  const remedy = remedyOf(activeHolds(holds, now));
  return `is refused: the account ${account} is held (${severity}), so that nothing new or larger is made for it. ${remedy}`;
}

/** What ends the holds. Why somebody set one by hand is told by people, not here. */
function remedyOf(holds: readonly Hold[]): string {
  const [debt] = holds.filter(({ source }) => source === 'dunning').map(({ id }) => id.split('/')[1]);
  if (holds.some(({ source }) => source !== 'dunning' && source !== 'credit'))
    return 'Ask the provider what ends the hold.';
  if (debt !== undefined) return `Pay what is overdue, first invoice ${debt}: that ends the hold by itself.`;
  return 'Pay what is owed, or ask the provider for more credit.';
}
