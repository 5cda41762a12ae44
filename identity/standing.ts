import type { Records } from './records.ts';

/** What is kept of a user, told without any of it. `emailKeys`: what the user's address may be kept under. */
export async function standingOf(records: Records, uid: string, emailKeys: readonly string[] = []) {
  const [password, totp, passkeys, logins, sessions, secrets] = await Promise.all([
    records.get('password', uid),
    records.get('totp', uid),
    records.ofSubject('passkey', uid, 1),
    records.ofSubject('login', uid, 50),
    records.ofSubject('session', uid, 1),
    records.ofSubject('apiKey', uid, 1),
  ]);
  const secondFactor = totp?.value.confirmed === true || passkeys.length > 0;
  return {
    emailProved: logins.some(({ key }) => emailKeys.includes(key)),
    password: password !== undefined,
    secondFactor,
    known:
      password !== undefined ||
      totp !== undefined ||
      logins.length + sessions.length + passkeys.length + secrets.length > 0,
  };
}

/** Removes all that is kept of a user or of an API key. */
export async function forgetAll(records: Records, uid: string): Promise<void> {
  for (const kind of ['session', 'password', 'totp', 'recovery', 'passkey', 'login', 'apiKey'] as const)
    await records.removeOfSubject(kind, uid, null);
  await records.removeOfSubject('seen', `place:${uid}`, null);
  for (const purpose of ['factor', 'reset', 'invite', 'email', 'passkeyAdd'])
    await records.removeOfSubject('oneTime', `${purpose}:${uid}`, null);
}

const EXPIRED_AT_ONCE = 1_000;
const ROUNDS_MAX = 50;

/** Forgets what has run out. Bounded; the next run takes the rest. */
export async function tidyRecords(records: Records, now: number): Promise<number> {
  let gone = 0;
  for (let round = 0; round < ROUNDS_MAX; round++) {
    const removed = await records.removeExpired(now, EXPIRED_AT_ONCE);
    gone += removed;
    if (removed < EXPIRED_AT_ONCE) break;
  }
  return gone;
}
