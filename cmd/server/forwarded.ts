import type { IncomingMessage } from 'node:http';
import { BlockList, isIP } from 'node:net';

/**
 * Whom a header may name as the sender. Proxies that are trusted say for whom they ask; from anybody else the header is taken away before
 * anyone reads it, so that nobody can pretend to be somewhere else.
 */
export function createForwarded(trusted: readonly string[]): (request: IncomingMessage) => void {
  const proxies = new BlockList();
  for (const entry of trusted) {
    const [address = '', bits] = entry.split('/');
    const family = isIP(address) === 6 ? 'ipv6' : 'ipv4';
    if (bits === undefined) proxies.addAddress(address, family);
    else proxies.addSubnet(address, Number(bits), family);
  }
  return (request) => {
    const forwarded = request.headers['x-forwarded-for'];
    if (forwarded === undefined) return;
    const from = request.socket.remoteAddress ?? '';
    const isTrusted = isIP(from) !== 0 && proxies.check(from, isIP(from) === 6 ? 'ipv6' : 'ipv4');
    // The last address is the one that our proxy itself saw; those before it are hearsay.
    const last = [forwarded].flat().join(',').split(',').at(-1)?.trim() ?? '';
    if (isTrusted && isIP(last) !== 0) request.headers['x-forwarded-for'] = last;
    else delete request.headers['x-forwarded-for'];
  };
}
