import { FOREVER, type Instant } from '../calendar/interval.ts';
import type { Books } from '../settle/books.ts';
import { awaitedBy, type Subscription, type SubscriptionEvent } from '../settle/subscription.ts';
import type { LevelRow } from '../usage/journal.ts';

/** Since when each resource stands, by its uid, as far as its meters say so. */
export type StandingSince = ReadonlyMap<string, Instant>;

export function standingSince(levels: readonly LevelRow[]): StandingSince {
  const found = new Map<string, Instant>();
  for (const { uid, at, level } of levels) if (level.num > 0n) found.set(uid, Math.min(at, found.get(uid) ?? FOREVER));
  return found;
}

/**
 * Subscriptions that waited for something begin when the last of it happened, whenever that is heard of. What never happens begins nothing,
 * and costs nothing.
 */
export function begun(books: Books, standing: StandingSince, at: Instant): Books {
  let changed = false;
  const subscriptions = books.subscriptions.map((each) => {
    const event = beginning(each, { books, standing, at });
    if (event === undefined) return each;
    changed = true;
    return { ...each, events: [...each.events, event] };
  });
  return changed ? { ...books, subscriptions } : books;
}

interface Heard {
  books: Books;
  standing: StandingSince;
  at: Instant;
}

function beginning(subscription: Subscription, { books, standing, at }: Heard): SubscriptionEvent | undefined {
  const awaited = awaitedBy(subscription);
  const created = subscription.events.find(({ type }) => type === 'CREATE');
  if (created === undefined || awaited.length === 0) return undefined;
  const happened = awaited.flatMap((what) =>
    what === 'PAYMENT'
      ? [authorisedAt(subscription, books)]
      : subscription.resources.map((resource) => standing.get(resource) ?? FOREVER),
  );
  const from = Math.max(created.at, ...happened);
  return from === FOREVER ? undefined : { at: from, recordedAt: at, type: 'BEGIN' };
}

function authorisedAt({ id }: Subscription, { authorisations }: Books): Instant {
  return authorisations.find(({ subscription, state }) => subscription === id && state === 'AUTHORISED')?.at ?? FOREVER;
}
