import { isIP } from 'node:net';
import type { Result } from '../../hypervisor/port.ts';
import { type AllowList, isPublicAddress } from './address.ts';

/** All addresses of a name. Rejects when there is none, or no answer in time. */
export type Resolve = (hostname: string) => Promise<readonly string[]>;

/** A URL with the one address that may be connected to for it. */
export interface Target {
  url: URL;
  address: string;
}

/**
 * Checks a URL and resolves it once; the connection must go to the address found here, so that a name that answers differently a moment
 * later gains nothing. If any address of a name is refused, the name is.
 */
export async function checkTarget(
  text: string,
  { resolve, allowed }: { resolve: Resolve; allowed: AllowList },
): Promise<Result<Target>> {
  if (!URL.canParse(text)) return refuse(`"${text}" is no URL`);
  const url = new URL(text);
  if (url.protocol !== 'http:' && url.protocol !== 'https:') return refuse(`${url.protocol} is not http or https`);
  if (url.username !== '' || url.password !== '') return refuse('a URL must not carry a user or a password');
  const host = url.hostname.replace(/^\[|\]$/g, '').replace(/\.$/, '');
  if (host === '') return refuse('the URL names no host');
  const address = await checkHost(host, { resolve, allowed });
  return address.ok ? { ok: true, value: { url, address: address.value } } : address;
}

/** The one address that may be connected to for a host, which is a name or an address without brackets. */
export async function checkHost(
  host: string,
  { resolve, allowed }: { resolve: Resolve; allowed: AllowList },
): Promise<Result<string>> {
  const addresses = await addressesOf(host, resolve);
  if (!addresses.ok) return addresses;
  const [first] = addresses.value;
  if (first === undefined) return unreachable(`${host} has no address`);
  const forbidden = addresses.value.find((address) => !mayConnect(address, { host, allowed }));
  if (forbidden !== undefined)
    return refuse(`${host} is at ${forbidden}, which is not on the public Internet; an operator can allow it`);
  return { ok: true, value: first };
}

async function addressesOf(host: string, resolve: Resolve): Promise<Result<readonly string[]>> {
  // The URL parser has turned decimal, octal, hexadecimal and shortened forms of IPv4 into four decimal bytes by now.
  if (isIP(host) !== 0) return { ok: true, value: [host] };
  try {
    return { ok: true, value: await resolve(host) };
  } catch (error) {
    return unreachable(`${host} cannot be resolved: ${error instanceof Error ? error.message : String(error)}`);
  }
}

function mayConnect(address: string, { host, allowed }: { host: string; allowed: AllowList }): boolean {
  return isPublicAddress(address) || allowed.address(address) || allowed.name(host);
}

function refuse(message: string): Result<never> {
  return { ok: false, error: { code: 'Invalid', message } };
}

function unreachable(message: string): Result<never> {
  return { ok: false, error: { code: 'Unreachable', message } };
}
