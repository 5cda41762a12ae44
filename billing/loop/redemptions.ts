import type { Books } from '../settle/books.ts';
import type { Subscription } from '../settle/subscription.ts';
import type { BooksStore, KeptBooks, Redemption } from './books-store.ts';

/**
 * The books with how often others took the campaigns that not everybody may take. It may be more by the time of the commit, which then
 * refuses: this only says no in good time.
 */
export async function withRedeemed(
  store: Pick<BooksStore, 'redeemed'>,
  books: Books,
  kept: Pick<KeptBooks, 'account' | 'subscriptions'>,
): Promise<Books> {
  const limited = [...books.catalog.campaigns.values()].filter(({ redemptionsMax }) => redemptionsMax !== null);
  if (limited.length === 0) return books;
  const rows = await store.redeemed(
    kept.account,
    limited.map(({ name }) => name),
  );
  const redeemedElsewhere = new Map(
    rows.map(({ campaign, taken, own }) => {
      const standing = own.filter((id) => kept.subscriptions.some((each) => each.id === id && has(each, campaign)));
      return [campaign, BigInt(taken - standing.length)];
    }),
  );
  return { ...books, redeemedElsewhere };
}

/** What is taken by subscriptions that did not have it before. */
export function redemptions(
  before: readonly Subscription[],
  after: Pick<Books, 'subscriptions' | 'catalog'>,
): Redemption[] {
  const known = new Map(before.map((each) => [each.id, each]));
  return after.subscriptions.flatMap(({ id, campaigns }) =>
    [...new Set(campaigns)]
      .filter((campaign) => known.get(id)?.campaigns.includes(campaign) !== true)
      .map((campaign) => ({
        campaign,
        subscription: id,
        max: after.catalog.campaigns.get(campaign)?.redemptionsMax ?? null,
      })),
  );
}

function has({ campaigns }: Subscription, campaign: string): boolean {
  return campaigns.includes(campaign);
}
