import { createHmac } from 'node:crypto';
import type { Result } from '../../hypervisor/port.ts';
import type { Sealer } from '../../reconciler/admission/seal.ts';
import type { PersonalSeal } from '../../reconciler/personal.ts';
import { type Envelope, formatEnvelope, openEnvelope, rewrapEnvelope, sealEnvelope } from './envelope.ts';
import type { KeyRing } from './key-ring.ts';
import { createPersonalSeal, rewrapPersonal } from './personal.ts';

/**
 * Envelope encryption of secrets at rest: each value has a data key of its own (AES-256-GCM), wrapped by the installation's key of the
 * given id. Format: `sealed:v1:<HMAC fingerprint, hex>:<key id>:<wrapped key>:<iv, ciphertext, tag>`, the last two base64url.
 */
export interface Vault extends Sealer {
  /** Id of the key that seals now. */
  current: string;
  open(sealed: string): Promise<Result<string>>;
  /** Null when its key is missing or it was altered. */
  unseal(sealed: string): string | null;
  /**
   * The same secret or personal value under the current key: only its data key is wrapped anew. Null where it is so already, or cannot be
   * opened.
   */
  rewrap(sealed: string): string | null;
  personal: PersonalSeal;
}

export function createVault(ring: KeyRing): Vault {
  if (ring.keys[ring.current]?.length !== 32) throw new Error(`The sealing key "${ring.current}" must have 32 bytes.`);
  const fingerprint = (plain: string) =>
    createHmac('sha256', ring.fingerprintKey).update(plain, 'utf8').digest('hex').slice(0, 32);
  const format = (print: string, envelope: Envelope) => `sealed:v1:${print}:${formatEnvelope(envelope)}`;
  return {
    current: ring.current,
    fingerprint,
    seal: (plain) => format(fingerprint(plain), sealEnvelope(ring, plain, CONTEXT)),
    sealed: (text) => unseal(ring, text) !== null,
    unseal: (text) => unseal(ring, text),
    rewrap: (text) => {
      const parts = partsOf(text);
      if (parts === null) return rewrapPersonal(ring, text);
      const fresh = rewrapEnvelope(ring, parts.envelope);
      return fresh && format(parts.print, fresh);
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
    personal: createPersonalSeal(ring),
  };
}

const CONTEXT = 'value';

function unseal(ring: KeyRing, sealed: string): string | null {
  const parts = partsOf(sealed);
  return parts && openEnvelope(ring, parts.envelope, CONTEXT);
}

function partsOf(sealed: string): { print: string; envelope: Envelope } | null {
  const [prefix, version, print = '', keyId = '', wrapped = '', body = ''] = sealed.split(':');
  return prefix === 'sealed' && version === 'v1' ? { print, envelope: { keyId, wrapped, body } } : null;
}
