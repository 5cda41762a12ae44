import type { Instant } from '../calendar/interval.ts';
import { add, compare, least, type Rational, subtract, ZERO } from '../money/rational.ts';

export type EntitlementScope = (typeof ENTITLEMENT_SCOPES)[number];

/** In the order in which they are drawn. */
export const ENTITLEMENT_SCOPES = ['RESOURCE', 'SUBSCRIPTION', 'USER', 'ACCOUNT'] as const;

/** Included units of a product for a period. */
export interface Grant {
  id: string;
  product: string;
  scope: EntitlementScope;
  /** Whose: a resource, a subscription, a user; the account's has none. */
  owner: string | null;
  /** It serves usage from here… */
  from: Instant;
  /** …to here, and then is gone. */
  expiresAt: Instant;
  left: Rational | 'UNLIMITED';
  /** At most so much of what is left at the end goes to the grant called `next`; null: it is gone. */
  rollover: Rational | null;
  next: string;
}

export interface Need {
  /** The line that the units would be charged on. */
  line: string;
  product: string;
  /** When the usage began. */
  at: Instant;
  resources: readonly string[];
  subscription: string;
  user: string | null;
  quantity: Rational;
}

/** A persisted fact: which line drew how much from which grant. */
export interface Draw {
  grant: string;
  line: string;
  quantity: Rational;
}

/** Draws needs in their order from grants in the fixed one: by scope, then the earliest to expire, then the smallest id. */
export function drawDown(
  needs: readonly Need[],
  grants: readonly Grant[],
): { draws: Draw[]; rest: Map<string, Rational> } {
  const left = new Map(grants.map(({ id, left: amount }) => [id, amount]));
  const ordered = grants.toSorted(byOrder);
  const ending = grants.filter(({ rollover }) => rollover !== null).toSorted((a, b) => a.expiresAt - b.expiresAt);
  const draws: Draw[] = [];
  const rest = new Map<string, Rational>();
  for (const need of needs) {
    // Needs come in the order of time: nobody draws on what has ended by now any more.
    while (ending[0] !== undefined && ending[0].expiresAt <= need.at) carry(ending.shift() as Grant, left);
    let open = need.quantity;
    for (const grant of ordered.filter((each) => serves(each, need))) {
      const available = left.get(grant.id) ?? ZERO;
      const quantity = available === 'UNLIMITED' ? open : least(available, open);
      if (compare(quantity, ZERO) <= 0) continue;
      draws.push({ grant: grant.id, line: need.line, quantity });
      if (available !== 'UNLIMITED') left.set(grant.id, subtract(available, quantity));
      open = subtract(open, quantity);
    }
    rest.set(need.line, open);
  }
  return { draws, rest };
}

/** What carried over before is part of what is left: it never adds up to more than the maximum. */
function carry({ id, next, rollover }: Grant, left: Map<string, Rational | 'UNLIMITED'>): void {
  const rest = left.get(id);
  const there = left.get(next);
  if (rest === undefined || rest === 'UNLIMITED' || there === undefined || there === 'UNLIMITED') return;
  left.set(next, add(there, least(rest, rollover ?? ZERO)));
}

function serves({ product, scope, owner, from, expiresAt }: Grant, need: Need): boolean {
  if (product !== need.product || need.at < from || need.at >= expiresAt) return false;
  switch (scope) {
    case 'RESOURCE':
      return owner !== null && need.resources.length === 1 && need.resources[0] === owner;
    case 'SUBSCRIPTION':
      return owner === need.subscription;
    case 'USER':
      return owner === need.user;
    case 'ACCOUNT':
      return true;
  }
}

function byOrder(a: Grant, b: Grant): number {
  const scope = ENTITLEMENT_SCOPES.indexOf(a.scope) - ENTITLEMENT_SCOPES.indexOf(b.scope);
  return scope || a.expiresAt - b.expiresAt || (a.id < b.id ? -1 : 1);
}
