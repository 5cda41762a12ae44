import { type Cidr, formatIp, parseCidr, parseIp } from './ipv4.ts';
import type { NetworkSpec } from './network/kind.ts';

export interface Addressing {
  cidr: Cidr;
  gateway: number;
  /** Leases for guests that are no machines of ours; null without DHCP. */
  dynamic: { first: number; last: number } | null;
}

/** What a network's addresses are, given its CIDR (its own or the chosen one). Pure. */
export function addressing(spec: Pick<NetworkSpec, 'gateway' | 'dhcp'>, cidrText: string): Addressing {
  const cidr = parseCidr(cidrText);
  const gateway = spec.gateway === undefined ? cidr.first + 1 : parseIp(spec.gateway);
  if (!spec.dhcp.enabled) return { cidr, gateway, dynamic: null };
  const usual = usualRange(cidr, gateway);
  return {
    cidr,
    gateway,
    dynamic: {
      first: spec.dhcp.first === undefined ? usual.first : parseIp(spec.dhcp.first),
      last: spec.dhcp.last === undefined ? usual.last : parseIp(spec.dhcp.last),
    },
  };
}

/** The last quarter of the network, or the one before when the gateway is there. */
function usualRange(cidr: Cidr, gateway: number) {
  const quarter = 2 ** (30 - cidr.prefix);
  const last = { first: cidr.last + 1 - quarter, last: cidr.last - 1 };
  if (gateway < last.first) return last;
  return { first: last.first - quarter, last: last.first - 1 };
}

export function rangeText({ first, last }: { first: number; last: number }): { first: string; last: string } {
  return { first: formatIp(first), last: formatIp(last) };
}
