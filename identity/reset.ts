import { addressOf, countAttempt } from './attempts.ts';
import { issueOneTime, peekOneTime, useOneTime } from './one-time.ts';
import { digestOf } from './one-way.ts';
import type { Parts, Person } from './parts.ts';
import { type PasswordSet, setPassword } from './password/passwords.ts';
import { passwordIssues } from './password/policy.ts';
import { personOf, proveEmail } from './people.ts';
import { perRecipient, perSender, RESET_MS } from './policy.ts';

export type Asked = { state: 'asked' } | { state: 'waiting'; waitMs: number };

const EXPIRED = 'The link was used already or has run out. Ask for a new one.';

/** Sends a letter with a link that sets a password, if there is somebody to send it to: the answer is the same. */
export async function askReset(parts: Parts, { login, from }: { login: string; from: string }): Promise<Asked> {
  const now = parts.now();
  const attempt = await countAttempt(parts.records, perSender(parts.policy), { whom: addressOf(from), now });
  if (!attempt.allowed) return { state: 'waiting', waitMs: attempt.waitMs };
  parts.noted({ what: 'PasswordResetAsked', user: login.slice(0, 254), from });
  const person = await personOf(parts, login.trim().slice(0, 254));
  if (person?.active && person.provider === null && person.email !== null) await sendReset(parts, person);
  return { state: 'asked' };
}

/** The letter itself: also what a masquerading member of staff may have sent, who never sees the link. */
export async function sendReset(parts: Parts, person: Person): Promise<boolean> {
  if (person.email === null) return false;
  const limit = await countAttempt(parts.records, perRecipient(parts.policy), {
    whom: person.email.toLowerCase(),
    now: parts.now(),
  });
  if (!limit.allowed) return false;
  const data = { email: parts.secrets.seal(person.email) };
  const token = await issueOneTime(parts, {
    purpose: 'reset',
    subject: person.uid,
    user: person.name,
    data,
    lifeMs: RESET_MS,
  });
  await sendLink(parts, person, { template: 'PasswordReset', page: 'reset', token });
  return true;
}

/** Who invites, and from where. */
export interface Inviter {
  from: string;
  actor?: string;
}

/** Lets a user that somebody else created choose a password; the address is proved by that. */
export async function invite(parts: Parts, person: Person, by: Inviter): Promise<boolean> {
  if (person.email === null) return false;
  const token = await invitation(parts, person, { email: parts.secrets.seal(person.email) });
  await sendLink(parts, person, { template: 'Invitation', page: 'invitation', token });
  parts.noted({ what: 'Invited', user: person.name, ...by });
  return true;
}

/** The same without a letter: whoever has the link chooses the password, and no address is proved. */
export async function invitationLink(parts: Parts, person: Person, by: Inviter): Promise<string> {
  const token = await invitation(parts, person, {});
  parts.noted({ what: 'Invited', user: person.name, how: 'link', ...by });
  return `${parts.policy.publicUrl}/invitation#token=${token}`;
}

function invitation(parts: Parts, { uid, name }: Person, data: Record<string, string>): Promise<string> {
  return issueOneTime(parts, { purpose: 'invite', subject: uid, user: name, data, lifeMs: parts.policy.invitationMs });
}

/** Sets the password that a letter's link allows to set. A password that is refused leaves the link good. */
export async function acceptLink(
  parts: Parts,
  { purpose, token, password, from }: { purpose: 'reset' | 'invite'; token: string; password: string; from: string },
): Promise<PasswordSet & { person?: Person }> {
  const found = await peekOneTime(parts, purpose, token);
  const person = found ? await parts.people.byName(found.user) : undefined;
  if (!found || !person?.active || person.uid !== found.subject) return { ok: false, reasons: [EXPIRED] };
  const words = { minLength: parts.policy.passwordMinLength, personal: [person.name, 'steward'] };
  const reasons = passwordIssues(password, words);
  if (reasons.length > 0) return { ok: false, reasons };
  if (!(await useOneTime(parts, purpose, token))) return { ok: false, reasons: [EXPIRED] };
  const set = await setPassword(parts, person, { password, keepSession: null });
  if (!set.ok) return set;
  // Whoever has the letter has the mailbox.
  const email = found.data.email === undefined ? null : await parts.secrets.open(found.data.email);
  if (email !== null && email === person.email) await markProved(parts, person, from);
  parts.noted({ what: 'PasswordSet', user: person.name, from, how: purpose });
  await tellPasswordChanged(parts, person);
  return { ok: true, person };
}

export async function tellPasswordChanged(parts: Parts, person: Person): Promise<void> {
  if (person.email === null) return;
  const event = `passwordChanged:${person.uid}:${parts.now()}`;
  await parts.letters.send({
    event,
    recipient: person.email,
    template: 'PasswordChanged',
    params: { name: person.displayName },
  });
}

/** The address signs in from now on. False while it is another's. */
export async function markProved(parts: Parts, person: Person, from: string): Promise<boolean> {
  if (person.email === null || !(await proveEmail(parts, person, person.email))) return false;
  await parts.people.changed(person.uid);
  parts.noted({ what: 'EmailVerified', user: person.name, from });
  return true;
}

async function sendLink(
  parts: Parts,
  person: Person,
  { template, page, token }: { template: 'PasswordReset' | 'Invitation'; page: string; token: string },
): Promise<void> {
  const link = `${parts.policy.publicUrl}/${page}#token=${token}`;
  const params = { name: person.displayName, user: person.name, link };
  await parts.letters.send({ event: digestOf(page, token), recipient: person.email ?? '', template, params });
}
