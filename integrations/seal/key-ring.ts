import { createHmac } from 'node:crypto';
import { z } from 'zod';

/** The installation's keys. */
export interface KeyRing {
  /** Id of the key that seals now; the others only open. */
  current: string;
  /** Key id → 32 bytes. */
  keys: Readonly<Record<string, Uint8Array>>;
  /** Stands for values that are compared without being opened. It outlives every other key: a new one would make all look changed. */
  fingerprintKey: Uint8Array;
}

const key = z
  .base64()
  .transform((text) => new Uint8Array(Buffer.from(text, 'base64')))
  .refine(({ length }) => length === 32, 'must be 32 bytes in base64');

/** A key ring as it is kept: `{current, keys: {id: base64}, fingerprint?: base64}`. */
const KEY_RING = z
  .strictObject({
    current: z.string().min(1),
    keys: z.record(z.string().regex(/^[a-z0-9-]{1,40}$/, 'an id has small letters, digits and dashes'), key),
    fingerprint: key.optional(),
  })
  .refine(({ current, keys }) => keys[current] !== undefined, { path: ['current'], error: 'names no key of the ring' });

/** Reads a ring. `origin` says in errors where the text came from; the text itself is never told. */
export function parseKeyRing(text: string, origin: string): KeyRing {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    throw new Error(`${origin} holds no JSON; it must be {"current": "k1", "keys": {"k1": "<32 bytes in base64>"}}.`);
  }
  const parsed = KEY_RING.safeParse(value);
  if (!parsed.success) {
    const faults = parsed.error.issues.map(({ path, message }) => `${path.join('.') || 'the ring'} ${message}`);
    throw new Error(`${origin} holds no key ring: ${faults.join('; ')}.`);
  }
  const { current, keys, fingerprint } = parsed.data;
  return { current, keys, fingerprintKey: fingerprint ?? derived(keys[current] as Uint8Array) };
}

export function formatKeyRing({ current, keys, fingerprintKey }: KeyRing): string {
  const encoded = Object.entries(keys).map(([id, bytes]) => [id, Buffer.from(bytes).toString('base64')]);
  const fingerprint = Buffer.from(fingerprintKey).toString('base64');
  return `${JSON.stringify({ current, keys: Object.fromEntries(encoded), fingerprint }, null, 2)}\n`;
}

/** A ring whose new key seals from now on; the old ones open what they sealed. */
export function rotated(ring: KeyRing, bytes: Uint8Array): KeyRing {
  const numbers = Object.keys(ring.keys).map((id) => Number(/^k([0-9]{1,9})$/.exec(id)?.[1] ?? 0));
  const current = `k${Math.max(...numbers) + 1}`;
  return { ...ring, current, keys: { ...ring.keys, [current]: bytes } };
}

/** A ring of one key, made before fingerprints had their own. */
function derived(bytes: Uint8Array): Uint8Array {
  return new Uint8Array(createHmac('sha256', bytes).update('fingerprint').digest());
}
