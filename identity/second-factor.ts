import { countAttempt, forgive } from './attempts.ts';
import { base32 } from './base32.ts';
import type { Parts, Person } from './parts.ts';
import { perFactor } from './policy.ts';
import { newRecoveryCodes, withoutRecoveryCode } from './recovery-codes.ts';
import { acceptTotp, TOTP_SECRET_BYTES, totpUri } from './totp.ts';

export type FactorMethod = 'totp' | 'recovery' | 'passkey';

export type FactorOutcome = { state: 'right' } | { state: 'wrong' } | { state: 'waiting'; waitMs: number };

/** The ways in which a person can give a second factor; none when none was set up. */
export async function factorMethods(parts: Parts, uid: string): Promise<FactorMethod[]> {
  const totp = await parts.records.get('totp', uid);
  const passkeys = await parts.records.ofSubject('passkey', uid, 1);
  const first: FactorMethod[] = [
    ...(totp?.value.confirmed ? (['totp'] as const) : []),
    ...(passkeys.length > 0 ? (['passkey'] as const) : []),
  ];
  return first.length === 0 ? [] : [...first, 'recovery'];
}

/** Judges a six-digit code or a recovery code. Tries are counted before they are judged. */
export async function judgeFactor(
  parts: Parts,
  person: Pick<Person, 'name' | 'uid'>,
  { code, from }: { code: string; from: string },
): Promise<FactorOutcome> {
  const attempt = await countAttempt(parts.records, perFactor(parts.policy), { whom: person.uid, now: parts.now() });
  if (!attempt.allowed) return { state: 'waiting', waitMs: attempt.waitMs };
  const digits = /^[\d\s]{6,7}$/.test(code);
  const right = digits ? await isTotp(parts, person.uid, code) : await isRecoveryCode(parts, person.uid, code);
  if (!right) {
    parts.noted({ what: 'SecondFactorRefused', user: person.name, from });
    return { state: 'wrong' };
  }
  if (!digits) await tellCodeUsed(parts, person, from);
  await forgive(parts.records, perFactor(parts.policy), person.uid);
  return { state: 'right' };
}

/** The user hears of it by letter: a list of codes may have been found by somebody else. */
async function tellCodeUsed(parts: Parts, person: Pick<Person, 'name' | 'uid'>, from: string): Promise<void> {
  parts.noted({ what: 'RecoveryCodeUsed', user: person.name, from });
  const found = await parts.people.byName(person.name);
  if (!found || found.email === null) return;
  const event = `recoveryCodeUsed:${person.uid}:${parts.now()}`;
  await parts.letters.send({
    event,
    recipient: found.email,
    template: 'RecoveryCodeUsed',
    params: { name: found.displayName },
  });
}

/** Begins with a new secret, which counts once a code of it was shown. What is in force stays in force until then. */
export async function beginTotp(parts: Parts, person: Person): Promise<{ secret: string; uri: string } | undefined> {
  const secret = parts.random(TOTP_SECRET_BYTES);
  const value = {
    sealedSecret: parts.secrets.seal(Buffer.from(secret).toString('base64')),
    confirmed: false,
    lastCounter: 0,
  };
  const row = await parts.records.get('totp', person.uid);
  if (row?.value.confirmed) return undefined;
  const kept = row
    ? await parts.records.update('totp', { ...row, value })
    : await parts.records.insert('totp', { key: person.uid, subject: person.uid, value, expiresAt: null });
  if (!kept) return undefined;
  return { secret: base32(secret), uri: totpUri(secret, { issuer: parts.policy.issuer, user: person.name }) };
}

/** Puts the secret in force, and answers the recovery codes, which are shown this once. */
export async function confirmTotp(parts: Parts, person: Person, code: string): Promise<string[] | undefined> {
  const attempt = await countAttempt(parts.records, perFactor(parts.policy), { whom: person.uid, now: parts.now() });
  const row = await parts.records.get('totp', person.uid);
  if (!attempt.allowed || !row || row.value.confirmed) return undefined;
  const counter = await acceptedCounter(parts, row.value, code);
  if (counter === null) return undefined;
  const value = { ...row.value, confirmed: true, lastCounter: counter };
  if (!(await parts.records.update('totp', { ...row, value }))) return undefined;
  await forgive(parts.records, perFactor(parts.policy), person.uid);
  return renewRecoveryCodes(parts, person.uid);
}

/** New codes; the old ones are worth nothing from now on. */
export async function renewRecoveryCodes(parts: Parts, uid: string): Promise<string[]> {
  const { codes, digests } = newRecoveryCodes(parts.random);
  await parts.records.remove('recovery', uid);
  const value = { digests, createdAt: parts.now() };
  await parts.records.insert('recovery', { key: uid, subject: uid, value, expiresAt: null });
  return codes;
}

/** Removes the authenticator app; without any second factor left the recovery codes go too. */
export async function removeTotp(parts: Parts, uid: string): Promise<void> {
  await parts.records.remove('totp', uid);
  if ((await factorMethods(parts, uid)).length === 0) await parts.records.remove('recovery', uid);
}

async function isTotp(parts: Parts, uid: string, code: string): Promise<boolean> {
  const row = await parts.records.get('totp', uid);
  if (!row?.value.confirmed) return false;
  const counter = await acceptedCounter(parts, row.value, code);
  // The one who writes the counter is the one who used the code.
  return (
    counter !== null && (await parts.records.update('totp', { ...row, value: { ...row.value, lastCounter: counter } }))
  );
}

async function acceptedCounter(
  parts: Parts,
  totp: { sealedSecret: string; lastCounter: number },
  code: string,
): Promise<number | null> {
  const secret = await parts.secrets.open(totp.sealedSecret);
  if (secret === null) return null;
  return acceptTotp(Buffer.from(secret, 'base64'), { code, now: parts.now(), lastCounter: totp.lastCounter });
}

async function isRecoveryCode(parts: Parts, uid: string, code: string): Promise<boolean> {
  const row = await parts.records.get('recovery', uid);
  const left = row ? withoutRecoveryCode(row.value.digests, code) : null;
  return (
    row !== undefined &&
    left !== null &&
    parts.records.update('recovery', { ...row, value: { ...row.value, digests: left } })
  );
}
