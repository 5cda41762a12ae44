import { createHash } from 'node:crypto';
import { cp, mkdir, rename, rm, stat } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import type { Binaries } from './binaries.ts';
import { barrier, type ServerUser } from './identity.ts';

/**
 * When root runs us from a folder that is closed to everybody else, such as /root, the server's user reaches neither its program nor its
 * data there. Nobody's permissions are changed for that: both then live in a folder for the state of services.
 */
export async function reachableFolder(user: ServerUser | null, folder: string, stateFolder: string): Promise<string> {
  if ((await barrier(user, join(folder, 'data'))) === null) return folder;
  const name = `${basename(dirname(folder))}-${createHash('sha256').update(folder).digest('hex').slice(0, 12)}`;
  const place = join(await openFolder(user, stateFolder), name);
  await mkdir(place, { recursive: true, mode: 0o711 });
  return place;
}

export async function reachableBinaries(
  user: ServerUser | null,
  binaries: Binaries,
  stateFolder: string,
): Promise<Binaries> {
  if ((await barrier(user, join(binaries.folder, 'postgres'))) === null) return binaries;
  const name = binaries.version.replace(/^.*\) /, 'postgresql-').replace(/[^\w.-].*$/, '');
  const place = join(await openFolder(user, stateFolder), name);
  const present = await stat(place).then(
    () => true,
    () => false,
  );
  if (!present) {
    const draft = `${place}.${process.pid}`;
    await cp(dirname(binaries.folder), draft, { recursive: true, verbatimSymlinks: true });
    // Another process may have been faster; its copy is as good.
    await rename(draft, place).catch(() => rm(draft, { recursive: true, force: true }));
  }
  return { ...binaries, folder: join(place, basename(binaries.folder)) };
}

async function openFolder(user: ServerUser | null, stateFolder: string): Promise<string> {
  await mkdir(stateFolder, { recursive: true, mode: 0o711 });
  const wall = await barrier(user, join(stateFolder, 'any'));
  if (wall === null) return stateFolder;
  throw new Error(
    `PostgreSQL does not run as root, and the user "${user?.name}", as whom it runs instead, may not pass through ${wall}. Allow passage (chmod o+x ${wall}), run as another user than root, or name a server with --database postgres://….`,
  );
}
