import { readFile, readlink } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { Address6 } from 'ip-address';
import { parseUri } from './wire/transport/uri.ts';

/**
 * CIDRs routed on the host itself, other than through `bridges`. Known only where libvirtd runs on this machine and this process
 * may look at it: its routes are read from its own network namespace. Anywhere else: not known.
 */
export async function readHostRoutes(
  uri: string,
  bridges: ReadonlySet<string>,
): Promise<{ known: boolean; cidrs: string[] }> {
  const { transport } = parseUri(uri, process.env);
  const folder = transport.kind === 'unix' ? await namespaceOf(transport.socketPaths) : null;
  if (folder === null) return { known: false, cidrs: [] };
  try {
    const [v4, v6] = await Promise.all([
      readFile(join(folder, 'route'), 'utf8'),
      readFile(join(folder, 'ipv6_route'), 'utf8').catch(() => ''),
    ]);
    const routes = [...parseRoutes(v4), ...parseIpv6Routes(v6)].filter(({ device }) => !bridges.has(device));
    return { known: true, cidrs: [...new Set(routes.map(({ cidr }) => cidr))] };
  } catch {
    return { known: false, cidrs: [] };
  }
}

interface Route {
  device: string;
  cidr: string;
}

/** `/proc/net/route`: addresses as little-endian hexadecimal. Default routes overlap with everything and say nothing. */
export function parseRoutes(table: string): Route[] {
  return table
    .split('\n')
    .slice(1)
    .map((line) => line.split(/\s+/))
    .flatMap(([device, destination, , , , , , mask]) => {
      if (device === undefined || destination === undefined || mask === undefined || mask === '00000000') return [];
      const prefix = Number.parseInt(mask, 16).toString(2).replaceAll('0', '').length;
      const address = (destination.match(/../g) ?? []).reverse().map((byte) => Number.parseInt(byte, 16));
      return [{ device, cidr: `${address.join('.')}/${prefix}` }];
    });
}

/** `/proc/net/ipv6_route`. Link-local and multicast routes are on every host and in nobody's way. */
export function parseIpv6Routes(table: string): Route[] {
  return table
    .split('\n')
    .map((line) => line.trim().split(/\s+/))
    .flatMap((fields) => {
      const [destination, prefix, device] = [
        fields[0] ?? '',
        Number.parseInt(fields[1] ?? '0', 16),
        fields.at(-1) ?? '',
      ];
      if (prefix === 0 || device === 'lo' || /^(fe80|ff)/.test(destination)) return [];
      const address = new Address6((destination.match(/..../g) ?? []).join(':'));
      return [{ device, cidr: `${address.correctForm()}/${prefix}` }];
    });
}

/** The folder of network tables of the libvirtd behind a socket. Its process id is in a file beside it. */
async function namespaceOf(socketPaths: readonly string[]): Promise<string | null> {
  for (const socket of socketPaths) {
    const folders = [
      dirname(socket),
      ...(dirname(socket) === '/run/libvirt' || dirname(socket) === '/var/run/libvirt' ? ['/run'] : []),
    ];
    for (const name of ['libvirtd.pid', 'virtqemud.pid']) {
      for (const folder of folders) {
        const pid = Number((await readFile(join(folder, name), 'utf8').catch(() => '')).trim());
        if (Number.isInteger(pid) && pid > 1 && (await isLibvirt(pid))) return `/proc/${pid}/net`;
      }
    }
  }
  return null;
}

async function isLibvirt(pid: number): Promise<boolean> {
  const program = await readlink(`/proc/${pid}/exe`).catch(() => '');
  if (!/\/(libvirtd|virtqemud)( \(deleted\))?$/.test(program)) return false;
  // A libvirtd in a process namespace of its own writes down a number that means another process here.
  const status = await readFile(`/proc/${pid}/status`, 'utf8').catch(() => '');
  return /^NSpid:\t\d+$/m.test(status);
}
