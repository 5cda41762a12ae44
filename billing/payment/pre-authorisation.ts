import type { Instant } from '../calendar/interval.ts';
import { total } from '../group.ts';

/**
 * Money that a card's bank set aside for a subscription before it begins. A fact each time that something is heard of it: the newest row of
 * an id says how it stands. Where `BilledAccount.preAuthorisation` is an amount, a subscription may begin once `isAuthorised` says so.
 */
export interface Authorisation {
  /** Key of the attempt. */
  id: string;
  subscription: string;
  at: Instant;
  state: 'AUTHORISED' | 'DECLINED' | 'CAPTURED' | 'VOIDED';
  /** What was set aside, also where less of it was taken. */
  amount: bigint;
  /** The gateway's own id; null: there is none. */
  externalId?: string | null;
}

interface Heard {
  authorisations: readonly Authorisation[];
}

/** Whether a subscription's card was good for the sum, whatever became of it since. */
export function isAuthorised({ authorisations }: Heard, subscription: string): boolean {
  return authorisations.some((each) => each.subscription === subscription && each.state === 'AUTHORISED');
}

/** As it was last heard of; undefined: nobody has answered yet. */
export function preAuthorisationOf({ authorisations }: Heard, subscription: string): Authorisation | undefined {
  return authorisations.findLast((each) => each.subscription === subscription);
}

/** What is set aside and neither taken nor let go. */
export function setAside({ authorisations }: Heard): bigint {
  return total(authorisations, ({ state, amount }) =>
    state === 'AUTHORISED' ? amount : state === 'DECLINED' ? 0n : -amount,
  );
}
