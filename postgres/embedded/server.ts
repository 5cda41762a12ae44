import { type ChildProcess, spawn } from 'node:child_process';
import { closeSync, openSync } from 'node:fs';
import { readFile, rm, stat, truncate } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import pg from 'pg';
import type { Cluster } from './cluster.ts';
import { processIdentity } from './processes.ts';

/** A running server process. */
export interface Server {
  pid: number;
  /** Resolves when the process has ended, however it did. */
  ended: Promise<void>;
  stop(): Promise<void>;
}

const START_MS = 60_000;
const LOG_MAX_BYTES = 10_000_000;

/** Starts the server and waits until it answers, crash recovery included. */
export async function startServer(cluster: Cluster, settings: Readonly<Record<string, string>> = {}): Promise<Server> {
  await endOrphan(cluster);
  const deadline = Date.now() + START_MS;
  for (;;) {
    const child = await launch(cluster, settings);
    if (await answers(cluster, child, deadline)) return serverOf(child);
    const { log, mayPass } = await whyNot(cluster);
    if (!mayPass || Date.now() > deadline) {
      throw new Error(`PostgreSQL did not start in ${cluster.folder}:\n${log}`);
    }
    await sleep(200);
  }
}

async function launch(
  { binaries, user, data, socketFolder, folder }: Cluster,
  settings: Readonly<Record<string, string>>,
) {
  const logPath = join(folder, 'server.log');
  const size = await stat(logPath).then(
    (found) => found.size,
    () => 0,
  );
  if (size > LOG_MAX_BYTES) await truncate(logPath);
  const log = openSync(logPath, 'a', 0o600);
  const all = { ...SETTINGS, unix_socket_directories: socketFolder, ...settings };
  const flags = Object.entries(all).flatMap(([name, value]) => ['-c', `${name}=${value}`]);
  try {
    return spawn(join(binaries.folder, 'postgres'), ['-D', data, ...flags], {
      stdio: ['ignore', log, log],
      // A Ctrl-C in the terminal is ours to handle: it must not reach the server before our last writes.
      detached: true,
      env: { PATH: process.env.PATH, LC_ALL: 'C', TZ: 'UTC' },
      ...(user ? { uid: user.uid, gid: user.gid } : {}),
    });
  } finally {
    closeSync(log);
  }
}

/** No network port at all: the socket's folder is ours alone. Durability stays as PostgreSQL has it: `fsync` is on. */
const SETTINGS = {
  listen_addresses: '',
  unix_socket_permissions: '0700',
  max_connections: '60',
  wal_level: 'minimal',
  max_wal_senders: '0',
  timezone: 'UTC',
  log_timezone: 'UTC',
  autovacuum_naptime: '15s',
};

async function answers(cluster: Cluster, child: ChildProcess, deadline: number): Promise<boolean> {
  let failed = false;
  let pauseMs = 20;
  child.once('error', () => {
    failed = true;
  });
  while (!failed && child.exitCode === null && child.signalCode === null && Date.now() < deadline) {
    const client = new pg.Client({ connectionString: cluster.url('postgres'), connectionTimeoutMillis: 2_000 });
    client.on('error', () => undefined);
    try {
      await client.connect();
      await client.end();
      return child.exitCode === null;
    } catch {
      await client.end().catch(() => undefined);
      await sleep(pauseMs);
      pauseMs = Math.min(pauseMs * 1.5, 200);
    }
  }
  if (child.exitCode === null && child.pid !== undefined) child.kill('SIGQUIT');
  return false;
}

/** Processes of a server that was killed take a moment to notice; until then a new one refuses to start, and may be asked again. */
async function whyNot({ folder }: Cluster): Promise<{ log: string; mayPass: boolean }> {
  const log = (await readFile(join(folder, 'server.log'), 'utf8').catch(() => '')).split('\n').slice(-8).join('\n');
  return { log, mayPass: /pre-existing shared memory block|is still in use/.test(log) };
}

function serverOf(child: ChildProcess): Server {
  const ended = new Promise<void>((resolve) => {
    if (child.exitCode !== null || child.signalCode !== null) resolve();
    else child.once('exit', () => resolve());
  });
  return { pid: child.pid ?? 0, ended, stop: () => stopProcess((signal) => child.kill(signal), ended) };
}

/** Fast shutdown; if that hangs, the immediate one, which the next start recovers from as from a crash. */
async function stopProcess(signalTo: (signal: NodeJS.Signals) => void, ended: Promise<void>): Promise<void> {
  for (const [signal, patienceMs] of [
    ['SIGINT', 10_000],
    ['SIGQUIT', 5_000],
    ['SIGKILL', 5_000],
  ] as const) {
    signalTo(signal);
    const abort = new AbortController();
    const timer = sleep(patienceMs, 'late', { signal: abort.signal }).catch(() => 'late');
    const outcome = await Promise.race([ended, timer]);
    abort.abort();
    if (outcome !== 'late') return;
  }
}

/** Ends a server whose owner died without stopping it. What only has its id by chance is left alone, and its stale file removed. */
async function endOrphan({ data }: Cluster): Promise<void> {
  const path = join(data, 'postmaster.pid');
  const pid = Number((await readFile(path, 'utf8').catch(() => '')).split('\n')[0]);
  if (!(pid > 1)) return;
  const identity = processIdentity(pid);
  if (identity === null) return;
  if (!identity.command.includes(data)) {
    await rm(path, { force: true });
    return;
  }
  const gone = (async () => {
    while (processIdentity(pid) !== null) await sleep(20);
  })();
  await stopProcess((signal) => void process.kill(pid, signal), gone);
}
