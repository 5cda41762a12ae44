import type { Instant } from './calendar/interval.ts';
import type { Campaign } from './document/discount.ts';
import { total } from './group.ts';
import type { Books } from './settle/books.ts';
import type { Bundle } from './settle/catalog.ts';
import { endOf, type Subscription } from './settle/subscription.ts';

export type SubscriptionRefusal =
  | 'UnknownBundle'
  | 'BundleNotPublished'
  | 'SingletonTaken'
  | 'UserHasOne'
  | 'BundleNotForUsers'
  | 'ComponentNotAllowed'
  | CampaignRefusal;

export type CampaignRefusal =
  | 'UnknownCampaign'
  | 'CampaignDisabled'
  | 'CampaignNotBegun'
  | 'CampaignOver'
  | 'CampaignExhausted'
  | 'CampaignNotForChannel';

export interface WishedSubscription {
  /** The subscription's own, if it is there already. */
  id: string | null;
  bundle: string;
  user: string | null;
  components: Readonly<Record<string, string>>;
  campaigns: readonly string[];
}

/** Whether a subscription to a bundle may begin, or change to it. What goes on as it was is never asked again. */
export function subscriptionRefusal(
  books: Books,
  wish: WishedSubscription,
  at: Instant,
): SubscriptionRefusal | undefined {
  const bundle = books.catalog.bundles.get(wish.bundle);
  if (bundle === undefined) return 'UnknownBundle';
  const known = books.subscriptions.find(({ id }) => id === wish.id);
  const stays = known !== undefined && bundleOf(known) === wish.bundle;
  return (
    (stays ? undefined : bundleRefusal(books, bundle, { wish, at })) ?? campaignsRefusal(books, wish, { known, at })
  );
}

interface Asking {
  wish: WishedSubscription;
  at: Instant;
}

function bundleRefusal(books: Books, bundle: Bundle, { wish, at }: Asking): SubscriptionRefusal | undefined {
  if (!bundle.isPublished) return 'BundleNotPublished';
  const others = books.subscriptions.filter(
    (each) => each.id !== wish.id && endOf(each) > at && bundleOf(each) === bundle.name,
  );
  if (bundle.constraint === 'SINGLETON' && others.length > 0) return 'SingletonTaken';
  if (bundle.constraint === 'PER_USER' && others.some(({ user }) => user === wish.user)) return 'UserHasOne';
  if (bundle.constraint === 'ACCOUNT' && wish.user !== null) return 'BundleNotForUsers';
  const refused = bundle.components.some(({ component, mode, values }) => {
    const chosen = wish.components[component];
    return chosen !== undefined && values.includes(chosen) !== (mode === 'INCLUDES');
  });
  return refused ? 'ComponentNotAllowed' : undefined;
}

function campaignsRefusal(
  { catalog, account, subscriptions, redeemedElsewhere }: Books,
  wish: WishedSubscription,
  { known, at }: { known: Subscription | undefined; at: Instant },
): CampaignRefusal | undefined {
  for (const name of wish.campaigns.filter((each) => known?.campaigns.includes(each) !== true)) {
    const campaign = catalog.campaigns.get(name);
    if (campaign === undefined) return 'UnknownCampaign';
    const own = total(subscriptions, ({ campaigns }) => (campaigns.includes(name) ? 1n : 0n));
    const redeemed = own + (redeemedElsewhere?.get(name) ?? 0n);
    const refusal = campaignRefusal(campaign, { at, channel: account.channel ?? null, redeemed });
    if (refusal !== undefined) return refusal;
  }
  return undefined;
}

/** Whether somebody may take a campaign who has it not yet; `redeemed` says how often it was taken by all. */
export function campaignRefusal(
  { isEnabled, from, to, redemptionsMax, channels }: Campaign,
  { at, channel, redeemed }: { at: Instant; channel: string | null; redeemed: bigint },
): CampaignRefusal | undefined {
  if (!isEnabled) return 'CampaignDisabled';
  if (from > at) return 'CampaignNotBegun';
  if (to !== null && to <= at) return 'CampaignOver';
  if (redemptionsMax !== null && redeemed >= BigInt(redemptionsMax)) return 'CampaignExhausted';
  const isHere = channels.length === 0 || (channel !== null && channels.includes(channel));
  return isHere ? undefined : 'CampaignNotForChannel';
}

function bundleOf({ events }: Subscription): string | undefined {
  return events.findLast(({ bundle }) => bundle !== undefined)?.bundle;
}
