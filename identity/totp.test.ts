import { describe, expect, it } from '@jest/globals';
import { acceptTotp, hotp, totpUri } from './totp.ts';

/** The secret of the examples in RFC 4226 and RFC 6238. */
const SECRET = Buffer.from('12345678901234567890', 'ascii');

describe('one-time codes', () => {
  it.each([
    [0, '755224'],
    [1, '287082'],
    [2, '359152'],
    [9, '520489'],
  ])('are those of RFC 4226 for the counter %i', (counter, code) => {
    expect(hotp(SECRET, counter)).toBe(code);
  });

  it.each([
    [59, '94287082'],
    [1_111_111_109, '07081804'],
    [1_234_567_890, '89005924'],
    [2_000_000_000, '69279037'],
    [20_000_000_000, '65353130'],
  ])('are those of RFC 6238 at %i s', (seconds, code) => {
    expect(hotp(SECRET, Math.floor(seconds / 30), 8)).toBe(code);
  });

  it('count a period early and late, and no more', () => {
    const at = (counter: number, offset: number) =>
      acceptTotp(SECRET, { code: hotp(SECRET, counter + offset), now: counter * 30_000 + 29_999, lastCounter: 0 });
    expect([-2, -1, 0, 1, 2].map((offset) => at(100, offset))).toEqual([null, 99, 100, 101, null]);
  });

  it('count once: neither the same code again nor an earlier one', () => {
    const now = 100 * 30_000;
    const accept = (code: string, lastCounter: number) => acceptTotp(SECRET, { code, now, lastCounter });
    expect(accept(hotp(SECRET, 100), 0)).toBe(100);
    expect(accept(hotp(SECRET, 100), 100)).toBeNull();
    expect(accept(hotp(SECRET, 99), 100)).toBeNull();
    expect(accept(hotp(SECRET, 101), 100)).toBe(101);
  });

  it('are told to apps with the name of the house and the user', () => {
    const uri = new URL(totpUri(SECRET, { issuer: 'Acme & Co', user: 'anna' }));
    expect(uri.searchParams.get('secret')).toBe('GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ');
    expect(uri.searchParams.get('issuer')).toBe('Acme & Co');
    expect(decodeURIComponent(uri.pathname)).toBe('/Acme & Co:anna');
  });
});
