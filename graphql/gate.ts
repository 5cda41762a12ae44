import type { IncomingMessage, ServerResponse } from 'node:http';
import { GraphQLError } from 'graphql';
import type { Clock } from '../reconciler/clock.ts';
import type { Principal } from '../reconciler/principal.ts';
import { createRateLimiter, DEFAULT_RATES, type RateLimits } from './rate-limit.ts';

/** A batch of the most manifests that are taken at once fits in. */
export const BODY_BYTES_MAX = 64 * 1024 * 1024;

export interface Gate {
  /** Throws when somebody asks too often. The administrator's token, and the system itself, may ask as often as they like. */
  pass(principal: Principal | null, address: string): void;
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
    pass: (principal, address) => {
      if (principal && !principal.authentication) return;
      const now = api.admission.environment.clock.now();
      const taken = principal ? callers.take(principal.actor, now) : strangers.take(address, now);
      if (taken.ok) return;
      const seconds = Math.ceil(taken.waitMs / 1000);
      throw new GraphQLError(`Too many requests; try again in ${seconds} s.`, {
        extensions: { code: 'RATE_LIMITED', http: { status: 429, headers: { 'retry-after': String(seconds) } } },
      });
    },
  };
}

/** Answers a request whose body is too large, or of a length that nobody can tell; nothing of it is read. */
export function refusedBody(req: IncomingMessage, res: ServerResponse): boolean {
  if (req.method !== 'POST') return false;
  const length = req.headers['content-length'];
  if (length !== undefined && Number(length) <= BODY_BYTES_MAX) return false;
  const message = length === undefined ? 'Send a content-length.' : `The body is larger than ${BODY_BYTES_MAX} bytes.`;
  res.writeHead(length === undefined ? 411 : 413, { 'content-type': 'application/json', connection: 'close' });
  res.end(JSON.stringify({ errors: [{ message }] }));
  return true;
}
