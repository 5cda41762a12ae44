import { GraphQLError, type GraphQLSchema } from 'graphql';
import { addressOf } from '../identity/attempts.ts';
import type { Principal } from '../reconciler/principal.ts';
import type { Context } from './context.ts';

export interface VigilLimits {
  /** Subscriptions and sockets that one principal, and one network address, may have open at once, each counted by itself. */
  perPrincipal: number;
  perAddress: number;
  /** After such a time they end, and whoever still wants them opens them anew. */
  lifeMs: number;
}

export const DEFAULT_VIGIL: VigilLimits = { perPrincipal: 100, perAddress: 400, lifeMs: 12 * 3_600_000 };

export interface VigilOptions {
  limits?: VigilLimits;
  /** Whether somebody who was recognised still would be: the session, key and user stand. */
  stands(principal: Principal): Promise<boolean>;
  now(): number;
}

/** A place that something open takes until it ends. */
export interface Place {
  /** Aborts when it has to end; the reason says why. */
  ended: AbortSignal;
  leave(): void;
}

/** Watches over what stays open: who may not ask any more does not go on listening either. */
export interface Vigil {
  /** Throws when too much is open already. `may`: what the principal must be allowed for as long as it is open. */
  enter(what: 'subscription' | 'socket' | 'console', principal: Principal, may?: () => Promise<boolean>): Place;
  stands(principal: Principal): Promise<boolean>;
  /** Looks at everybody who has something open, once each, and ends what must not go on. */
  look(): Promise<void>;
}

interface Open {
  principal: Principal;
  may(): Promise<boolean>;
  until: number;
  ending: AbortController;
}

export function createVigil({ limits = DEFAULT_VIGIL, stands, now }: VigilOptions): Vigil {
  const open = new Set<Open>();
  const counts = new Map<string, number>();
  const count = (names: readonly string[], by: 1 | -1) => {
    for (const name of names) {
      const next = (counts.get(name) ?? 0) + by;
      if (next > 0) counts.set(name, next);
      else counts.delete(name);
    }
  };
  return {
    stands,
    enter: (what, principal, may = async () => true) => {
      const byPrincipal = `${what} of ${principal.actor}`;
      const byAddress = `${what} from ${addressOf(principal.from)}`;
      // The administrator's token is never locked out.
      const names = principal.authentication ? [byPrincipal, byAddress] : [];
      const isFull = (name: string, limit: number) => names.length > 0 && (counts.get(name) ?? 0) >= limit;
      if (isFull(byPrincipal, limits.perPrincipal) || isFull(byAddress, limits.perAddress))
        throw new GraphQLError(`Too many ${what}s are open; close some first.`, {
          extensions: { code: 'RATE_LIMITED' },
        });
      const one: Open = { principal, may, until: now() + limits.lifeMs, ending: new AbortController() };
      open.add(one);
      count(names, 1);
      return {
        ended: one.ending.signal,
        leave: () => {
          if (open.delete(one)) count(names, -1);
        },
      };
    },
    look: async () => {
      const at = now();
      const asked = new Map<string, Promise<boolean>>();
      await Promise.all(
        [...open].map(async ({ principal, may, until, ending }) => {
          if (until <= at) return ending.abort(LIFE_IS_OVER);
          const name = nameOf(principal);
          const asking = asked.get(name) ?? stands(principal);
          asked.set(name, asking);
          if (!(await asking) || !(await may())) ending.abort(SIGNED_OUT);
        }),
      );
    },
  };
}

/** Gives every subscription of the schema a place, and ends it with that. */
export function watchOver(schema: GraphQLSchema): void {
  for (const field of Object.values(schema.getSubscriptionType()?.getFields() ?? {})) {
    const { subscribe } = field;
    if (!subscribe) throw new Error(`The subscription ${field.name} never tells anything.`);
    const watched: typeof subscribe = async (root, args, context: Context, info) => {
      const place = context.vigil?.enter('subscription', context.principal);
      try {
        const stream = (await subscribe(root, args, context, info)) as AsyncIterable<unknown>;
        return place ? within(place, stream) : stream;
      } catch (error) {
        place?.leave();
        throw error;
      }
    };
    field.subscribe = watched;
  }
}

const SIGNED_OUT = 'The session, key or right of whoever asked has ended.';
const LIFE_IS_OVER = 'It was open for very long. Open it anew, from the last position.';

/** Whatever has the same name stands or falls together. Each secret of a key is another matter. */
function nameOf({ actor, masquerade, authentication }: Principal): string {
  const { user, session, key, scopes, behind } = authentication ?? {};
  return JSON.stringify([actor, masquerade, user, session, key, scopes, behind]);
}

/** A stream that ends when its place does, also while it waits for the next thing; the place is free as soon as nobody listens. */
function within<T>(place: Place, stream: AsyncIterable<T>): AsyncIterableIterator<T> {
  const inner = stream[Symbol.asyncIterator]();
  let end: () => void = () => undefined;
  const ended = new Promise<never>((_resolve, reject) => {
    end = () => reject(new GraphQLError(String(place.ended.reason), { extensions: { code: 'ENDED' } }));
  });
  ended.catch(() => undefined);
  place.ended.addEventListener('abort', end, { once: true });
  if (place.ended.aborted) end();
  const over = () => {
    place.ended.removeEventListener('abort', end);
    place.leave();
    // What it waits for just now comes to its end by itself.
    inner.return?.().catch(() => undefined);
  };
  return {
    next: async () => {
      try {
        const next = await Promise.race([inner.next(), ended]);
        if (next.done) over();
        return next;
      } catch (error) {
        over();
        throw error;
      }
    },
    return: async () => {
      over();
      return { done: true, value: undefined };
    },
    [Symbol.asyncIterator]() {
      return this;
    },
  };
}
