import { existsSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { keepCapabilities } from './capability-cache.ts';
import { command } from './command.ts';
import { type Forward, forward } from './forward.ts';
import { forgetMemory, makeHostFolder, mounts } from './host-folder.ts';
import * as libvirtd from './libvirtd.ts';
import { type Namespace, startNamespace } from './namespace.ts';
import { addressOf, type Switch } from './switch.ts';

/**
 * One hypervisor host: a real libvirtd with a network, mounts, processes and a host name of its own. Paths that libvirt
 * uses (`/var/lib/libvirt/images`, `/var/log/libvirt`, …) mean the same inside as on a real host; `outside` says where
 * they are for this process.
 */
export type LabHost = {
  name: string;
  /** On the lab's switch. */
  address: string;
  dir: string;
  /** libvirt's local socket, reachable from outside, and the URI that virsh takes for it. */
  socketPath: string;
  uri: string;
  /** The same libvirtd over the lab's network: a partition makes it silent, as it would a remote host. */
  remoteSocketPath: string;
  virsh(...args: string[]): Promise<string>;
  exec: Namespace['exec'];
  daemon: Namespace['daemon'];
  /** Where a path of this host is for this process. Only for paths under libvirt's folders; others are the machine's. */
  outside(path: string): string;
  /** A loopback port that leads to a TCP port of this host over the lab's switch. Closed by stop(). */
  forward(port: number): Promise<Forward>;
  killLibvirtd(): Promise<void>;
  startLibvirtd(): Promise<void>;
  /** A hung daemon: it keeps its sockets and answers nothing. */
  pauseLibvirtd(): Promise<void>;
  resumeLibvirtd(): Promise<void>;
  /** `STOP` makes a guest hang, `CONT` resumes it, `KILL` is a guest's emulator crashing. */
  signalGuest(domain: string, signal: 'STOP' | 'CONT' | 'KILL'): Promise<void>;
  /** Cuts the host off from the lab's switch, and mends it. The local socket is not the network: it keeps answering. */
  partition(): Promise<void>;
  heal(): Promise<void>;
  /** A power cut: daemons, guests, networks and everything under /run are gone at once; disks stay. */
  crash(): Promise<void>;
  boot(): Promise<void>;
  stop(): Promise<void>;
};

export type LabHostOptions = {
  name: string;
  driver?: libvirtd.Driver;
  /**
   * `hidden` (default): the host has no KVM, so that every machine does the same. `present`: it has the machine's KVM
   * device, open to qemu, which says nothing about whether a guest runs on it.
   */
  kvm?: 'hidden' | 'present';
  libvirtdConf?: readonly string[];
  qemuConf?: readonly string[];
};

export type Place = { number: number; dir: string; plugged: Switch; neighbours: { name: string; address: string }[] };

export async function bootHost(options: LabHostOptions, { number, dir, plugged, neighbours }: Place): Promise<LabHost> {
  const driver = options.driver ?? 'qemu';
  const socketPath = join(dir, 'run/libvirt-sock');
  const uri = `${driver === 'qemu' ? 'qemu+unix:///system' : 'test+unix:///default'}?socket=${socketPath}`;
  const address = addressOf(number);
  makeHostFolder({ ...options, dir, neighbours });
  const machine = { name: options.name, dir, kvm: options.kvm ?? 'hidden' };
  let current = await powerOn(machine);
  const home = (): libvirtd.LibvirtdHome => ({ namespace: current, dir, driver, uri });
  const start = async () => {
    await plugged.plug({ number, namespace: current, address });
    await libvirtd.startLibvirtd(home());
  };
  const forwards: Forward[] = [];
  const virsh = (...args: string[]) =>
    reached(() => command('virsh', ['-q', '-c', uri, ...args], { timeoutMs: 120_000 }));
  const host: LabHost = {
    name: options.name,
    address,
    dir,
    socketPath,
    uri,
    remoteSocketPath: join(dir, 'remote-sock'),
    virsh,
    exec: (argv, limits) => current.exec(argv, limits),
    daemon: (argv, log) => current.daemon(argv, log),
    outside: (path) => outside(dir, path),
    forward: async (port) => {
      const opened = await forward({ through: plugged.namespace, address, port });
      forwards.push(opened);
      return opened;
    },
    killLibvirtd: () => libvirtd.killLibvirtd(home()),
    startLibvirtd: () => libvirtd.startLibvirtd(home()),
    pauseLibvirtd: () => libvirtd.signalLibvirtd(home(), 'STOP'),
    resumeLibvirtd: () => libvirtd.signalLibvirtd(home(), 'CONT'),
    signalGuest: (domain, signal) => libvirtd.signalProcess(current, { signal, pid: guestPid(dir, domain) }),
    partition: () => plugged.cut(number),
    heal: () => plugged.mend(number),
    crash: async () => {
      await current.stop();
      forgetMemory(dir);
    },
    boot: async () => {
      current = await powerOn(machine);
      await start();
    },
    stop: async () => {
      for (const opened of forwards.splice(0)) await opened.close();
      await current.stop();
    },
  };
  try {
    await start();
    const socket = { through: plugged.namespace, address, port: libvirtTcpPort, socketPath: host.remoteSocketPath };
    forwards.push(await forward(socket));
    if (driver === 'qemu') await virsh('capabilities').then(() => keepCapabilities(join(dir, 'cache')));
  } catch (error) {
    await host.stop();
    throw error;
  }
  return host;
}

const libvirtTcpPort = 16_509;

async function powerOn({
  name,
  dir,
  kvm,
}: {
  name: string;
  dir: string;
  kvm: 'hidden' | 'present';
}): Promise<Namespace> {
  const namespace = await startNamespace();
  try {
    await namespace.exec(['mount', '-t', 'tmpfs', '-o', 'mode=755', 'tmpfs', '/run']);
    await namespace.exec(['mkdir', mounts.run]);
    for (const [folder, path] of Object.entries(mounts))
      await namespace.exec(['mount', '--bind', join(dir, folder), path]);
    await namespace.exec(['mount', '--bind', join(dir, 'hosts'), '/etc/hosts']);
    await namespace.exec(['hostname', name]);
    if (existsSync('/dev/kvm')) await bindKvm(namespace, { dir, kvm });
  } catch (error) {
    await namespace.stop();
    throw error;
  }
  return namespace;
}

/**
 * libvirt asks qemu, as root, whether there is KVM, and the file system whether its guests' user may open the device.
 * Where the two disagree it forgets what it knows of qemu at every call and asks again, 0.6 s each time. So the device is
 * either a node that everybody may open, or one of a device that does not exist.
 */
async function bindKvm(namespace: Namespace, { dir, kvm }: { dir: string; kvm: 'hidden' | 'present' }): Promise<void> {
  const node = join(dir, 'kvm');
  const { rdev } = statSync('/dev/kvm');
  const device =
    kvm === 'present' ? ['666', node, 'c', String(rdev >> 8), String(rdev & 0xff)] : ['600', node, 'c', '0', '0'];
  if (!existsSync(node)) await namespace.exec(['mknod', '-m', ...device]);
  await namespace.exec(['mount', '--bind', node, '/dev/kvm']);
}

function outside(dir: string, path: string): string {
  const found = Object.entries(mounts).find(([, mounted]) => path === mounted || path.startsWith(`${mounted}/`));
  return found === undefined ? path : join(dir, found[0], path.slice(found[1].length));
}

const guestPid = (dir: string, domain: string): number => libvirtd.pidIn(join(dir, 'run/qemu', `${domain}.pid`));

const REACH_TRIES = 4;

/** A daemon that is just being started again has done nothing yet: it is asked once more. */
async function reached<T>(ask: () => Promise<T>): Promise<T> {
  for (let tries = 1; ; tries++) {
    try {
      return await ask();
    } catch (error) {
      if (tries === REACH_TRIES || !/Failed to connect socket/.test(String(error))) throw error;
      await new Promise((resolve) => setTimeout(resolve, 500));
    }
  }
}
