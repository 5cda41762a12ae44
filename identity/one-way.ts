import { createHash, timingSafeEqual } from 'node:crypto';

/** What is kept of a token: whoever reads the database cannot use it. Tokens have 256 random bits, so that one round is enough. */
export function digestOf(...parts: readonly string[]): string {
  return createHash('sha256').update(JSON.stringify(parts), 'utf8').digest('hex');
}

/** Compares in a time that depends on neither text. */
export function sameText(one: string, other: string): boolean {
  const digest = (text: string) => createHash('sha256').update(text, 'utf8').digest();
  return timingSafeEqual(digest(one), digest(other));
}

/** `prefix_` and 256 random bits: the prefix lets scanners of leaked secrets find it. */
export function newToken(prefix: string, random: (bytes: number) => Uint8Array): string {
  return `${prefix}_${Buffer.from(random(32)).toString('base64url')}`;
}
