import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { addressing } from './addressing.ts';
import { covering24s, formatCidr, formatIp, overlaps, parseCidr, parseIp } from './ipv4.ts';

const cidr = fc
  .tuple(fc.nat(0xffff_ffff), fc.integer({ min: 20, max: 29 }))
  .map(([address, prefix]) => parseCidr(`${formatIp(address)}/${prefix}`));

describe('addresses', () => {
  it('are written as they are read', () => {
    fc.assert(fc.property(fc.nat(0xffff_ffff), (address) => expect(parseIp(formatIp(address))).toBe(address)));
    fc.assert(fc.property(cidr, (one) => expect(parseCidr(formatCidr(one))).toEqual(one)));
  });

  it.each(['10.1.1', '10.1.1.256', '10.1.1.x', '1.2.3.4.5'])('%s is none', (text) => {
    expect(() => parseIp(text)).toThrow(RangeError);
    expect(() => parseCidr(`${text}/24`)).toThrow(RangeError);
  });

  it.each(['10.1.1.0', '10.1.1.0/33', '10.1.1.0/x'])('%s is no network', (text) => {
    expect(() => parseCidr(text)).toThrow(RangeError);
  });
});

describe('networks', () => {
  it('that overlap always share a /24, so that claiming those is enough', () => {
    const near = cidr.chain((one) =>
      fc
        .tuple(fc.integer({ min: one.first - 2048, max: one.last + 2048 }), fc.integer({ min: 20, max: 29 }))
        .map(([at, prefix]) => [one, parseCidr(`${formatIp(Math.max(0, at) % 2 ** 32)}/${prefix}`)] as const),
    );
    fc.assert(
      fc.property(near, ([one, other]) => {
        const shared = covering24s(one).some((block) => covering24s(other).includes(block));
        if (overlaps(one, other)) expect(shared).toBe(true);
        if (one.prefix <= 24 && other.prefix <= 24) expect(shared).toBe(overlaps(one, other));
      }),
    );
  });

  it('lease addresses that are theirs, never the gateway', () => {
    fc.assert(
      fc.property(cidr, fc.nat(4096), (one, at) => {
        const size = one.last - one.first + 1;
        const gateway = formatIp(one.first + 1 + (at % (size - 2)));
        const { dynamic } = addressing({ gateway, dhcp: { enabled: true } }, formatCidr(one));
        expect(dynamic).not.toBeNull();
        const { first, last } = dynamic ?? { first: 0, last: 0 };
        expect(first).toBeGreaterThan(one.first);
        expect(last).toBeLessThan(one.last);
        expect(first).toBeLessThanOrEqual(last);
        expect(parseIp(gateway) < first || parseIp(gateway) > last).toBe(true);
      }),
    );
  });
});
