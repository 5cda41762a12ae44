/** IPv4 as unsigned 32-bit numbers. Inputs were checked by the schemas; a text that is no address throws, since that is a bug. */

export interface Range {
  /** First and last address, both included. */
  first: number;
  last: number;
}

export interface Cidr extends Range {
  prefix: number;
}

export function parseIp(text: string): number {
  const parts = text.split('.').map(Number);
  if (parts.length !== 4 || parts.some((part) => !Number.isInteger(part) || part < 0 || part > 255)) {
    throw new RangeError(`"${text}" is no IPv4 address.`);
  }
  return parts.reduce((sum, part) => sum * 256 + part, 0);
}

export function formatIp(address: number): string {
  return [24, 16, 8, 0].map((shift) => (address >>> shift) & 255).join('.');
}

/** Host bits are cut off: `10.1.1.7/24` is `10.1.1.0/24`. */
export function parseCidr(text: string): Cidr {
  const [address = '', prefixText = ''] = text.split('/');
  const prefix = Number(prefixText);
  if (prefixText === '' || !Number.isInteger(prefix) || prefix < 0 || prefix > 32) {
    throw new RangeError(`"${text}" is no IPv4 network.`);
  }
  const size = 2 ** (32 - prefix);
  const first = Math.floor(parseIp(address) / size) * size;
  return { first, last: first + size - 1, prefix };
}

export function formatCidr({ first, prefix }: Cidr): string {
  return `${formatIp(first)}/${prefix}`;
}

export function overlaps(a: Range, b: Range): boolean {
  return a.first <= b.last && b.first <= a.last;
}

export function contains(range: Range, address: number): boolean {
  return range.first <= address && address <= range.last;
}

/** The /24 networks that a network lies in or covers. */
export function covering24s(cidr: Cidr): string[] {
  const blocks: string[] = [];
  for (let first = cidr.first - (cidr.first % 256); first <= cidr.last; first += 256)
    blocks.push(`${formatIp(first)}/24`);
  return blocks;
}
