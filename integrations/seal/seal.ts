import { createCipheriv, createDecipheriv, createHmac, randomBytes } from 'node:crypto';
import type { Result } from '../../hypervisor/port.ts';
import type { Sealer } from '../../reconciler/admission/seal.ts';

/**
 * Envelope encryption of secrets at rest: each value has a data key of its own (AES-256-GCM), wrapped by the installation's key of the
 * given id. Format: `sealed:v1:<HMAC fingerprint, hex>:<key id>:<wrapped key>:<iv, ciphertext, tag>`, the last two base64url.
 */
export interface KeyRing {
  /** Id of the key that seals now; the others only open. */
  current: string;
  /** Key id → 32 bytes. */
  keys: Readonly<Record<string, Uint8Array>>;
}

const ALGORITHM = 'aes-256-gcm';
const IV_BYTES = 12;
const TAG_BYTES = 16;

export interface Vault extends Sealer {
  open(sealed: string): Promise<Result<string>>;
}

export function createVault(ring: KeyRing): Vault {
  const key = ring.keys[ring.current];
  if (key?.length !== 32) throw new Error(`The sealing key "${ring.current}" must have 32 bytes.`);
  const fingerprintKey = createHmac('sha256', key).update('fingerprint').digest();
  const fingerprint = (plain: string) =>
    createHmac('sha256', fingerprintKey).update(plain, 'utf8').digest('hex').slice(0, 32);
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
  const [, version, , keyId, wrapped, body] = sealed.split(':');
  const key = ring.keys[keyId ?? ''];
  if (version !== 'v1' || !key || !wrapped || !body) return null;
  const dataKey = decrypt(key, Buffer.from(wrapped, 'base64url'), keyId as string);
  return dataKey === null
    ? null
    : (decrypt(dataKey, Buffer.from(body, 'base64url'), 'value')?.toString('utf8') ?? null);
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
