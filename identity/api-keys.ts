import { digestOf, newToken, sameText } from './one-way.ts';
import type { Parts } from './parts.ts';
import type { RecordTypes, Row } from './records.ts';
import { isSigned, SIGNATURE_WINDOW_MS, type SignedHeader, type SignedRequest } from './signature.ts';

/** An ApiKey object as signing in sees it. */
export interface KeyView {
  name: string;
  uid: string;
  /** Name of the User whose rights it has at most. */
  user: string;
  scopes: readonly string[];
  signedOnly: boolean;
  /** Epoch ms, or null. */
  expiresAt: number | null;
  active: boolean;
}

/** What is shown once: a bearer token, and the secret with which requests are signed. */
export interface IssuedKey {
  id: string;
  bearer: string;
  secret: string;
}

/** Two, so that a new one can be rolled out before the old one goes. */
export const SECRETS_PER_KEY = 2;
const NOTE_EVERY_MS = 300_000;
const BEARER = /^stk_([A-Za-z0-9]{16})_([A-Za-z0-9_-]{43})$/;

/** Makes a new secret of a key. The oldest goes when there would be more than two. */
export async function issueKey(parts: Parts, key: Pick<KeyView, 'name' | 'uid'>): Promise<IssuedKey> {
  const id = Buffer.from(parts.random(8)).toString('hex');
  const bearer = newToken(`stk_${id}`, parts.random);
  const secret = newToken('sks', parts.random);
  const value = {
    name: key.name,
    bearerDigest: digestOf('apiKey', bearer),
    sealedSecret: parts.secrets.seal(secret),
    createdAt: parts.now(),
    usedAt: 0,
  };
  const rows = await parts.records.ofSubject('apiKey', key.uid, 10);
  const old = rows.sort((one, other) => other.value.createdAt - one.value.createdAt).slice(SECRETS_PER_KEY - 1);
  for (const row of old) await parts.records.remove('apiKey', row.key);
  if (!(await parts.records.insert('apiKey', { key: id, subject: key.uid, value, expiresAt: null })))
    throw new Error('A new key id was taken: randomness fails.');
  return { id, bearer, secret };
}

/** Secrets of a key: ids and times, never the secrets. */
export async function secretsOfKey(
  parts: Parts,
  uid: string,
): Promise<{ id: string; createdAt: number; usedAt: number }[]> {
  const rows = await parts.records.ofSubject('apiKey', uid, 10);
  return rows.map(({ key, value }) => ({ id: key, createdAt: value.createdAt, usedAt: value.usedAt }));
}

export async function revokeKeySecret(parts: Parts, uid: string, id: string): Promise<boolean> {
  const row = await parts.records.get('apiKey', id);
  return row?.subject === uid && (await parts.records.remove('apiKey', id));
}

/** The key that a bearer token is of. Whether the key may still be used is for its object to say. */
export async function keyOfBearer(parts: Parts, bearer: string): Promise<FoundKey | undefined> {
  const id = BEARER.exec(bearer)?.[1];
  const row = id === undefined ? undefined : await parts.records.get('apiKey', id);
  if (!row || !sameText(row.value.bearerDigest, digestOf('apiKey', bearer))) return undefined;
  await noteUse(parts, row);
  return foundBy(row);
}

/** The key that signed a request, which is taken once. */
export async function keyOfSignature(
  parts: Parts,
  header: SignedHeader,
  request: SignedRequest,
): Promise<FoundKey | undefined> {
  const row = await parts.records.get('apiKey', header.key);
  const secret = row ? await parts.secrets.open(row.value.sealedSecret) : null;
  const now = parts.now();
  // Unknown keys are judged too, so that they take as long.
  if (!isSigned(secret ?? '', { request, header, now }) || !row || secret === null) return undefined;
  const once = await parts.records.insert('seen', {
    key: digestOf('nonce', header.key, header.nonce),
    subject: 'nonce',
    value: { at: now },
    expiresAt: now + 2 * SIGNATURE_WINDOW_MS + 60_000,
  });
  if (!once) return undefined;
  await noteUse(parts, row);
  return foundBy(row);
}

export interface FoundKey {
  name: string;
  uid: string;
  /** Public id of the secret. */
  id: string;
}

function foundBy({ key, subject, value }: Row<'apiKey'>): FoundKey {
  return { name: value.name, uid: subject, id: key };
}

async function noteUse({ records, now }: Parts, row: Row<'apiKey'>): Promise<void> {
  const value: RecordTypes['apiKey'] = { ...row.value, usedAt: now() };
  if (now() - row.value.usedAt >= NOTE_EVERY_MS) await records.update('apiKey', { ...row, value });
}
