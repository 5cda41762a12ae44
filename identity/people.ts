import { localName } from './federation.ts';
import { emailKeys, indexedEmail, loginOf, renewLogin } from './logins.ts';
import type { Parts, Person } from './parts.ts';

/** Who is meant by what was typed: a user's name, or an e-mail address that the user has proved to own. */
export async function personOf(parts: Parts, login: string): Promise<Person | undefined> {
  if (!login.includes('@')) return parts.people.byName(localName(login));
  const row = await loginOf(parts, login);
  if (!row) return undefined;
  const person = await parts.people.byName(row.value.user);
  // The name may be somebody else's by now, or the address no longer this person's.
  const same = person?.uid === row.value.uid && isEmail(person, login);
  if (!same) return undefined;
  const [key = row.key] = emailKeys(parts, login);
  await renewLogin(parts.records, row, { key, of: indexedEmail(login) });
  return person;
}

/** From now on the person signs in by this address too. False while it is another's. */
export async function proveEmail(parts: Parts, person: Person, email: string): Promise<boolean> {
  const [key = ''] = emailKeys(parts, email);
  const taken = await loginOf(parts, email);
  if (taken) {
    const owner = await parts.people.byName(taken.value.user);
    if (owner?.uid === taken.value.uid && isEmail(owner, email)) return taken.value.uid === person.uid;
    await parts.records.remove('login', taken.key);
  }
  const value = { user: person.name, uid: person.uid, of: indexedEmail(email) };
  const row = { key, subject: person.uid, value, expiresAt: null };
  if (!(await parts.records.insert('login', row))) return false;
  await dropOldEmails(parts, person.uid, key);
  return true;
}

/** An address that was proved and is no longer the user's signs in nobody. Links to identity providers have their provider's name in front. */
async function dropOldEmails({ records }: Parts, uid: string, current: string): Promise<void> {
  const rows = await records.ofSubject('login', uid, 50);
  for (const { key } of rows) if (key !== current && !key.includes(':')) await records.remove('login', key);
}

function isEmail({ email }: Person, text: string): boolean {
  return email !== null && email.toLowerCase() === text.trim().toLowerCase();
}
