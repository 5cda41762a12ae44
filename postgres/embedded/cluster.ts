import { execFile } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { mkdir, mkdtemp, readFile, rename, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { promisify } from 'node:util';
import { type Binaries, findBinaries } from './binaries.ts';
import { barrier, giveTo, type ServerUser, serverUser } from './identity.ts';

/** A data folder that is ready to be served, and how to reach it. */
export interface Cluster {
  folder: string;
  data: string;
  socketFolder: string;
  binaries: Binaries;
  user: ServerUser | null;
  url(database: string): string;
}

const SUPERUSER = 'steward';
/** The path of a Unix socket has at most 107 bytes, and PostgreSQL adds `/.s.PGSQL.5432.lock`. */
const SOCKET_FOLDER_MAX = 85;

/** Makes the folder's cluster on first use. A crash while it is being made leaves nothing that a second try would mistake for one. */
export async function prepareCluster(path: string): Promise<Cluster> {
  const folder = resolve(path);
  const user = serverUser();
  const binaries = await findBinaries();
  await checkReach(user, [folder, binaries.postgres]);
  const data = join(folder, 'data');
  const password = await passwordOf(folder);
  if (!(await exists(data))) await initialize({ folder, data, password, user, binaries });
  await checkVersion(data, binaries);
  const socketFolder = await socketFolderOf(folder, user);
  return {
    folder,
    data,
    socketFolder,
    binaries,
    user,
    url: (database) => `postgres://${SUPERUSER}:${password}@/${database}?host=${encodeURIComponent(socketFolder)}`,
  };
}

async function checkReach(user: ServerUser | null, paths: readonly string[]): Promise<void> {
  for (const path of paths) {
    const wall = await barrier(user, path);
    if (wall === null) continue;
    throw new Error(
      `PostgreSQL does not run as root, and the user "${user?.name}", as whom it runs instead, may not pass through ${wall} to ${path}. Move the project out of it, allow passage (chmod o+x ${wall}), or name a server with --database postgres://….`,
    );
  }
}

async function passwordOf(folder: string): Promise<string> {
  const path = join(folder, 'password');
  const known = await readFile(path, 'utf8').catch(() => '');
  if (known !== '') return known;
  const password = randomBytes(24).toString('base64url');
  const draft = `${path}.new`;
  await writeFile(draft, password, { mode: 0o600 });
  await rename(draft, path);
  return password;
}

async function initialize(cluster: {
  folder: string;
  data: string;
  password: string;
  user: ServerUser | null;
  binaries: Binaries;
}): Promise<void> {
  const { data, password, user, binaries } = cluster;
  const draft = `${data}.new`;
  await rm(draft, { recursive: true, force: true });
  await mkdir(draft, { mode: 0o700 });
  await giveTo(user, draft);
  const passwordFile = join(await mkdtemp(join(tmpdir(), 'steward-initdb-')), 'password');
  try {
    await giveTo(user, join(passwordFile, '..'));
    await writeFile(passwordFile, password, { mode: 0o600 });
    await giveTo(user, passwordFile);
    const flags = [
      '-D',
      draft,
      '-U',
      SUPERUSER,
      '--auth=scram-sha-256',
      `--pwfile=${passwordFile}`,
      '--encoding=UTF8',
      '--locale=C',
    ];
    await promisify(execFile)(binaries.initdb, flags, {
      timeout: 60_000,
      env: { PATH: process.env.PATH, LC_ALL: 'C', TZ: 'UTC' },
      ...(user ? { uid: user.uid, gid: user.gid } : {}),
    });
  } finally {
    await rm(join(passwordFile, '..'), { recursive: true, force: true });
  }
  await rename(draft, data);
}

async function checkVersion(data: string, { version }: Binaries): Promise<void> {
  const made = (await readFile(join(data, 'PG_VERSION'), 'utf8')).trim();
  const runs = /(\d+)(\.|$| )/.exec(version.replace(/^.*\) /, ''))?.[1];
  if (made === runs) return;
  throw new Error(
    `The data in ${data} was made by PostgreSQL ${made}, and the one found here is ${version}. Install version ${made}, or move the data over with pg_dump and pg_restore.`,
  );
}

async function socketFolderOf(folder: string, user: ServerUser | null): Promise<string> {
  const near = join(folder, 'run');
  if (Buffer.byteLength(near) <= SOCKET_FOLDER_MAX) {
    await mkdir(near, { recursive: true, mode: 0o700 });
    await giveTo(user, near);
    return near;
  }
  const far = await mkdtemp(join(tmpdir(), 'steward-run-'));
  await giveTo(user, far);
  return far;
}

function exists(path: string): Promise<boolean> {
  return stat(path).then(
    () => true,
    () => false,
  );
}
