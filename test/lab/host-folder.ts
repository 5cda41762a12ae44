import { randomUUID } from 'node:crypto';
import { cpSync, existsSync, mkdirSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { lendCapabilities } from './capability-cache.ts';

/** Which of a lab host's folders stands in for which of the machine's. */
export const mounts = {
  run: '/run/libvirt',
  lib: '/var/lib/libvirt',
  cache: '/var/cache/libvirt',
  log: '/var/log/libvirt',
  etc: '/etc/libvirt',
} as const;

export type HostFolderOptions = {
  dir: string;
  name: string;
  /** Names and addresses of all hosts of the lab, for its /etc/hosts. */
  neighbours: readonly { name: string; address: string }[];
  /** Further lines of libvirtd.conf and qemu.conf, such as TLS settings. Later lines win. */
  libvirtdConf?: readonly string[];
  qemuConf?: readonly string[];
};

/** A fresh disk for a host: libvirt as Debian installs it, without the default network, with a host UUID of its own. */
export function makeHostFolder(options: HostFolderOptions): void {
  const { dir, name, neighbours } = options;
  for (const folder of [
    ...Object.keys(mounts),
    'etc/hooks',
    'lib/images',
    'lib/boot',
    'lib/dnsmasq',
    'lib/network',
    'log/qemu',
  ]) {
    mkdirSync(join(dir, folder), { recursive: true, mode: 0o755 });
  }
  mkdirSync(join(dir, 'empty'));
  if (existsSync('/etc/libvirt/nwfilter'))
    cpSync('/etc/libvirt/nwfilter', join(dir, 'etc/nwfilter'), { recursive: true });
  writeFileSync(join(dir, 'etc/libvirtd.conf'), [...libvirtdConf(), ...(options.libvirtdConf ?? []), ''].join('\n'));
  writeFileSync(join(dir, 'etc/qemu.conf'), [...(options.qemuConf ?? []), ''].join('\n'), { mode: 0o600 });
  const hosts = neighbours.map((host) => `${host.address} ${host.name}`);
  writeFileSync(join(dir, 'hosts'), ['127.0.0.1 localhost', ...hosts, ''].join('\n'));
  writeFileSync(join(dir, 'hostname'), `${name}\n`);
  lendCapabilities(join(dir, 'cache'));
}

/** What a power cut takes: everything that lives in memory. */
export function forgetMemory(dir: string): void {
  for (const entry of readdirSync(join(dir, 'run'))) rmSync(join(dir, 'run', entry), { recursive: true, force: true });
}

/** Two hosts with one UUID refuse to migrate to each other. TCP is open, as only the lab's switch leads to it. */
function libvirtdConf(): string[] {
  return [
    `host_uuid = "${randomUUID()}"`,
    'listen_tls = 0',
    'listen_tcp = 1',
    'auth_tcp = "none"',
    'auth_unix_rw = "none"',
  ];
}
