import type { Instant } from '../calendar/interval.ts';
import type { Wish } from '../wish/wish.ts';
import { endedBy, nextWished, wishedAsOf, witnessed } from '../wish/wish-history.ts';
import type { AccountWishes, WishesPort } from './account-loop.ts';
import type { KeptBooks } from './books-store.ts';
import type { Ended } from './pass.ts';

/** Wishes to take, and the instant at which they stood. */
export interface WishesAt {
  wishes: AccountWishes;
  at: Instant;
  /** Something was wished otherwise since then. */
  isPast: boolean;
  ended: Ended;
}

/**
 * What to take next: what was wished at the first instant after `after` at which it became another, or else what is wished now. However
 * late somebody looks, a subscription begins, changes and ends when that was wished. Undefined: nobody wishes this account.
 */
export async function wishesNext(
  port: WishesPort,
  kept: KeptBooks,
  { after, now }: { after: Instant | null; now: Instant },
): Promise<WishesAt | undefined> {
  const history = witnessed(kept.wished, { subscriptions: kept.subscriptions, now });
  const past = nextWished(history, { after, until: now });
  const isPast = past !== undefined;
  const at = past ?? now;
  const subscriptions = isPast ? { past: { at, subscriptions: wishedAsOf(history, at) } } : {};
  const wishes = await port.of(kept.account, now, { catalogZone: catalogZoneOf(kept), ...subscriptions });
  if (wishes === undefined) return undefined;
  const ended = { at: endedBy(history, at), isExhaustive: isPast };
  return { wishes: isPast ? asOfThen(wishes) : wishes, at, isPast, ended };
}

/** Of the past only subscriptions are known. What became of their machines is told at the end, as of when it was seen. */
function asOfThen(wishes: AccountWishes): AccountWishes {
  const own = wishes.own.flatMap((wish): Wish[] =>
    wish.kind === 'Subscription' ? [{ ...wish, value: { ...wish.value, stands: true } }] : [],
  );
  return { ...wishes, own, adjustments: [], unread: [] };
}

/** The zone that the account began with; undefined: it has none yet but the one that is wished. */
export function catalogZoneOf({ calendars }: Pick<KeptBooks, 'calendars'>): string | undefined {
  return calendars[0]?.zone;
}
