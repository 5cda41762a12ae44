import { createCipheriv, createDecipheriv, randomBytes } from 'node:crypto';
import type { KeyRing } from './key-ring.ts';

const ALGORITHM = 'aes-256-gcm';
const IV_BYTES = 12;
const TAG_BYTES = 16;

/** A text under a data key of its own, which is wrapped by the key of an id: `<key id>:<wrapped key>:<iv, ciphertext, tag>`, in base64url. */
export interface Envelope {
  keyId: string;
  wrapped: string;
  body: string;
}

export function formatEnvelope({ keyId, wrapped, body }: Envelope): string {
  return `${keyId}:${wrapped}:${body}`;
}

/** What belongs to `context` opens for nothing else. */
export function sealEnvelope(ring: KeyRing, plain: string, context: string): Envelope {
  const dataKey = randomBytes(32);
  const wrapped = wrap(ring, dataKey);
  return { ...wrapped, body: encrypt(dataKey, Buffer.from(plain, 'utf8'), context).toString('base64url') };
}

/** Null when its key is missing, it was altered, or it belongs to another context. */
export function openEnvelope(ring: KeyRing, envelope: Envelope, context: string): string | null {
  const dataKey = unwrap(ring, envelope);
  if (dataKey === null || envelope.body === '') return null;
  return decrypt(dataKey, Buffer.from(envelope.body, 'base64url'), context)?.toString('utf8') ?? null;
}

/** The same under the current key: only its data key is wrapped anew. Null where it is so already, or cannot be opened. */
export function rewrapEnvelope(ring: KeyRing, envelope: Envelope): Envelope | null {
  const dataKey = envelope.keyId === ring.current ? null : unwrap(ring, envelope);
  return dataKey === null ? null : { ...wrap(ring, dataKey), body: envelope.body };
}

function wrap(ring: KeyRing, dataKey: Buffer): Pick<Envelope, 'keyId' | 'wrapped'> {
  const keyId = ring.current;
  return { keyId, wrapped: encrypt(ring.keys[keyId] as Uint8Array, dataKey, keyId).toString('base64url') };
}

function unwrap(ring: KeyRing, { keyId, wrapped }: Envelope): Buffer | null {
  const key = ring.keys[keyId];
  return key && wrapped ? decrypt(key, Buffer.from(wrapped, 'base64url'), keyId) : null;
}

function encrypt(key: Uint8Array, plain: Buffer, context: string): Buffer {
  const iv = randomBytes(IV_BYTES);
  const cipher = createCipheriv(ALGORITHM, key, iv, { authTagLength: TAG_BYTES });
  cipher.setAAD(Buffer.from(context));
  return Buffer.concat([iv, cipher.update(plain), cipher.final(), cipher.getAuthTag()]);
}

/** Null when the key is wrong or a bit was changed. */
function decrypt(key: Uint8Array, sealed: Buffer, context: string): Buffer | null {
  if (sealed.length < IV_BYTES + TAG_BYTES) return null;
  const decipher = createDecipheriv(ALGORITHM, key, sealed.subarray(0, IV_BYTES), { authTagLength: TAG_BYTES });
  decipher.setAAD(Buffer.from(context));
  decipher.setAuthTag(sealed.subarray(sealed.length - TAG_BYTES));
  try {
    return Buffer.concat([decipher.update(sealed.subarray(IV_BYTES, sealed.length - TAG_BYTES)), decipher.final()]);
  } catch {
    return null;
  }
}
