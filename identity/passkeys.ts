import {
  type AuthenticationResponseJSON,
  generateAuthenticationOptions,
  generateRegistrationOptions,
  type RegistrationResponseJSON,
  verifyAuthenticationResponse,
  verifyRegistrationResponse,
} from '@simplewebauthn/server';
import { addressOf, countAttempt, takeBack } from './attempts.ts';
import { issueOneTime, useOneTime } from './one-time.ts';
import { digestOf } from './one-way.ts';
import type { Parts, Person } from './parts.ts';
import { PASSKEYS_MAX, PER_ADDRESS } from './policy.ts';
import type { PasskeyValue, Row } from './records.ts';
import { renewRecoveryCodes } from './second-factor.ts';
import { admitted, type Entry, type SignInOutcome } from './sign-in.ts';

const CHALLENGE_MS = 300_000;

/** What a browser is asked, and the token that comes back with its answer. */
export interface PasskeyQuestion {
  options: unknown;
  token: string;
}

/** A passkey is both factors at once: something one has, and a finger or a PIN. So verification of the user is always asked for. */
export async function beginPasskey(parts: Parts, person: Person): Promise<PasskeyQuestion> {
  const known = await parts.records.ofSubject('passkey', person.uid, PASSKEYS_MAX);
  const options = await generateRegistrationOptions({
    rpName: parts.policy.issuer,
    rpID: relyingParty(parts).id,
    userName: person.name,
    userID: Uint8Array.from(Buffer.from(person.uid, 'utf8')),
    userDisplayName: person.displayName,
    challenge: Uint8Array.from(parts.random(32)),
    attestationType: 'none',
    excludeCredentials: known.map(({ value }) => ({ id: value.credentialId })),
    authenticatorSelection: { residentKey: 'required', userVerification: 'required' },
    timeout: CHALLENGE_MS,
  });
  const data = { challenge: options.challenge };
  const token = await issueOneTime(parts, {
    purpose: 'passkeyAdd',
    subject: person.uid,
    user: person.name,
    data,
    lifeMs: CHALLENGE_MS,
  });
  return { options, token };
}

export type PasskeyAdded = { ok: true; id: string; recoveryCodes: string[] | null } | { ok: false };

/** Keeps the public key of a new passkey. With the first second factor come recovery codes. */
export async function addPasskey(
  parts: Parts,
  person: Person,
  { token, response, label }: { token: string; response: unknown; label: string },
): Promise<PasskeyAdded> {
  const question = await useOneTime(parts, 'passkeyAdd', token);
  const { records } = parts;
  if (question?.subject !== person.uid) return { ok: false };
  if ((await records.ofSubject('passkey', person.uid, PASSKEYS_MAX)).length >= PASSKEYS_MAX) return { ok: false };
  const { id, origin } = relyingParty(parts);
  const verified = await verifyRegistrationResponse({
    response: response as RegistrationResponseJSON,
    expectedChallenge: question.data.challenge ?? '',
    expectedOrigin: origin,
    expectedRPID: id,
    requireUserVerification: true,
  }).catch(() => null);
  if (!verified?.verified) return { ok: false };
  const { credential } = verified.registrationInfo;
  const value: PasskeyValue = {
    user: person.name,
    uid: person.uid,
    credentialId: credential.id,
    publicKey: Buffer.from(credential.publicKey).toString('base64url'),
    counter: credential.counter,
    transports: credential.transports ?? [],
    label: label.slice(0, 64),
    createdAt: parts.now(),
    usedAt: 0,
  };
  const key = passkeyKey(credential.id);
  if (!(await records.insert('passkey', { key, subject: person.uid, value, expiresAt: null }))) return { ok: false };
  const hasCodes = (await records.get('recovery', person.uid)) !== undefined;
  return { ok: true, id: key, recoveryCodes: hasCodes ? null : await renewRecoveryCodes(parts, person.uid) };
}

/** Whoever comes: the passkey itself says whose it is. */
export async function askPasskey(parts: Parts): Promise<PasskeyQuestion> {
  const options = await generateAuthenticationOptions({
    rpID: relyingParty(parts).id,
    challenge: Uint8Array.from(parts.random(32)),
    userVerification: 'required',
    timeout: CHALLENGE_MS,
  });
  const data = { challenge: options.challenge };
  const token = await issueOneTime(parts, {
    purpose: 'passkeySignIn',
    subject: '',
    user: '',
    data,
    lifeMs: CHALLENGE_MS,
  });
  return { options, token };
}

/** Signs in by a passkey; each question is answered once. */
export async function signInByPasskey(
  parts: Parts,
  { token, response, ...entry }: { token: string; response: unknown } & Omit<Entry, 'how'>,
): Promise<SignInOutcome> {
  const whom = { whom: addressOf(entry.from), now: parts.now() };
  const attempt = await countAttempt(parts.records, PER_ADDRESS, whom);
  if (!attempt.allowed) return { state: 'waiting', waitMs: attempt.waitMs };
  const question = await useOneTime(parts, 'passkeySignIn', token);
  const answer = response as AuthenticationResponseJSON;
  const row = typeof answer?.id === 'string' ? await parts.records.get('passkey', passkeyKey(answer.id)) : undefined;
  const person = row ? await parts.people.byName(row.value.user) : undefined;
  const right =
    question && row ? await isAnswer(parts, { row, answer, challenge: question.data.challenge ?? '' }) : false;
  if (!right || !person?.active || person.uid !== row?.value.uid || person.provider !== null) {
    parts.noted({ what: 'SignInRefused', user: person?.name ?? '', from: entry.from, how: 'passkey' });
    return { state: 'refused' };
  }
  await takeBack(parts.records, PER_ADDRESS, whom);
  return admitted(parts, person, { ...entry, how: 'passkey', secondFactor: true });
}

/** Checks the signature and writes the counter: of two answers of one counter one wins, and a cloned authenticator is found out. */
async function isAnswer(
  parts: Parts,
  { row, answer, challenge }: { row: Row<'passkey'>; answer: AuthenticationResponseJSON; challenge: string },
): Promise<boolean> {
  const { id, origin } = relyingParty(parts);
  const { credentialId, publicKey, counter } = row.value;
  const verified = await verifyAuthenticationResponse({
    response: answer,
    expectedChallenge: challenge,
    expectedOrigin: origin,
    expectedRPID: id,
    credential: { id: credentialId, publicKey: Uint8Array.from(Buffer.from(publicKey, 'base64url')), counter },
    requireUserVerification: true,
  }).catch(() => null);
  if (!verified?.verified) return false;
  const value = { ...row.value, counter: verified.authenticationInfo.newCounter, usedAt: parts.now() };
  return parts.records.update('passkey', { ...row, value });
}

function relyingParty({ policy }: Pick<Parts, 'policy'>): { id: string; origin: string } {
  const { hostname, origin } = new URL(policy.publicUrl);
  return { id: hostname, origin };
}

function passkeyKey(credentialId: string): string {
  return digestOf('passkey', credentialId);
}
