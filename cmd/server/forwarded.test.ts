import type { IncomingMessage } from 'node:http';
import { describe, expect, it } from '@jest/globals';
import { credentialsOf } from '../../identity/credentials.ts';
import { createForwarded } from './forwarded.ts';

describe('the sender of a request', () => {
  it.each([
    ['is the neighbour when nobody else is named', '192.0.2.1', undefined, '192.0.2.1'],
    ['is the neighbour when that is no trusted proxy, whatever it says', '192.0.2.1', '203.0.113.9', '192.0.2.1'],
    ['is whom a trusted proxy names', '10.0.0.2', '203.0.113.9', '203.0.113.9'],
    ['is the last whom it names, not whom the sender made up', '10.0.0.2', '198.51.100.1, 203.0.113.9', '203.0.113.9'],
    ['is the proxy when what it names is no address', '10.0.0.2', 'unknown', '10.0.0.2'],
    ['is whom a trusted proxy of IPv6 names', '2001:db8::5', '203.0.113.9', '203.0.113.9'],
    ['is whom a proxy names that comes as IPv4 in IPv6', '::ffff:10.0.0.2', '203.0.113.9', '203.0.113.9'],
  ])('%s', (_what, remoteAddress, forwarded, from) => {
    const headers = forwarded === undefined ? {} : { 'x-forwarded-for': forwarded };
    const request = { headers, socket: { remoteAddress }, method: 'GET', url: '/' } as unknown as IncomingMessage;
    createForwarded(['10.0.0.0/8', '2001:db8::/32'])(request);
    expect(credentialsOf(request).from).toBe(from);
  });
});
