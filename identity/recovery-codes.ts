import { base32 } from './base32.ts';
import { digestOf } from './one-way.ts';

const CODES = 10;
/** 80 bits each: guessing is hopeless, so that a plain digest keeps them. */
const CODE_BYTES = 10;

/** Ten codes for the day on which the telephone is lost; what is kept of them is digests. */
export function newRecoveryCodes(random: (bytes: number) => Uint8Array): { codes: string[]; digests: string[] } {
  const codes = Array.from({ length: CODES }, () =>
    base32(random(CODE_BYTES))
      .toLowerCase()
      .replace(/.{4}(?!$)/g, '$&-'),
  );
  return { codes, digests: codes.map(recoveryDigest) };
}

/** The digests that are left once this code is used, or null when it is none. */
export function withoutRecoveryCode(digests: readonly string[], code: string): string[] | null {
  const used = recoveryDigest(code);
  const left = digests.filter((digest) => digest !== used);
  return left.length < digests.length ? left : null;
}

/** However it was typed: dashes, spaces and capitals do not count. */
function recoveryDigest(code: string): string {
  return digestOf('recovery', code.toLowerCase().replaceAll(/[^a-z2-7]/g, ''));
}
