import { connectedMacs } from './networks.ts';
import type { HostState, NetworkState } from './state.ts';

export interface Lease {
  mac: string;
  ip: string;
  hostname: string | null;
}

/** Every plugged NIC has its reserved address, or else the next free one of the dynamic range. */
export function leasesOf(host: HostState, network: NetworkState): Lease[] {
  const range = network.spec?.dhcp;
  if (!network.active || !range) return [];
  const taken = new Set(network.reservations.map(({ ip }) => ip));
  let next = numberOf(range.first);
  const last = numberOf(range.last);
  return connectedMacs(host, network.uid).flatMap((mac): Lease[] => {
    const reserved = network.reservations.find((reservation) => reservation.mac === mac);
    if (reserved) return [{ mac, ip: reserved.ip, hostname: reserved.hostname }];
    while (next <= last && taken.has(textOf(next))) next++;
    if (next > last) return [];
    const ip = textOf(next);
    next++;
    return [{ mac, ip, hostname: null }];
  });
}

function numberOf(ip: string): number {
  return ip.split('.').reduce((sum, part) => sum * 256 + Number(part), 0);
}

function textOf(address: number): string {
  return [24, 16, 8, 0].map((shift) => Math.floor(address / 2 ** shift) % 256).join('.');
}
