import type { SpecIssue } from '../../../reconciler/kind.ts';
import { addressing } from '../addressing.ts';
import { type Cidr, contains, covering24s, formatCidr, overlaps, parseCidr, parseIp } from '../ipv4.ts';
import type { NetworkSpec } from './kind.ts';

const PREFIX_MIN = 20;
const PREFIX_MAX = 29;

/** Addresses that no network can use: this host, loopback, link-local, multicast and beyond. */
const RESERVED = ['0.0.0.0/8', '127.0.0.0/8', '169.254.0.0/16', '224.0.0.0/3'].map(parseCidr);

/** Checks that span fields of a network's spec, all issues at once. Pure. */
export function checkNetwork({ spec }: { spec: NetworkSpec }): SpecIssue[] {
  const issues: SpecIssue[] = [];
  if (spec.span === 'eachHost' && spec.host !== undefined) {
    issues.push({
      path: '/host',
      message: 'With span eachHost it is on every host of its zone: leave host out, or use span host.',
    });
  }
  const given = { '/gateway': spec.gateway, '/dhcp/first': spec.dhcp.first, '/dhcp/last': spec.dhcp.last };
  if (spec.cidr === undefined) {
    for (const [path, value] of Object.entries(given)) {
      if (value !== undefined)
        issues.push({ path, message: `${value} needs a cidr that it lies in: set cidr, or leave it out.` });
    }
    return issues;
  }
  const cidr = parseCidr(spec.cidr);
  const own = cidrIssues(spec.cidr, cidr);
  if (own.length > 0) return [...issues, ...own];
  const outside = Object.entries(given).filter(([, value]) => value !== undefined && !isHost(cidr, parseIp(value)));
  issues.push(...outside.map(([path, value]) => ({ path, message: `${value} is no host address of ${spec.cidr}.` })));
  return outside.length > 0 ? issues : [...issues, ...rangeIssues(spec, spec.cidr)];
}

/** Networks may not share a /24: the index of unique keys refuses the second one when it is applied. */
export function networkKeys({ cidr }: Pick<NetworkSpec, 'cidr'>): string[] {
  return cidr === undefined ? [] : covering24s(parseCidr(cidr)).map((block) => `network-cidr/${block}`);
}

function cidrIssues(text: string, cidr: Cidr): SpecIssue[] {
  const path = '/cidr';
  if (cidr.prefix < PREFIX_MIN || cidr.prefix > PREFIX_MAX) {
    return [{ path, message: `${text} must be between /${PREFIX_MIN} and /${PREFIX_MAX}.` }];
  }
  if (formatCidr(cidr) !== text) return [{ path, message: `${text} has host bits: write ${formatCidr(cidr)}.` }];
  const reserved = RESERVED.find((range) => overlaps(range, cidr));
  return reserved ? [{ path, message: `${text} lies in ${formatCidr(reserved)}, which no network can use.` }] : [];
}

function isHost(cidr: Cidr, address: number): boolean {
  return contains(cidr, address) && address !== cidr.first && address !== cidr.last;
}

function rangeIssues(spec: NetworkSpec, cidr: string): SpecIssue[] {
  const { dynamic, gateway } = addressing(spec, cidr);
  if (dynamic === null) return [];
  const path = spec.dhcp.first === undefined ? '/dhcp/last' : '/dhcp/first';
  if (dynamic.first > dynamic.last) return [{ path, message: 'The first address of the range is above its last one.' }];
  if (contains(dynamic, gateway))
    return [{ path, message: 'The gateway lies in the range: it would be leased to a guest.' }];
  return [];
}
