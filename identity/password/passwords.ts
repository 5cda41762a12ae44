import { forgive } from '../attempts.ts';
import { dropOneTimes } from '../one-time.ts';
import type { Parts, Person } from '../parts.ts';
import { perUser } from '../policy.ts';
import { revokeSessions } from '../sessions.ts';
import { passwordIssues } from './policy.ts';

export type PasswordSet = { ok: true } | { ok: false; reasons: string[] };

const BUSY = 'could not be taken just now: try again';

/** Sets a password. All other sessions and all letters that let in end with the old one. */
export async function setPassword(
  parts: Parts,
  person: Person,
  { password, keepSession }: { password: string; keepSession: string | null },
): Promise<PasswordSet> {
  const reasons = passwordIssues(password, {
    minLength: parts.policy.passwordMinLength,
    personal: personalWords(person),
  });
  if (reasons.length > 0) return { ok: false, reasons };
  const hash = await parts.hasher.hash(password);
  if (hash === 'busy') return { ok: false, reasons: [BUSY] };
  await storeHash(parts, person.uid, hash);
  await revokeSessions(parts, person.uid, keepSession);
  await dropOneTimes(parts, 'reset', person.uid);
  await dropOneTimes(parts, 'factor', person.uid);
  await forgive(parts.records, perUser(parts.policy), person.name);
  return { ok: true };
}

/** Whether this is the person's password. The time it takes tells nothing about whether there is such a person. */
export async function isPassword(
  parts: Parts,
  person: Person | undefined,
  password: string,
): Promise<boolean | 'busy'> {
  const row = person ? await parts.records.get('password', person.uid) : undefined;
  const right = await parts.hasher.verify(row?.value.hash ?? null, password.slice(0, 1_024));
  if (right === true && row && parts.hasher.isOutdated(row.value.hash)) {
    const hash = await parts.hasher.hash(password);
    // Whoever sets another password meanwhile wins.
    if (hash !== 'busy') await parts.records.update('password', { ...row, value: { ...row.value, hash } });
  }
  return right;
}

async function storeHash(parts: Parts, uid: string, hash: string): Promise<void> {
  const value = { hash, changedAt: parts.now() };
  for (;;) {
    const row = await parts.records.get('password', uid);
    const done = row
      ? await parts.records.update('password', { ...row, value })
      : await parts.records.insert('password', { key: uid, subject: uid, value, expiresAt: null });
    if (done) return;
  }
}

function personalWords({ name, email, displayName }: Person): string[] {
  return [name, ...(email ?? '').split(/[@.]/), ...displayName.split(/\s+/), 'steward'];
}
