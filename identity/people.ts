import { localName } from './federation.ts';
import type { Parts, Person } from './parts.ts';

/** Who is meant by what was typed: a user's name, or an e-mail address that the user has proved to own. */
export async function personOf(parts: Parts, login: string): Promise<Person | undefined> {
  if (!login.includes('@')) return parts.people.byName(localName(login));
  const row = await parts.records.get('login', emailKey(parts, login));
  if (!row) return undefined;
  const person = await parts.people.byName(row.value.user);
  // A name may have been given to somebody new; the address is still the old one's.
  return person?.uid === row.value.uid ? person : undefined;
}

/** From now on the person signs in by this address too. False while it is another's. */
export async function proveEmail(parts: Parts, person: Person, email: string): Promise<boolean> {
  const key = emailKey(parts, email);
  const taken = await parts.records.get('login', key);
  if (taken) {
    const owner = await parts.people.byName(taken.value.user);
    if (owner?.uid === taken.value.uid) return taken.value.uid === person.uid;
    await parts.records.remove('login', key);
  }
  const row = { key, subject: person.uid, value: { user: person.name, uid: person.uid }, expiresAt: null };
  return parts.records.insert('login', row);
}

/** Two spellings of an address differ in capitals only; who writes `+tag` means another mailbox. */
export function emailKey({ secrets }: Pick<Parts, 'secrets'>, email: string): string {
  return secrets.blindIndex(`email:${email.trim().toLowerCase()}`);
}
