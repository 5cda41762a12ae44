import { GraphQLError } from 'graphql';
import type { Clock } from '../reconciler/clock.ts';
import type { Principal } from '../reconciler/principal.ts';
import { createRateLimiter, DEFAULT_RATES, type RateLimits } from './rate-limit.ts';

export interface Gate {
  /** Throws when somebody asks too often, or sends too much: `bytes` of a body count as so many requests. The administrator's token, and the system itself, may ask as often as they like. */
  pass(principal: Principal | null, address: string, bytes?: number): void;
}

/** What parsing and judging them takes is that of so many small requests. */
const BYTES_A_REQUEST = 64 * 1024;

function weightOf(bytes: number): number {
  return Number.isFinite(bytes) ? 1 + Math.floor(bytes / BYTES_A_REQUEST) : 1;
}

export function createGate({
  rates = DEFAULT_RATES,
  api,
}: {
  rates?: RateLimits;
  api: { admission: { environment: { clock: Pick<Clock, 'now'> } } };
}): Gate {
  const callers = createRateLimiter(rates.caller);
  const strangers = createRateLimiter(rates.stranger);
  return {
    pass: (principal, address, bytes = 0) => {
      if (principal && !principal.authentication) return;
      const now = api.admission.environment.clock.now();
      const taken = principal ? callers.take(principal.actor, now, weightOf(bytes)) : strangers.take(address, now);
      if (taken.ok) return;
      const seconds = Math.ceil(taken.waitMs / 1000);
      throw new GraphQLError(`Too many requests; try again in ${seconds} s.`, {
        extensions: { code: 'RATE_LIMITED', http: { status: 429, headers: { 'retry-after': String(seconds) } } },
      });
    },
  };
}
