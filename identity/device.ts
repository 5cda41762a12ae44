import { addressOf, countAttempt, takeBack } from './attempts.ts';
import {
  DEVICE_CODES_MAX_MS,
  DEVICE_GUESSES,
  DEVICE_PAUSE_MS,
  DEVICE_POLLS_MAX,
  newUserCode,
  nextPoll,
  plainCode,
} from './device-rules.ts';
import { digestOf, newToken } from './one-way.ts';
import type { Parts, Person } from './parts.ts';
import { perSender } from './policy.ts';
import { providerStands } from './provider-stands.ts';
import type { Row, SessionValue } from './records.ts';
import { sessionsOf } from './sessions.ts';
import { admitted, type SignInOutcome } from './sign-in.ts';

/**
 * Device authorisation (RFC 8628): a program that has no browser asks, a person who is signed in elsewhere types the short code that the
 * program shows, sees who asks, and says yes or no. The program gets a session of its own, and nothing of the person's.
 */
export type DeviceBegun =
  | { state: 'begun'; deviceCode: string; userCode: string; expiresInMs: number; intervalMs: number }
  | { state: 'waiting'; waitMs: number };

export async function beginDevice(
  parts: Parts,
  { from, agent }: { from: string; agent: string },
): Promise<DeviceBegun> {
  const now = parts.now();
  const attempt = await countAttempt(parts.records, perSender(parts.policy), { whom: addressOf(from), now });
  if (!attempt.allowed) return { state: 'waiting', waitMs: attempt.waitMs };
  const deviceCode = newToken('std', parts.random);
  const userCode = await freeUserCode(parts);
  const data = {
    state: 'asked',
    from,
    agent,
    at: String(now),
    polls: '0',
    polledAt: '0',
    pauseMs: String(DEVICE_PAUSE_MS),
  };
  const row = {
    key: keyOf(deviceCode),
    subject: subjectOf(userCode),
    value: { purpose: 'device', user: '', data },
    expiresAt: now + DEVICE_CODES_MAX_MS,
  };
  if (!(await parts.records.insert('oneTime', row))) throw new Error('A new token was taken: randomness fails.');
  return { state: 'begun', deviceCode, userCode, expiresInMs: DEVICE_CODES_MAX_MS, intervalMs: DEVICE_PAUSE_MS };
}

/** What asks, as far as it says: the person compares it with the program that they started. */
export interface DeviceAsking {
  from: string;
  agent: string;
  /** Epoch ms. */
  at: number;
  expiresAt: number;
}

export type DeviceLooked =
  | { state: 'found'; asking: DeviceAsking }
  | { state: 'unknown' }
  | { state: 'waiting'; waitMs: number };

/** What stands behind a code. Wrong codes are counted for whoever types them. */
export async function lookAtDevice(parts: Parts, person: Person, userCode: string): Promise<DeviceLooked> {
  const found = await guessed(parts, person, userCode);
  if ('state' in found) return found;
  const { from = '', agent = '', at } = found.row.value.data;
  return { state: 'found', asking: { from, agent, at: Number(at), expiresAt: found.row.expiresAt ?? 0 } };
}

/** Yes or no, once. */
export async function decideOnDevice(
  parts: Parts,
  { person, session }: { person: Person; session: SessionValue },
  { userCode, approve }: { userCode: string; approve: boolean },
): Promise<{ state: 'approved' | 'denied' | 'unknown' } | { state: 'waiting'; waitMs: number }> {
  // A question of the program may be noted between the two: then once more.
  for (let races = 0; races < RACES_MAX; races += 1) {
    const found = await guessed(parts, person, userCode);
    if ('state' in found) return found;
    const { row } = found;
    const state = approve ? 'approved' : 'denied';
    const decided = { state, uid: person.uid, session: session.id, how: session.how };
    const data = { ...row.value.data, ...decided, secondFactor: String(session.secondFactorAt !== null) };
    if (!(await parts.records.update('oneTime', { ...row, value: { ...row.value, user: person.name, data } })))
      continue;
    const what = approve ? 'DeviceApproved' : 'DeviceDenied';
    parts.noted({ what, user: person.name, from: row.value.data.from ?? '' });
    return { state };
  }
  return { state: 'unknown' };
}

const RACES_MAX = 5;

export type DevicePolled =
  | { state: 'authorizationPending' | 'accessDenied' | 'expiredToken' }
  | { state: 'slowDown'; intervalMs: number }
  | SignInOutcome;

/** What the program hears. Whoever asks too often waits longer from then on; an answer is given once. */
export async function pollDevice(
  parts: Parts,
  { deviceCode, from, agent }: { deviceCode: string; from: string; agent: string },
): Promise<DevicePolled> {
  const row = await parts.records.get('oneTime', keyOf(deviceCode));
  if (!row || isOver(row, parts.now())) return { state: 'expiredToken' };
  const { data } = row.value;
  if (data.state === 'denied' || data.state === 'approved') {
    if (!(await parts.records.remove('oneTime', row.key))) return { state: 'expiredToken' };
    return data.state === 'denied' ? { state: 'accessDenied' } : enterByDevice(parts, row, { from, agent });
  }
  const poll = nextPoll(
    { polls: Number(data.polls), polledAt: Number(data.polledAt), pauseMs: Number(data.pauseMs) },
    parts.now(),
  );
  if (poll.polls > DEVICE_POLLS_MAX) {
    await parts.records.remove('oneTime', row.key);
    return { state: 'expiredToken' };
  }
  const noted = { polls: String(poll.polls), polledAt: String(poll.polledAt), pauseMs: String(poll.pauseMs) };
  // Whoever decides just now is faster: the next question hears it.
  await parts.records.update('oneTime', { ...row, value: { ...row.value, data: { ...data, ...noted } } });
  return poll.tooSoon ? { state: 'slowDown', intervalMs: poll.pauseMs } : { state: 'authorizationPending' };
}

/** Only as long as the session still counts that said yes. */
async function enterByDevice(
  parts: Parts,
  { value: { user, data } }: Row<'oneTime'>,
  { from, agent }: { from: string; agent: string },
): Promise<SignInOutcome> {
  const person = await parts.people.byName(user);
  if (!person?.active || person.uid !== data.uid) return { state: 'refused' };
  const approving = (await sessionsOf(parts, person.uid)).find(({ id }) => id === data.session);
  if (!approving || !(await providerStands(parts, approving))) return { state: 'refused' };
  const { how = 'password', secondFactor } = data;
  return admitted(parts, person, { use: 'commandLine', from, agent, how, secondFactor: secondFactor === 'true' });
}

async function guessed(
  parts: Parts,
  person: Person,
  userCode: string,
): Promise<{ row: Row<'oneTime'> } | { state: 'unknown' } | { state: 'waiting'; waitMs: number }> {
  const whom = { whom: person.uid, now: parts.now() };
  const attempt = await countAttempt(parts.records, DEVICE_GUESSES, whom);
  if (!attempt.allowed) return { state: 'waiting', waitMs: attempt.waitMs };
  const [row] = await parts.records.ofSubject('oneTime', subjectOf(plainCode(userCode)), 1);
  if (!row || isOver(row, parts.now()) || row.value.data.state !== 'asked') return { state: 'unknown' };
  await takeBack(parts.records, DEVICE_GUESSES, whom);
  return { row };
}

const TRIES_MAX = 8;

async function freeUserCode(parts: Parts): Promise<string> {
  for (let tries = 0; tries < TRIES_MAX; tries += 1) {
    const code = newUserCode(parts.random);
    if ((await parts.records.ofSubject('oneTime', subjectOf(plainCode(code)), 1)).length === 0) return code;
  }
  throw new Error('No free code was found: randomness fails.');
}

function isOver({ expiresAt, value }: Row<'oneTime'>, now: number): boolean {
  return value.purpose !== 'device' || (expiresAt ?? 0) <= now;
}

function keyOf(deviceCode: string): string {
  return digestOf('device', deviceCode);
}

function subjectOf(plain: string): string {
  return `device:${digestOf('userCode', plainCode(plain))}`;
}
