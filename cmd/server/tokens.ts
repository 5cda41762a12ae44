import { createHash, randomBytes, timingSafeEqual } from 'node:crypto';
import { mkdir, readFile, stat, writeFile } from 'node:fs/promises';
import { dirname } from 'node:path';
import { bearerOf, type Credentials } from '../../identity/credentials.ts';
import type { Principal } from '../../reconciler/principal.ts';
import { uuidv7 } from './environment.ts';

export interface AdminToken {
  token: string;
  /** Made by this start: print it, once. */
  fresh: boolean;
}

/** The administrator's token, in a file that only its owner may read; made at the first start. The CLI finds it there by itself. */
export async function loadToken(path: string): Promise<AdminToken> {
  await mkdir(dirname(path), { recursive: true, mode: 0o711 });
  const token = `stw_${randomBytes(32).toString('base64url')}`;
  try {
    await writeFile(path, `${token}\n`, { mode: 0o600, flag: 'wx' });
    return { token, fresh: true };
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
  }
  const { mode } = await stat(path);
  if ((mode & 0o077) !== 0)
    throw new Error(
      `The token file ${path} can be read by others (mode ${(mode & 0o777).toString(8)}). Run: chmod 600 ${path}`,
    );
  return { token: (await readFile(path, 'utf8')).trim(), fresh: false };
}

/** Answers who presents an authorization header: the administrator, or nobody. Comparison takes the same time for every wrong token. */
export function authenticator(token: string): (credentials: Credentials) => Promise<Principal | null> {
  const expected = digest(token);
  return async ({ authorization, from }) => {
    const presented = bearerOf(authorization);
    if (presented === null || !timingSafeEqual(digest(presented), expected)) return null;
    return { actor: 'token:admin', onBehalfOf: null, from, requestId: uuidv7(Date.now()) };
  };
}

function digest(text: string): Buffer {
  return createHash('sha256').update(text, 'utf8').digest();
}
