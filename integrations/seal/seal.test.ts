import { chmod, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { loadKeyRing } from './key-file.ts';
import { createVault } from './seal.ts';

const key = (fill: number) => new Uint8Array(32).fill(fill);

describe('sealing', () => {
  const vault = createVault({ current: 'k1', keys: { k1: key(1) } });

  it('opens what it sealed, whatever the value', async () => {
    await fc.assert(
      fc.asyncProperty(fc.string({ minLength: 1, unit: 'binary' }), async (plain) => {
        expect(await vault.open(vault.seal(plain))).toEqual({ ok: true, value: plain });
      }),
    );
  });

  it('never seals the same value to the same text, but fingerprints it alike', () => {
    const [a, b] = [vault.seal('swordfish'), vault.seal('swordfish')];
    expect(a).not.toBe(b);
    expect(a.split(':')[2]).toBe(b.split(':')[2]);
    expect(a).not.toContain('swordfish');
  });

  it('refuses a value that was altered by one character', async () => {
    const sealed = vault.seal('swordfish');
    const last = sealed.at(-3) === 'A' ? 'B' : 'A';
    const altered = `${sealed.slice(0, -3)}${last}${sealed.slice(-2)}`;
    expect((await vault.open(altered)).ok).toBe(false);
  });

  it('opens old values after the key was rotated, and not without the old key', async () => {
    const sealed = vault.seal('swordfish');
    const rotated = createVault({ current: 'k2', keys: { k1: key(1), k2: key(2) } });
    expect(await rotated.open(sealed)).toEqual({ ok: true, value: 'swordfish' });
    expect((await createVault({ current: 'k2', keys: { k2: key(2) } }).open(sealed)).ok).toBe(false);
  });
});

describe('the key file', () => {
  let folder = '';
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'steward-keys-'));
  });
  afterAll(() => rm(folder, { recursive: true }));

  it('is made once and read again', async () => {
    const first = await loadKeyRing(join(folder, 'keys.json'));
    expect(await loadKeyRing(join(folder, 'keys.json'))).toEqual(first);
  });

  it('is refused when others may read it', async () => {
    await chmod(join(folder, 'keys.json'), 0o644);
    await expect(loadKeyRing(join(folder, 'keys.json'))).rejects.toThrow(/chmod 600/);
  });
});
