import { createHash, createHmac } from 'node:crypto';
import { digestOf, sameText } from './one-way.ts';
import type { Parts } from './parts.ts';
import { CHALLENGE_MS } from './policy.ts';

/**
 * A CAPTCHA that costs machines time instead of asking people riddles, and asks no third party: find the number whose SHA-256 together
 * with the salt is the challenge. The shape is that of ALTCHA's first protocol, so that its widget can solve it.
 */
export interface Challenge {
  algorithm: 'SHA-256';
  challenge: string;
  maxnumber: number;
  salt: string;
  signature: string;
}

export function newChallenge(
  key: string,
  { maxNumber, now, random }: { maxNumber: number; now: number; random(bytes: number): Uint8Array },
): Challenge {
  const salt = `${Buffer.from(random(12)).toString('hex')}?expires=${Math.floor((now + CHALLENGE_MS) / 1000)}&`;
  const number = Buffer.from(random(6)).readUIntBE(0, 6) % maxNumber;
  const challenge = answerOf(salt, number);
  return { algorithm: 'SHA-256', challenge, maxnumber: maxNumber, salt, signature: signed(key, challenge) };
}

/** Pure: the answer of a client, as it is sent. Takes `maxnumber` hashes at most. */
export function solveChallenge(challenge: Challenge): string {
  for (let number = 0; number <= challenge.maxnumber; number++)
    if (answerOf(challenge.salt, number) === challenge.challenge)
      return Buffer.from(JSON.stringify({ ...challenge, number })).toString('base64');
  throw new Error('The challenge has no solution.');
}

/** Pure: whether a solution (base64 of JSON) is one of a challenge that we gave out and that has not run out. */
export function isSolved(key: string, payload: string, now: number): { ok: true; challenge: string } | { ok: false } {
  const solution = parsed(payload);
  if (!solution) return { ok: false };
  const { challenge, number, salt, signature } = solution;
  // The sign at its end keeps digits of the number from being read as digits of the instant.
  const expires = Number(/\?expires=(\d{1,12})&$/.exec(salt)?.[1] ?? 0) * 1000;
  const right = sameText(answerOf(salt, number), challenge) && sameText(signed(key, challenge), signature);
  return right && now < expires ? { ok: true, challenge } : { ok: false };
}

/** A solution counts once. */
export async function takeSolution({ records, now }: Parts, key: string, payload: string): Promise<boolean> {
  const solved = isSolved(key, payload, now());
  if (!solved.ok) return false;
  return records.insert('seen', {
    key: digestOf('challenge', solved.challenge),
    subject: 'challenge',
    value: { at: now() },
    expiresAt: now() + 2 * CHALLENGE_MS,
  });
}

interface Solution {
  challenge: string;
  number: number;
  salt: string;
  signature: string;
}

function parsed(payload: string): Solution | undefined {
  try {
    const value: unknown = JSON.parse(Buffer.from(payload.slice(0, 2_048), 'base64').toString('utf8'));
    const { challenge, number, salt, signature } = (value ?? {}) as Partial<Record<keyof Solution, unknown>>;
    if (typeof challenge !== 'string' || typeof salt !== 'string' || typeof signature !== 'string') return undefined;
    return typeof number === 'number' && Number.isSafeInteger(number)
      ? { challenge, number, salt, signature }
      : undefined;
  } catch {
    return undefined;
  }
}

function answerOf(salt: string, number: number): string {
  return createHash('sha256').update(`${salt}${number}`, 'utf8').digest('hex');
}

function signed(key: string, challenge: string): string {
  return createHmac('sha256', key).update(challenge, 'utf8').digest('hex');
}
