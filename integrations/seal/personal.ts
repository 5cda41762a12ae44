import { createHmac } from 'node:crypto';
import type { PersonalSeal } from '../../reconciler/personal.ts';
import { type Envelope, formatEnvelope, openEnvelope, rewrapEnvelope, sealEnvelope } from './envelope.ts';
import type { KeyRing } from './key-ring.ts';

/** Personal values at rest: `personal:v1:<key id>:<wrapped key>:<iv, ciphertext, tag>`, each bound to the place where it is kept. */
export function createPersonalSeal(ring: KeyRing): PersonalSeal {
  const keys = indexKeys(ring);
  return {
    seal: (plain, place) => `${PREFIX}${formatEnvelope(sealEnvelope(ring, plain, contextOf(place)))}`,
    open: (sealed, place) => {
      const envelope = envelopeOf(sealed);
      return envelope && openEnvelope(ring, envelope, contextOf(place));
    },
    index: (plain) => indexUnder(keys[0] as string | Uint8Array, plain),
    indexes: (plain) => keys.map((key) => indexUnder(key, plain)),
  };
}

/** Null for what is no personal value, is under the current key already, or cannot be opened. */
export function rewrapPersonal(ring: KeyRing, sealed: string): string | null {
  const envelope = envelopeOf(sealed);
  const fresh = envelope && rewrapEnvelope(ring, envelope);
  return fresh && `${PREFIX}${formatEnvelope(fresh)}`;
}

const PREFIX = 'personal:v1:';

function envelopeOf(sealed: string): Envelope | null {
  if (!sealed.startsWith(PREFIX)) return null;
  const [keyId = '', wrapped = '', body = ''] = sealed.slice(PREFIX.length).split(':');
  return { keyId, wrapped, body };
}

/**
 * The keys of the blind index, each made of a sealing key, so that they come, rotate and go with those; the current one first. The last is
 * of the time before that: it is made of the fingerprints' key, which stays.
 */
function indexKeys(ring: KeyRing): (string | Uint8Array)[] {
  const ids = Object.keys(ring.keys).filter((id) => id !== ring.current);
  const made = [ring.current, ...ids].map((id) => hmac(ring.keys[id] as Uint8Array, 'blind-index').digest());
  return [...made, hmac(ring.fingerprintKey, 'identity:blind-index').digest('hex').slice(0, 32)];
}

function indexUnder(key: string | Uint8Array, plain: string): string {
  return hmac(key, plain).digest('hex');
}

function hmac(key: string | Uint8Array, text: string) {
  return createHmac('sha256', key).update(text, 'utf8');
}

/** Other sealed values have contexts of other beginnings. */
function contextOf(place: string): string {
  return `personal:${place}`;
}
