import { createHmac, timingSafeEqual } from 'node:crypto';

const TOLERANCE_MS = 300_000;

/**
 * Signatures of the form `t=SECONDS,v1=HEX[,v1=HEX…]`: HMAC-SHA256 over `SECONDS.BODY`. Several v1 stand there while a secret is being
 * replaced. Compared in constant time, and too old or too new is refused, so that a recorded call is worth little.
 */
export function judgeTimed(
  header: string | undefined,
  { secret, body, now }: { secret: string; body: Uint8Array; now: number },
): 'good' | 'signature' | 'stale' {
  const parts = (header ?? '').split(',', 16).map((part) => part.trim().split('=', 2));
  const time = parts.find(([name]) => name === 't')?.[1] ?? '';
  if (!/^\d{1,12}$/.test(time)) return 'signature';
  const expected = createHmac('sha256', secret).update(`${time}.`).update(body).digest();
  const isGood = parts.some(([name, value]) => name === 'v1' && isEqual(expected, value ?? ''));
  if (!isGood) return 'signature';
  return Math.abs(now - Number(time) * 1_000) <= TOLERANCE_MS ? 'good' : 'stale';
}

export function signTimed(body: string, { secret, now }: { secret: string; now: number }): string {
  const time = Math.floor(now / 1_000);
  return `t=${time},v1=${createHmac('sha256', secret).update(`${time}.${body}`).digest('hex')}`;
}

export function isEqual(expected: Buffer, hex: string): boolean {
  const given = Buffer.from(hex, 'hex');
  return hex.length === expected.length * 2 && given.length === expected.length && timingSafeEqual(expected, given);
}
