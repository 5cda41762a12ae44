import { digestOf, newToken } from './one-way.ts';
import type { Parts } from './parts.ts';
import type { RecordTypes } from './records.ts';

export interface OneTime {
  purpose: 'factor' | 'reset' | 'verify' | 'email' | 'invite' | 'oidc' | 'saml' | 'passkeyAdd' | 'passkeySignIn';
  /** Uid of the user, or what else it belongs to. */
  subject: string;
  /** Name of the user, or empty. */
  user: string;
  data?: Record<string, string>;
  lifeMs: number;
}

/** A token that does one thing once. Only its digest is kept. */
export async function issueOneTime(
  parts: Parts,
  { purpose, subject, user, data = {}, lifeMs }: OneTime,
): Promise<string> {
  const token = newToken('sto', parts.random);
  const row = {
    key: digestOf('oneTime', purpose, token),
    subject: `${purpose}:${subject}`,
    value: { purpose, user, data },
    expiresAt: parts.now() + lifeMs,
  };
  if (!(await parts.records.insert('oneTime', row))) throw new Error('A new token was taken: randomness fails.');
  return token;
}

export type OneTimeFound = RecordTypes['oneTime'] & { subject: string };

/** Uses a token up: of many who present it at once, one is answered. */
export async function useOneTime(
  parts: Parts,
  purpose: OneTime['purpose'],
  token: string,
): Promise<OneTimeFound | undefined> {
  const found = await peekOneTime(parts, purpose, token);
  if (!found) return undefined;
  const mine = await parts.records.remove('oneTime', digestOf('oneTime', purpose, token));
  return mine ? found : undefined;
}

/** What a token is for, which stays usable: a second factor may be typed wrong. */
export async function peekOneTime(
  parts: Parts,
  purpose: OneTime['purpose'],
  token: string,
): Promise<OneTimeFound | undefined> {
  const row = await parts.records.get('oneTime', digestOf('oneTime', purpose, token));
  if (!row || (row.expiresAt !== null && row.expiresAt <= parts.now())) return undefined;
  return { ...row.value, subject: row.subject.slice(purpose.length + 1) };
}

/** All tokens of one purpose of a subject: once a password was reset, the other letters are worth nothing. */
export async function dropOneTimes(parts: Parts, purpose: OneTime['purpose'], subject: string): Promise<void> {
  await parts.records.removeOfSubject('oneTime', `${purpose}:${subject}`, null);
}
