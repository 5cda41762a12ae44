import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { closeSync, openSync, readlinkSync } from 'node:fs';
import { command, environment, until } from './command.ts';

/**
 * A set of Linux namespaces (network, mount, host name, processes) that lives exactly as long as its first process. That
 * process reads a pipe from this one, so when the test ends in whatever way, `kill -9` included, the kernel ends every
 * process inside and with them the mounts, links, bridges and firewall rules. Nothing has a name outside, so nothing
 * can be left behind.
 */
export type Namespace = {
  /** The process that holds the namespaces, as numbered outside. */
  pid: number;
  /** Runs a program inside and gives its standard output; throws when it fails. Default deadline 60 s. */
  exec(argv: readonly string[], options?: { timeoutMs?: number }): Promise<string>;
  /** Starts a daemon inside, a child of the namespace's first process, with its output in a file. */
  daemon(argv: readonly string[], options: { logFile: string }): Promise<void>;
  /** Runs a program in the network namespace alone, where it sees the processes by their outside numbers. */
  inNetwork(argv: readonly string[]): Promise<string>;
  /** Program and arguments that run argv inside, for those who spawn by themselves. */
  inside(argv: readonly string[]): [string, ...string[]];
  /** Ends every process inside. May be called again. */
  stop(): Promise<void>;
};

export async function startNamespace(): Promise<Namespace> {
  const holder = spawn('unshare', [...unshared, 'tini', '--', 'cat'], {
    stdio: ['pipe', 'ignore', 'inherit'],
    env: environment(),
    detached: true,
  });
  const ended = once(holder, 'exit');
  ended.catch(() => undefined);
  await once(holder, 'spawn');
  const pid = holder.pid ?? 0;
  const namespace: Namespace = {
    pid,
    exec: (argv, options) => command(...head(enter(pid, argv)), options),
    daemon: (argv, options) => startDaemon(enter(pid, ['setsid', '--fork', ...argv]), options),
    inNetwork: (argv) => command('nsenter', [`--target=${pid}`, '--net', '--', ...argv]),
    inside: (argv) => enter(pid, argv),
    stop: () => stopHolder(holder, ended),
  };
  try {
    await until('a namespace with its own processes', () => isInside(namespace), { timeoutMs: 60_000 });
    await prepare(namespace);
  } catch (error) {
    await namespace.stop();
    throw error;
  }
  return namespace;
}

const unshared = [
  '--mount',
  '--net',
  '--uts',
  '--pid',
  '--fork',
  '--kill-child=SIGKILL',
  '--mount-proc',
  '--propagation=private',
];

/** `pid_for_children`, since the holder itself stays outside the process namespace that it made. */
function enter(pid: number, argv: readonly string[]): [string, ...string[]] {
  const namespaces = ['--mount', '--net', '--uts', `--pid=/proc/${pid}/ns/pid_for_children`];
  return ['nsenter', `--target=${pid}`, ...namespaces, '--', ...argv];
}

function head([file, ...args]: [string, ...string[]]): [string, string[]] {
  return [file, args];
}

/**
 * The holder passes through two states that must not be entered: before it made its namespaces they are the machine's,
 * and before its first process mounted its own /proc a program inside would see the machine's processes.
 */
async function isInside(namespace: Namespace): Promise<boolean> {
  const mounts = `/proc/${namespace.pid}/ns/mnt`;
  try {
    if (readlinkSync(mounts) === readlinkSync('/proc/self/ns/mnt')) return false;
    const seen = await namespace.exec(['readlink', '/proc/1/ns/mnt'], { timeoutMs: 20_000 });
    const first = await namespace.exec(['cat', '/proc/1/comm'], { timeoutMs: 20_000 });
    return seen.trim() === readlinkSync(mounts) && first.trim() === 'tini';
  } catch {
    return false;
  }
}

/** The machine's own /sys shows the machine's links, and its control groups, which are not the lab's to use. */
async function prepare(namespace: Namespace): Promise<void> {
  await namespace.exec(['umount', '--lazy', '/sys']);
  await namespace.exec(['mount', '-t', 'sysfs', 'sysfs', '/sys']);
  await namespace.exec(['ip', 'link', 'set', 'lo', 'up']);
}

async function startDaemon([file, ...args]: [string, ...string[]], { logFile }: { logFile: string }): Promise<void> {
  const log = openSync(logFile, 'a');
  try {
    const starter = spawn(file, args, { stdio: ['ignore', log, log], env: environment() });
    const [code] = await once(starter, 'exit');
    if (code !== 0) throw new Error(`${args.join(' ')} ended with ${code}; see ${logFile}`);
  } finally {
    closeSync(log);
  }
}

async function stopHolder(holder: ChildProcess, ended: Promise<unknown>): Promise<void> {
  if (holder.exitCode !== null || holder.signalCode !== null) return;
  holder.stdin?.end();
  const force = setTimeout(() => holder.kill('SIGKILL'), 10_000);
  await ended;
  clearTimeout(force);
}
