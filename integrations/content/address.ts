import { BlockList, isIP } from 'node:net';

/**
 * Which addresses content may be fetched from. Denied is everything that is not plainly the public Internet: the registries of special
 * addresses (IANA, RFC 6890 and its successors), and in IPv6 everything outside 2000::/3, which also takes in loopback, link-local,
 * unique-local, IPv4-mapped, and NAT64 forms of inner IPv4 addresses.
 */

const DENIED_V4: readonly (readonly [string, number])[] = [
  ['0.0.0.0', 8],
  ['10.0.0.0', 8],
  ['100.64.0.0', 10],
  ['127.0.0.0', 8],
  ['169.254.0.0', 16],
  ['172.16.0.0', 12],
  ['192.0.0.0', 24],
  ['192.0.2.0', 24],
  ['192.31.196.0', 24],
  ['192.52.193.0', 24],
  ['192.88.99.0', 24],
  ['192.168.0.0', 16],
  ['192.175.48.0', 24],
  ['198.18.0.0', 15],
  ['198.51.100.0', 24],
  ['203.0.113.0', 24],
  ['224.0.0.0', 4],
  ['240.0.0.0', 4],
];

/** Within 2000::/3: protocol assignments with Teredo, documentation, 6to4, segment routing. */
const DENIED_V6: readonly (readonly [string, number])[] = [
  ['2001::', 23],
  ['2001:db8::', 32],
  ['2002::', 16],
  ['2620:4f:8000::', 48],
  ['3fff::', 20],
];

const denied = new BlockList();
for (const [net, prefix] of DENIED_V4) denied.addSubnet(net, prefix, 'ipv4');
for (const [net, prefix] of DENIED_V6) denied.addSubnet(net, prefix, 'ipv6');
const publicV6 = new BlockList();
publicV6.addSubnet('2000::', 3, 'ipv6');

/** True only for addresses of the public Internet, in the forms that Node resolves and connects to. */
export function isPublicAddress(address: string): boolean {
  const version = isIP(address);
  if (version === 4) return !denied.check(address, 'ipv4');
  return version === 6 && !address.includes('%') && publicV6.check(address, 'ipv6') && !denied.check(address, 'ipv6');
}

/** What an operator allows beside the public Internet: host names, addresses, and networks in CIDR. */
export interface AllowList {
  name(host: string): boolean;
  address(address: string): boolean;
}

/** Throws on an entry that is neither; configuration is checked when the server starts. */
export function allowList(entries: readonly string[]): AllowList {
  const names = new Set<string>();
  const networks = new BlockList();
  for (const entry of entries) {
    const [host, prefix] = entry.split('/') as [string, string | undefined];
    const version = isIP(host);
    if (version === 0 && prefix === undefined && /^[a-z0-9.-]+$/i.test(host)) names.add(host.toLowerCase());
    else if (version !== 0) addNetwork(networks, { host, version, prefix, entry });
    else throw new Error(`"${entry}" is neither a host name, an address, nor a network such as 10.0.0.0/8.`);
  }
  return {
    name: (host) => names.has(host.toLowerCase()),
    address: (address) => isIP(address) !== 0 && networks.check(address, isIP(address) === 4 ? 'ipv4' : 'ipv6'),
  };
}

function addNetwork(
  networks: BlockList,
  { host, version, prefix, entry }: { host: string; version: number; prefix: string | undefined; entry: string },
): void {
  const most = version === 4 ? 32 : 128;
  const length = prefix === undefined ? most : Number(prefix);
  if (!Number.isInteger(length) || length < 0 || length > most) {
    throw new Error(`"${entry}" has no prefix length from 0 to ${most}.`);
  }
  networks.addSubnet(host, length, version === 4 ? 'ipv4' : 'ipv6');
}
