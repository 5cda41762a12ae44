import { countAttempt } from './attempts.ts';
import { issueOneTime, useOneTime } from './one-time.ts';
import { digestOf } from './one-way.ts';
import type { Parts, Person } from './parts.ts';
import { perRecipient, VERIFY_MS } from './policy.ts';
import { markProved } from './reset.ts';

/** Sends a letter to the address of a user who is signed in; its link proves that the address is theirs. False: not now. */
export async function askEmailProof(parts: Parts, { email, ...person }: Person): Promise<boolean> {
  if (email === null) return false;
  const limit = await countAttempt(parts.records, perRecipient(parts.policy), {
    whom: email.toLowerCase(),
    now: parts.now(),
  });
  if (!limit.allowed) return false;
  const data = { email: parts.secrets.seal(email) };
  const token = await issueOneTime(parts, {
    purpose: 'email',
    subject: person.uid,
    user: person.name,
    data,
    lifeMs: VERIFY_MS,
  });
  const link = `${parts.policy.publicUrl}/email#token=${token}`;
  const params = { name: person.displayName, link };
  await parts.letters.send({ event: digestOf('email', token), recipient: email, template: 'VerifyEmail', params });
  return true;
}

/** The link was followed. It proves the address that the letter went to, and only while that is the user's address. */
export async function acceptEmailProof(
  parts: Parts,
  { token, from }: { token: string; from: string },
): Promise<boolean> {
  const found = await useOneTime(parts, 'email', token);
  const person = found ? await parts.people.byName(found.user) : undefined;
  const email = found?.data.email === undefined ? null : await parts.secrets.open(found.data.email);
  if (!person?.active || person.uid !== found?.subject || email === null || email !== person.email) return false;
  return markProved(parts, person, from);
}
