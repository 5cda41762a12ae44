import { describe, expect, it } from '@jest/globals';
import { allowList, isPublicAddress } from './address.ts';
import { checkTarget } from './guard.ts';

/** What a resolver under an attacker's hand, or one of the own network, might answer. */
const NAMES: Record<string, readonly string[]> = {
  'cloud.example.org': ['93.184.215.14'],
  'six.example.org': ['2606:2800:21f:cb07:6820:80da:af6b:8b2c'],
  localhost: ['127.0.0.1'],
  'localtest.me': ['127.0.0.1'],
  'metadata.google.internal': ['169.254.169.254'],
  'inner.example.org': ['10.0.0.7'],
  'mixed.example.org': ['93.184.215.14', '192.168.1.10'],
  'mapped.example.org': ['::ffff:10.0.0.1'],
  'six-local.example.org': ['fd00::1'],
  'six-loop.example.org': ['::1'],
  'nowhere.example.org': [],
};

const resolve = async (name: string) => {
  const found = NAMES[name.toLowerCase()];
  if (!found) throw new Error('ENOTFOUND');
  return found;
};

const check = (url: string, allowed: readonly string[] = []) =>
  checkTarget(url, { resolve, allowed: allowList(allowed) });

const HOSTILE = [
  // Loopback, in every spelling of IPv4 that a URL parser takes.
  'http://127.0.0.1/',
  'http://127.0.0.1:8080/admin',
  'http://127.1/',
  'http://127.0.1/',
  'http://2130706433/',
  'http://0x7f000001/',
  'http://0x7f.0x0.0x0.0x1/',
  'http://0177.0.0.1/',
  'http://017700000001/',
  'http://127.255.255.254/',
  'http://0.0.0.0/',
  'http://0/',
  'http://127.0.0.1./',
  'http://１２７.０.０.１/',
  'http://127。0。0。1/',
  'http://%31%32%37.0.0.1/',
  'http:\\\\127.0.0.1\\',
  'http:127.0.0.1',
  // Private networks.
  'http://10.0.0.1/',
  'http://10.255.255.255/',
  'http://0xa000001/',
  'http://167772161/',
  'http://172.16.0.1/',
  'http://172.31.255.255/',
  'http://192.168.0.1/',
  'http://3232235521/',
  'http://0300.0250.0.1/',
  // Link-local, and the addresses where clouds keep their secrets.
  'http://169.254.169.254/latest/meta-data/',
  'http://2852039166/',
  'http://0xa9fea9fe/',
  'http://0251.0376.0251.0376/',
  'http://169.254.1.1/',
  'http://metadata.google.internal/computeMetadata/v1/',
  'http://100.100.100.200/latest/meta-data/',
  // Carrier networks, benchmarks, documentation, multicast, reserved.
  'http://100.64.0.1/',
  'http://100.127.255.255/',
  'http://192.0.0.8/',
  'http://192.0.2.1/',
  'http://198.18.0.1/',
  'http://198.51.100.7/',
  'http://203.0.113.9/',
  'http://224.0.0.251/',
  'http://239.255.255.250:1900/',
  'http://240.0.0.1/',
  'http://255.255.255.255/',
  // IPv6: loopback, unspecified, mapped, compatible, translated, local, documentation, tunnels, multicast.
  'http://[::1]/',
  'http://[::]/',
  'http://[0:0:0:0:0:0:0:1]/',
  'http://[::ffff:127.0.0.1]/',
  'http://[::ffff:7f00:1]/',
  'http://[::ffff:10.0.0.1]/',
  'http://[::ffff:a9fe:a9fe]/',
  'http://[::127.0.0.1]/',
  'http://[64:ff9b::10.0.0.1]/',
  'http://[64:ff9b:1::7f00:1]/',
  'http://[fe80::1]/',
  'http://[fc00::1]/',
  'http://[fd12:3456:789a::1]/',
  'http://[fd00:ec2::254]/latest/meta-data/',
  'http://[2001:db8::1]/',
  'http://[2001::7f00:1]/',
  'http://[2002:7f00:1::]/',
  'http://[2002:a00:1::1]/',
  'http://[ff02::1]/',
  'http://[100::1]/',
  // Names that lead inside.
  'http://localhost/',
  'http://LOCALHOST:9200/',
  'http://localhost./',
  'http://localtest.me/',
  'http://inner.example.org/',
  'http://mixed.example.org/',
  'http://mapped.example.org/',
  'http://six-local.example.org/',
  'http://six-loop.example.org/',
  // Users, passwords, and hosts hidden behind them.
  'http://user@cloud.example.org/',
  'http://user:secret@cloud.example.org/',
  'http://cloud.example.org@127.0.0.1/',
  'http://cloud.example.org:80@10.0.0.1/',
  'http://127.0.0.1#@cloud.example.org/',
  'http://127.0.0.1?cloud.example.org',
  'http://127.0.0.1\\@cloud.example.org/',
  // Other protocols, and no URL at all.
  'file:///etc/passwd',
  'ftp://cloud.example.org/image.qcow2',
  'gopher://127.0.0.1:6379/_FLUSHALL',
  'dict://127.0.0.1:11211/stat',
  'ldap://cloud.example.org/',
  'data:application/octet-stream,QFI',
  'javascript:alert(1)',
  'unix:/var/run/libvirt/libvirt-sock',
  '//cloud.example.org/image',
  '/etc/passwd',
  'http://',
  'http:///',
  'http://[::1',
  'http://999.999.999.999/',
  'http://1.2.3.4.5/',
  '',
];

describe('what may be fetched', () => {
  it.each(HOSTILE)('refuses %s', async (url) => {
    const checked = await check(url);
    expect(checked).toMatchObject({ ok: false, error: { code: 'Invalid' } });
  });

  it('has at least sixty hostile URLs, all different', () => {
    expect(new Set(HOSTILE).size).toBeGreaterThanOrEqual(60);
    expect(new Set(HOSTILE).size).toBe(HOSTILE.length);
  });

  it.each([
    ['https://cloud.example.org/image.qcow2', '93.184.215.14'],
    ['http://six.example.org:8080/image.qcow2', '2606:2800:21f:cb07:6820:80da:af6b:8b2c'],
    ['http://93.184.215.14/image', '93.184.215.14'],
    ['https://[2606:2800:21f::1]/image', '2606:2800:21f::1'],
    ['HTTPS://CLOUD.EXAMPLE.ORG./image', '93.184.215.14'],
  ])('lets %s through, to the address that was checked', async (url, address) => {
    expect(await check(url)).toMatchObject({ ok: true, value: { address } });
  });

  it('says unreachable, not refused, of a name that has no address or does not resolve', async () => {
    expect(await check('http://nowhere.example.org/')).toMatchObject({ error: { code: 'Unreachable' } });
    expect(await check('http://unheard-of.example.org/')).toMatchObject({ error: { code: 'Unreachable' } });
  });

  it('lets an operator allow a name, an address or a network, and only that', async () => {
    expect(await check('http://inner.example.org/', ['inner.example.org'])).toMatchObject({ ok: true });
    expect(await check('http://inner.example.org/', ['10.0.0.0/24'])).toMatchObject({ ok: true });
    expect(await check('http://10.0.0.7/', ['10.0.0.7'])).toMatchObject({ ok: true });
    expect(await check('http://[fd00::1]/', ['fd00::/8'])).toMatchObject({ ok: true });
    expect(await check('http://10.0.1.7/', ['10.0.0.0/24'])).toMatchObject({ ok: false });
    expect(await check('http://mixed.example.org/', ['10.0.0.0/8'])).toMatchObject({ ok: false });
  });

  it('refuses an allow-list that says nothing it understands', () => {
    expect(() => allowList(['10.0.0.0/33'])).toThrow('10.0.0.0/33');
    expect(() => allowList(['http://inner/'])).toThrow('http://inner/');
  });

  it('takes no address with a zone, and nothing that is no address', () => {
    expect(isPublicAddress('2606:2800::1%eth0')).toBe(false);
    expect(isPublicAddress('cloud.example.org')).toBe(false);
  });
});
