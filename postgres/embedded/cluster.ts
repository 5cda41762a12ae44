import { execFile } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { mkdir, mkdtemp, readdir, readFile, rename, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { promisify } from 'node:util';
import { type Binaries, findBinaries } from './binaries.ts';
import { giveTo, type ServerUser, serverUser } from './identity.ts';
import { reachableBinaries, reachableFolder } from './reach.ts';

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

export interface ClusterOptions {
  /** Restricts where the server's program may come from. Default: the package's, else the system's. */
  binaries?: 'package' | 'system';
  /** Where things go that the server's user could not reach otherwise. Default `/var/lib/steward`. */
  stateFolder?: string;
}

/** Makes the folder's cluster on first use. A crash while it is being made leaves nothing that a second try would mistake for one. */
export async function prepareCluster(path: string, options: ClusterOptions = {}): Promise<Cluster> {
  const folder = resolve(path);
  const user = serverUser();
  const stateFolder = options.stateFolder ?? '/var/lib/steward';
  const binaries = await reachableBinaries(user, await findBinaries(options.binaries), stateFolder);
  const home = await reachableFolder(user, folder, stateFolder);
  const data = join(home, 'data');
  const password = await passwordOf(folder);
  if (!(await exists(data))) await initialize({ data, password, user, binaries });
  await checkVersion(data, binaries);
  const socketFolder = await socketFolderOf(home, user);
  return {
    folder,
    data,
    socketFolder,
    binaries,
    user,
    url: (database) => `postgres://${SUPERUSER}:${password}@/${database}?host=${encodeURIComponent(socketFolder)}`,
  };
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
  data: string;
  password: string;
  user: ServerUser | null;
  binaries: Binaries;
}): Promise<void> {
  const { data, password, user, binaries } = cluster;
  // A killed owner may have left an `initdb` that still runs, so that each try has a folder of its own.
  const home = dirname(data);
  const left = (await readdir(home)).filter((name) => name.startsWith('new-'));
  await Promise.all(left.map((name) => rm(join(home, name), { recursive: true, force: true, maxRetries: 3 })));
  const draft = await mkdtemp(join(home, 'new-'));
  await giveTo(user, draft);
  const passwordFile = join(draft, 'password');
  await writeFile(passwordFile, password, { mode: 0o600 });
  await giveTo(user, passwordFile);
  const made = join(draft, 'data');
  const flags = [
    '-D',
    made,
    '-U',
    SUPERUSER,
    '--auth=scram-sha-256',
    `--pwfile=${passwordFile}`,
    '--encoding=UTF8',
    '--locale=C',
  ];
  await promisify(execFile)(join(binaries.folder, 'initdb'), flags, {
    timeout: 60_000,
    env: { PATH: process.env.PATH, LC_ALL: 'C', TZ: 'UTC' },
    ...(user ? { uid: user.uid, gid: user.gid } : {}),
  });
  await rename(made, data);
  await rm(draft, { recursive: true, force: true });
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
