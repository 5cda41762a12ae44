import { createCipheriv, createDecipheriv, createHmac, randomBytes } from 'node:crypto';
import type { Result } from '../../hypervisor/port.ts';
import type { Sealer } from '../../reconciler/admission/seal.ts';
import type { KeyRing } from './key-ring.ts';

const ALGORITHM = 'aes-256-gcm';
const IV_BYTES = 12;
const TAG_BYTES = 16;

/**
 * Envelope encryption of secrets at rest: each value has a data key of its own (AES-256-GCM), wrapped by the installation's key of the
 * given id. Format: `sealed:v1:<HMAC fingerprint, hex>:<key id>:<wrapped key>:<iv, ciphertext, tag>`, the last two base64url.
 */
export interface Vault extends Sealer {
  open(sealed: string): Promise<Result<string>>;
  /** Null when its key is missing or it was altered. */
  unseal(sealed: string): string | null;
  /** The same value under the current key: only its data key is wrapped anew. Null where it is so already, or cannot be opened. */
  rewrap(sealed: string): string | null;
}

export function createVault(ring: KeyRing): Vault {
  const key = ring.keys[ring.current];
  if (key?.length !== 32) throw new Error(`The sealing key "${ring.current}" must have 32 bytes.`);
  const fingerprint = (plain: string) =>
    createHmac('sha256', ring.fingerprintKey).update(plain, 'utf8').digest('hex').slice(0, 32);
  return {
    fingerprint,
    seal: (plain) => {
      const dataKey = randomBytes(32);
      const wrapped = encrypt(key, dataKey, ring.current);
      const body = encrypt(dataKey, Buffer.from(plain, 'utf8'), 'value');
      return [
        'sealed',
        'v1',
        fingerprint(plain),
        ring.current,
        wrapped.toString('base64url'),
        body.toString('base64url'),
      ].join(':');
    },
    sealed: (text) => unseal(ring, text) !== null,
    unseal: (text) => unseal(ring, text),
    rewrap: (text) => {
      const [, , print = '', keyId, , body = ''] = text.split(':');
      const dataKey = keyId === ring.current ? null : dataKeyOf(ring, text);
      if (dataKey === null) return null;
      const wrapped = encrypt(key, dataKey, ring.current);
      return ['sealed', 'v1', print, ring.current, wrapped.toString('base64url'), body].join(':');
    },
    open: async (sealed) => {
      const plain = unseal(ring, sealed);
      return plain === null
        ? {
            ok: false,
            error: {
              code: 'Failed',
              message: 'A sealed value could not be opened: its key is missing or it was altered.',
            },
          }
        : { ok: true, value: plain };
    },
  };
}

function unseal(ring: KeyRing, sealed: string): string | null {
  const body = sealed.split(':')[5];
  const dataKey = dataKeyOf(ring, sealed);
  if (dataKey === null || !body) return null;
  return decrypt(dataKey, Buffer.from(body, 'base64url'), 'value')?.toString('utf8') ?? null;
}

function dataKeyOf(ring: KeyRing, sealed: string): Buffer | null {
  const [, version, , keyId = '', wrapped] = sealed.split(':');
  const key = ring.keys[keyId];
  if (version !== 'v1' || !key || !wrapped) return null;
  return decrypt(key, Buffer.from(wrapped, 'base64url'), keyId);
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
