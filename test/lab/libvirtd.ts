import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { command, until } from './command.ts';
import type { Namespace } from './namespace.ts';

/** `qemu` runs real guests; `test` serves libvirt's own mock, `test:///default`, and starts at once. */
export type Driver = 'qemu' | 'test';

export type LibvirtdHome = { namespace: Namespace; dir: string; driver: Driver; uri: string };

/** Starts what is not running and returns when libvirtd answers. */
export async function startLibvirtd(home: LibvirtdHome): Promise<void> {
  const { namespace, dir, driver } = home;
  if (driver === 'qemu' && !(await runs(home, 'virtlogd'))) {
    await namespace.daemon(['virtlogd', '-p', '/run/libvirt/virtlogd.pid'], { logFile: join(dir, 'log/virtlogd.log') });
  }
  const drivers = driver === 'test' ? ['env', `LIBVIRT_DRIVER_DIR=${join(dir, 'empty')}`] : [];
  const libvirtd = ['libvirtd', '--listen', '-p', '/run/libvirt/libvirtd.pid'];
  await namespace.daemon([...restartedAfterFault, ...drivers, ...libvirtd], { logFile: libvirtdLog(dir) });
  await until(`libvirtd's socket; see ${libvirtdLog(dir)}`, () => existsSync(join(dir, 'run/libvirt-sock')));
  await until(`an answer of libvirtd; see ${libvirtdLog(dir)}`, () => answers(home.uri));
  if (driver === 'test') await holdTestConnection(home);
}

export async function killLibvirtd(home: LibvirtdHome): Promise<void> {
  await signalLibvirtd(home, 'KILL');
  await until('the end of libvirtd', async () => !(await runs(home, 'libvirtd')));
}

export async function signalLibvirtd(home: LibvirtdHome, signal: 'KILL' | 'STOP' | 'CONT' | 'TERM'): Promise<void> {
  await signalProcess(home.namespace, { signal, pid: pidIn(join(home.dir, 'run/libvirtd.pid')) });
}

/** Sends a signal to a process by its number inside the namespace. */
export async function signalProcess(
  namespace: Namespace,
  { signal, pid }: { signal: string; pid: number },
): Promise<void> {
  await namespace.exec(['busybox', 'kill', `-${signal}`, String(pid)]);
}

export function pidIn(file: string): number {
  const pid = Number(readFileSync(file, 'utf8').trim());
  if (!Number.isInteger(pid) || pid <= 1) throw new Error(`${file} holds no process number`);
  return pid;
}

/**
 * As systemd does it on every real host: libvirt 9 ends now and then by a fault of its own when a client goes (its callbacks are freed while
 * its events are dispatched). Whoever kills it wants it to stay down.
 */
const restartedAfterFault = ['sh', '-c', '"$@"; while [ $? -eq 139 ]; do "$@"; done', 'supervised'];

const libvirtdLog = (dir: string): string => join(dir, 'log/libvirtd.log');

async function runs({ namespace, dir }: LibvirtdHome, daemon: 'libvirtd' | 'virtlogd'): Promise<boolean> {
  const file = join(dir, 'run', `${daemon}.pid`);
  if (!existsSync(file)) return false;
  const comm = await namespace.exec(['cat', `/proc/${pidIn(file)}/comm`]).catch(() => '');
  return comm.trim() === daemon;
}

async function answers(uri: string): Promise<boolean> {
  return command('virsh', ['-c', uri, 'list', '--name'], { timeoutMs: 30_000 }).then(
    () => true,
    () => false,
  );
}

/** The mock's machines vanish with its last connection, so one is held for as long as this libvirtd lives. */
async function holdTestConnection({ namespace, dir, uri }: LibvirtdHome): Promise<void> {
  const inside = `test+unix:///default?socket=${mountedSocket}`;
  await namespace.daemon(['virsh', '-c', inside, 'event', '--all', '--loop'], { logFile: join(dir, 'log/events.log') });
  await until('the connection that is held', () => remembers(uri));
}

/** Whether a pool that one connection defines is there for the next one. */
async function remembers(uri: string): Promise<boolean> {
  const virsh = (...args: string[]) => command('virsh', ['-c', uri, ...args], { timeoutMs: 30_000 });
  await virsh('pool-define-as', 'held', 'dir', '--target', '/held');
  return virsh('pool-undefine', 'held').then(
    () => true,
    () => false,
  );
}

const mountedSocket = '/run/libvirt/libvirt-sock';
