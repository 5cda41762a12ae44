import { csrfOf, type OpenSession } from '../../identity/sessions.ts';
import type { SignInOutcome } from '../../identity/sign-in.ts';
import type { Reply } from './auth-request.ts';

export const FORBIDDEN: Reply = { status: 403, body: { error: 'Only a session of a person may do this.' } };
export const REFUSED: Reply = { status: 401, body: { error: 'That is not right.', state: 'refused' } };
export const CAPTCHA: Reply = {
  status: 403,
  body: { error: 'A proof of work is needed: GET /auth/challenge.', state: 'captchaNeeded' },
};

export function waitingReply(waitMs: number): Reply {
  return { status: 429, body: { error: 'Too many tries. Wait a while.', state: 'waiting' }, retryAfterMs: waitMs };
}

export function passwordReply(reasons: readonly string[]): Reply {
  return { status: 422, body: { error: 'The password was not taken.', reasons } };
}

export function signInReply(outcome: SignInOutcome): Reply {
  switch (outcome.state) {
    case 'signedIn':
      return signedIn(outcome.opened);
    case 'secondFactorNeeded':
      return { status: 200, body: { ...outcome } };
    case 'captchaNeeded':
      return CAPTCHA;
    case 'waiting':
      return waitingReply(outcome.waitMs);
    case 'unavailable':
      return {
        status: 503,
        body: { error: 'Signing in does not answer just now. Try again.', state: 'unavailable' },
        retryAfterMs: 5_000,
      };
    case 'refused':
      return {
        status: 401,
        body: { error: 'Name or password is wrong, or signing in is not allowed.', state: 'refused' },
      };
  }
}

/** A browser gets a cookie and the other half; the command gets the token itself. */
function signedIn({ token: opened, session }: OpenSession): Reply {
  const body = {
    state: 'signedIn',
    user: session.user,
    session: session.id,
    endsAt: new Date(session.endsAt).toISOString(),
  };
  if (session.use === 'commandLine') return { status: 200, body: { ...body, token: opened } };
  return { status: 200, body: { ...body, csrf: csrfOf(opened) }, cookie: opened };
}

export function rotated(opened: OpenSession | undefined, more: Record<string, unknown> = {}): Reply {
  if (!opened) return { status: 409, body: { error: 'The session was changed meanwhile. Sign in again.' } };
  const reply = signedIn(opened);
  return { ...reply, body: { ...reply.body, ...more } };
}
