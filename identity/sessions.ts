import { digestOf, newToken } from './one-way.ts';
import type { Parts, Person } from './parts.ts';
import { SESSIONS_MAX, type SessionSpan } from './policy.ts';
import { providerOf } from './provider-stands.ts';
import type { Row, SessionValue } from './records.ts';
import { judgeSession, sessionExpiry } from './session-rules.ts';

export interface NewSession {
  use: SessionValue['use'];
  how: string;
  secondFactor: boolean;
  from: string;
  agent: string;
}

/** A session with the token that only its holder has. */
export interface OpenSession {
  token: string;
  session: SessionValue;
}

/** Begins a session. Somebody with very many loses the one that was used longest ago. */
export async function openSession(
  parts: Parts,
  person: Pick<Person, 'name' | 'uid'>,
  wish: NewSession,
): Promise<OpenSession> {
  const now = parts.now();
  const provider = providerOf(wish.how);
  const { generation } = (provider !== null && (await parts.providers.byName(provider))) || {};
  const session: SessionValue = {
    id: parts.uid(),
    user: person.name,
    uid: person.uid,
    use: wish.use,
    how: wish.how,
    ...(generation !== undefined && { providerGeneration: generation }),
    createdAt: now,
    seenAt: now,
    provedAt: now,
    secondFactorAt: wish.secondFactor ? now : null,
    from: wish.from,
    agent: wish.agent,
    endsAt: now + spanOf(parts, wish.use).absoluteMs,
  };
  await makeRoom(parts, person.uid);
  return { token: await keep(parts, session), session };
}

/** The session of a token, if it still counts; the use is noted. */
export async function findSession(parts: Parts, token: string): Promise<Row<'session'> | undefined> {
  const row = await parts.records.get('session', sessionKey(token));
  if (!row) return undefined;
  const span = spanOf(parts, row.value.use);
  const judged = judgeSession(row.value, { span, now: parts.now() });
  if (!judged.ok) return undefined;
  if (judged.note === null) return row;
  const noted = { ...row, value: judged.note, expiresAt: sessionExpiry(judged.note, span) };
  // Another request of the same session may have noted it first: that does as well.
  const won = await parts.records.update('session', noted);
  return won ? { ...noted, version: row.version + 1 } : ((await parts.records.get('session', row.key)) ?? undefined);
}

/** After a proof the old token is worth nothing: what was stolen before does not gain by it. */
export async function rotateSession(
  parts: Parts,
  row: Row<'session'>,
  { secondFactor }: { secondFactor: boolean },
): Promise<OpenSession | undefined> {
  if (!(await parts.records.remove('session', row.key))) return undefined;
  const now = parts.now();
  const secondFactorAt = secondFactor ? now : row.value.secondFactorAt;
  const session = { ...row.value, seenAt: now, provedAt: now, secondFactorAt };
  return { token: await keep(parts, session), session };
}

export async function sessionsOf(parts: Parts, uid: string): Promise<SessionValue[]> {
  const rows = await parts.records.ofSubject('session', uid, SESSIONS_MAX * 2);
  const now = parts.now();
  return rows
    .map(({ value }) => value)
    .filter((session) => judgeSession(session, { span: spanOf(parts, session.use), now }).ok)
    .sort((one, other) => other.seenAt - one.seenAt);
}

/** Ends one session of a user by its public id. False when there is none such. */
export async function revokeSession(parts: Parts, uid: string, id: string): Promise<boolean> {
  const rows = await parts.records.ofSubject('session', uid, SESSIONS_MAX * 2);
  const row = rows.find(({ value }) => value.id === id);
  return row !== undefined && (await parts.records.remove('session', row.key));
}

/** Ends all sessions of a user, or all but the one of a public id. Answers how many. */
export async function revokeSessions(parts: Parts, uid: string, except: string | null): Promise<number> {
  const rows = except === null ? [] : await parts.records.ofSubject('session', uid, SESSIONS_MAX * 2);
  const kept = rows.find(({ value }) => value.id === except)?.key ?? null;
  return parts.records.removeOfSubject('session', uid, kept);
}

/** What a page of ours sends beside the cookie. It is not the token, so that scripts never have that. */
export function csrfOf(token: string): string {
  return digestOf('csrf', token);
}

export function sessionKey(token: string): string {
  return digestOf('session', token);
}

export function spanOf({ policy }: Pick<Parts, 'policy'>, use: SessionValue['use']): SessionSpan {
  return use === 'browser' ? policy.browser : policy.commandLine;
}

async function keep(parts: Parts, session: SessionValue): Promise<string> {
  const token = newToken('sts', parts.random);
  const expiresAt = sessionExpiry(session, spanOf(parts, session.use));
  const row = { key: sessionKey(token), subject: session.uid, value: session, expiresAt };
  if (!(await parts.records.insert('session', row)))
    throw new Error('A new session token was taken: randomness fails.');
  return token;
}

async function makeRoom(parts: Parts, uid: string): Promise<void> {
  const rows = await parts.records.ofSubject('session', uid, SESSIONS_MAX * 2);
  const old = [...rows].sort((one, other) => other.value.seenAt - one.value.seenAt).slice(SESSIONS_MAX - 1);
  for (const { key } of old) await parts.records.remove('session', key);
}
