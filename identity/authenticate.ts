import type { Authentication } from '../reconciler/principal.ts';
import { type FoundKey, type KeyView, keyOfBearer, keyOfSignature } from './api-keys.ts';
import { bearerOf, type Credentials, cookieOf } from './credentials.ts';
import { sameText } from './one-way.ts';
import type { Parts, Person } from './parts.ts';
import { providerStands } from './provider-stands.ts';
import type { Row } from './records.ts';
import { csrfOf, findSession, sessionsOf } from './sessions.ts';
import { parseSignedHeader, SIGNATURE_SCHEME } from './signature.ts';

/** Who sends a request, proved. */
export interface Authenticated {
  /** `user:anna`, `key:deploy`. */
  actor: string;
  /** The owner of a key. */
  onBehalfOf: string | null;
  authentication: Authentication;
  person: Person;
  /** The session's row, for what changes it; null for keys. */
  session: Row<'session'> | null;
}

export interface Keys {
  byName(name: string): Promise<KeyView | undefined>;
}

/** Judges the credentials of one request: a signature, a bearer token of a key or a session, or a session's cookie. Null: nobody. */
export async function authenticate(
  parts: Parts,
  { keys, cookie }: { keys: Keys; cookie: string },
  credentials: Credentials,
): Promise<Authenticated | null> {
  const { authorization } = credentials;
  if (authorization?.startsWith(`${SIGNATURE_SCHEME} `)) return bySignature(parts, keys, credentials);
  const bearer = bearerOf(authorization);
  if (bearer?.startsWith('stk_')) {
    const found = await keyOfBearer(parts, bearer);
    return found ? ofKey(parts, keys, { found, signed: false }) : null;
  }
  if (bearer?.startsWith('sts_')) return ofSession(parts, await findSession(parts, bearer), 'commandLine');
  if (authorization !== null) return null;
  return byCookie(parts, cookie, credentials);
}

async function bySignature(parts: Parts, keys: Keys, credentials: Credentials): Promise<Authenticated | null> {
  const header = parseSignedHeader(credentials.authorization ?? '');
  const { method, path, host, contentSha256 } = credentials;
  if (!header || contentSha256 === null) return null;
  const found = await keyOfSignature(parts, header, { method, path, host, contentSha256 });
  return found ? ofKey(parts, keys, { found, signed: true }) : null;
}

/** A browser sends the cookie with whatever page asks; only a page of ours knows the other half, which all that may change something needs. */
async function byCookie(parts: Parts, name: string, credentials: Credentials): Promise<Authenticated | null> {
  const token = cookieOf(credentials.cookie, name);
  if (!token?.startsWith('sts_')) return null;
  const reads = credentials.method === 'GET' || credentials.method === 'HEAD';
  if (!reads && !sameText(credentials.csrf ?? '', csrfOf(token))) return null;
  return ofSession(parts, await findSession(parts, token), 'browser');
}

async function ofSession(
  parts: Parts,
  row: Row<'session'> | undefined,
  use: 'browser' | 'commandLine',
): Promise<Authenticated | null> {
  if (!row || row.value.use !== use) return null;
  const person = await parts.people.byName(row.value.user);
  // A session ends with its user, also when somebody else gets the name.
  if (!person?.active || person.uid !== row.value.uid) return null;
  if (!(await providerStands(parts, row.value))) {
    await parts.records.remove('session', row.key);
    return null;
  }
  const { id, provedAt, secondFactorAt } = row.value;
  return {
    actor: `user:${person.name}`,
    onBehalfOf: null,
    authentication: { user: person.name, scopes: null, session: id, provedAt, secondFactorAt },
    person,
    session: row,
  };
}

/** Whether somebody who was recognised earlier still would be, without counting it as a use: what listens keeps no session alive. */
export async function stillStands(
  parts: Parts,
  keys: Keys,
  { actor, authentication }: Pick<Authenticated, 'actor'> & { authentication?: Authentication },
): Promise<boolean> {
  if (!authentication) return true;
  const { user, session: id } = authentication.behind ?? authentication;
  const person = await parts.people.byName(user);
  if (!person?.active) return false;
  if (id === null) return keyStands(parts, keys, { name: actor.replace(/^key:/, ''), authentication });
  const session = (await sessionsOf(parts, person.uid)).find((one) => one.id === id);
  return session !== undefined && providerStands(parts, session);
}

/** The secret itself has to be there still, and the key may do all that it could do then: who has lost a scope begins anew without it. */
async function keyStands(
  parts: Parts,
  keys: Keys,
  { name, authentication }: { name: string; authentication: Authentication },
): Promise<boolean> {
  const { key: presented, scopes } = authentication;
  const [key, row] = await Promise.all([keys.byName(name), presented && parts.records.get('apiKey', presented.secret)]);
  return (
    key !== undefined &&
    isUsable(key, { signed: presented?.signed === true, now: parts.now() }) &&
    row?.subject === key.uid &&
    (scopes ?? []).every((scope) => key.scopes.includes(scope))
  );
}

function isUsable(key: KeyView, { signed, now }: { signed: boolean; now: number }): boolean {
  return key.active && (signed || !key.signedOnly) && (key.expiresAt === null || key.expiresAt > now);
}

async function ofKey(
  parts: Parts,
  keys: Keys,
  { found, signed }: { found: FoundKey; signed: boolean },
): Promise<Authenticated | null> {
  const key = await keys.byName(found.name);
  const now = parts.now();
  if (!key || key.uid !== found.uid || !isUsable(key, { signed, now })) return null;
  const person = await parts.people.byName(key.user);
  if (!person?.active) return null;
  return {
    actor: `key:${key.name}`,
    onBehalfOf: `user:${person.name}`,
    authentication: {
      user: person.name,
      scopes: key.scopes,
      session: null,
      key: { secret: found.id, signed },
      provedAt: now,
      secondFactorAt: null,
    },
    person,
    session: null,
  };
}
