import { createHmac } from 'node:crypto';
import { base32 } from './base32.ts';
import { sameText } from './one-way.ts';

const PERIOD_MS = 30_000;
const DIGITS = 6;
/** A code of the period before and of the one after counts too: clocks differ. */
const DRIFT = 1;
export const TOTP_SECRET_BYTES = 20;

/** RFC 4226: the code of one counter. */
export function hotp(secret: Uint8Array, counter: number, digits = DIGITS): string {
  const message = Buffer.alloc(8);
  message.writeBigUInt64BE(BigInt(counter));
  const mac = createHmac('sha1', secret).update(message).digest();
  const offset = (mac.at(-1) as number) & 15;
  return String((mac.readUInt32BE(offset) & 0x7fff_ffff) % 10 ** digits).padStart(digits, '0');
}

/**
 * RFC 6238: the counter that a code stands for, or null. A counter that was used, or an earlier one, is never accepted again, so that a
 * code which somebody watched being typed is worth nothing.
 */
export function acceptTotp(
  secret: Uint8Array,
  { code, now, lastCounter }: { code: string; now: number; lastCounter: number },
): number | null {
  const current = Math.floor(now / PERIOD_MS);
  let accepted: number | null = null;
  for (let counter = current - DRIFT; counter <= current + DRIFT; counter++)
    if (sameText(hotp(secret, counter), code.replaceAll(/\s/g, '')) && counter > lastCounter) accepted ??= counter;
  return accepted;
}

/** What the QR code for an authenticator app says. */
export function totpUri(secret: Uint8Array, { issuer, user }: { issuer: string; user: string }): string {
  const label = encodeURIComponent(`${issuer}:${user}`);
  return `otpauth://totp/${label}?secret=${base32(secret)}&issuer=${encodeURIComponent(issuer)}&algorithm=SHA1&digits=${DIGITS}&period=${PERIOD_MS / 1000}`;
}
