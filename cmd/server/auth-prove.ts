import { countAttempt, forgive } from '../../identity/attempts.ts';
import type { Authenticated } from '../../identity/authenticate.ts';
import type { Parts } from '../../identity/parts.ts';
import { isPassword } from '../../identity/password/passwords.ts';
import { perUser } from '../../identity/policy.ts';
import { factorMethods, judgeFactor } from '../../identity/second-factor.ts';
import { isFresh } from '../../identity/session-rules.ts';
import { rotateSession } from '../../identity/sessions.ts';
import { FORBIDDEN, REFUSED, rotated, waitingReply } from './auth-replies.ts';
import type { Reply } from './auth-request.ts';
import type { AuthCall } from './auth-route.ts';

/** Whoever has a second factor proves by that too: a password alone does not reach what is dangerous. */
export async function proveAgain(
  { parts, credentials: { from } }: AuthCall,
  body: { password?: string | undefined; code?: string | undefined },
  who: Authenticated | null,
): Promise<Reply> {
  if (!who?.session) return FORBIDDEN;
  const hasFactor = (await factorMethods(parts, who.person.uid)).length > 0;
  if (hasFactor) {
    if (body.code === undefined)
      return { status: 401, body: { error: 'A code of the second factor is needed.', state: 'secondFactorNeeded' } };
    const judged = await judgeFactor(parts, who.person, { code: body.code, from });
    if (judged.state === 'waiting') return waitingReply(judged.waitMs);
    return judged.state === 'right'
      ? rotated(await rotateSession(parts, who.session, { secondFactor: true }))
      : REFUSED;
  }
  const outcome = await signInAgain(parts, who, { password: body.password ?? '', from });
  return outcome ?? rotated(await rotateSession(parts, who.session, { secondFactor: false }));
}

async function signInAgain(
  parts: Parts,
  who: Authenticated,
  { password: given, from }: { password: string; from: string },
): Promise<Reply | null> {
  const attempt = await countAttempt(parts.records, perUser(parts.policy), { whom: who.person.name, now: parts.now() });
  if (!attempt.allowed) return waitingReply(attempt.waitMs);
  const right = who.person.provider === null && given !== '' && (await isPassword(parts, who.person, given));
  if (right === true) {
    await forgive(parts.records, perUser(parts.policy), who.person.name);
    return null;
  }
  parts.noted({ what: 'SignInRefused', user: who.person.name, from, how: 'prove' });
  return REFUSED;
}

export function isFreshSession({ policy, now }: Parts, who: Authenticated): boolean {
  return who.session !== null && isFresh(who.session.value, { freshMs: policy.freshMs, now: now() });
}
