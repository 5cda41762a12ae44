import { readFileSync } from 'node:fs';
import { chown, stat } from 'node:fs/promises';
import { dirname } from 'node:path';

/** As whom the server runs. PostgreSQL refuses to run as root, so that root lends it an unprivileged user. */
export interface ServerUser {
  uid: number;
  gid: number;
  name: string;
}

/** Null: the own user will do. */
export function serverUser(): ServerUser | null {
  if (process.getuid?.() !== 0) return null;
  const users = readFileSync('/etc/passwd', 'utf8')
    .split('\n')
    .map((line) => line.split(':'));
  for (const wanted of ['postgres', 'nobody']) {
    const found = users.find(([name]) => name === wanted);
    if (found) return { uid: Number(found[2]), gid: Number(found[3]), name: wanted };
  }
  throw new Error(
    'PostgreSQL does not run as root, and there is no user "postgres" or "nobody" to run it as. Run as another user.',
  );
}

/** Gives a path to the server's user, if that is another than we. */
export async function giveTo(user: ServerUser | null, path: string): Promise<void> {
  if (user) await chown(path, user.uid, user.gid);
}

/** The first folder above `path` that the user may not pass through, or null. */
export async function barrier(user: ServerUser | null, path: string): Promise<string | null> {
  if (!user) return null;
  const ancestors: string[] = [];
  for (let folder = dirname(path); ; folder = dirname(folder)) {
    ancestors.push(folder);
    if (folder === dirname(folder)) break;
  }
  for (const folder of ancestors.reverse()) {
    const { mode, uid, gid } = await stat(folder);
    const bit = uid === user.uid ? 0o100 : gid === user.gid ? 0o010 : 0o001;
    if ((mode & bit) === 0) return folder;
  }
  return null;
}
