import { chmod, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { parseKeyRing } from './key-ring.ts';
import { loadKeyRing, rotateKeyFile } from './key-source.ts';
import { createVault } from './seal.ts';

const key = (fill: number) => new Uint8Array(32).fill(fill);

describe('sealing', () => {
  const vault = createVault({ current: 'k1', keys: { k1: key(1) }, fingerprintKey: key(9) });

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
    const rotated = createVault({ current: 'k2', keys: { k1: key(1), k2: key(2) }, fingerprintKey: key(9) });
    expect(await rotated.open(sealed)).toEqual({ ok: true, value: 'swordfish' });
    expect((await createVault({ current: 'k2', keys: { k2: key(2) }, fingerprintKey: key(9) }).open(sealed)).ok).toBe(
      false,
    );
  });

  it('wraps a value anew after a rotation: the old key is not needed any more, and nothing seems to have changed', async () => {
    const sealed = vault.seal('swordfish');
    const both = createVault({ current: 'k2', keys: { k1: key(1), k2: key(2) }, fingerprintKey: key(9) });
    const wrapped = both.rewrap(sealed) ?? '';
    expect(wrapped.split(':')[2]).toBe(sealed.split(':')[2]);
    const onlyNew = createVault({ current: 'k2', keys: { k2: key(2) }, fingerprintKey: key(9) });
    expect(await onlyNew.open(wrapped)).toEqual({ ok: true, value: 'swordfish' });
    expect(onlyNew.rewrap(sealed)).toBeNull();
  });
});

describe('the keys', () => {
  let folder = '';
  let file = '';
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'steward-keys-'));
    file = join(folder, 'keys.json');
  });
  afterAll(() => rm(folder, { recursive: true }));

  it('are made once in their file, and read again', async () => {
    const first = await loadKeyRing({ file });
    expect(await loadKeyRing({ file })).toEqual(first);
  });

  it('are rotated in their file: the new one seals, the old one still opens, fingerprints stay', async () => {
    const before = await loadKeyRing({ file });
    const after = await rotateKeyFile(file);
    expect(after.current).toBe('k2');
    expect(await loadKeyRing({ file })).toEqual(after);
    const sealed = createVault(before).seal('swordfish');
    expect(await createVault(after).open(sealed)).toEqual({ ok: true, value: 'swordfish' });
    expect(createVault(after).fingerprint('swordfish')).toBe(createVault(before).fingerprint('swordfish'));
  });

  it('of a file from before fingerprints had a key still know what they sealed', async () => {
    const old = join(folder, 'old.json');
    const text = JSON.stringify({ current: 'k1', keys: { k1: Buffer.from(key(1)).toString('base64') } });
    await writeFile(old, text, { mode: 0o600 });
    const before = await loadKeyRing({ file: old });
    expect((await rotateKeyFile(old)).fingerprintKey).toEqual(before.fingerprintKey);
  });

  it('are refused in a file that others may read', async () => {
    await chmod(file, 0o644);
    await expect(loadKeyRing({ file })).rejects.toThrow(/chmod 600/);
    await chmod(file, 0o600);
  });

  it('come from the environment or from a command, when these are given', async () => {
    const text = await readFile(file, 'utf8');
    const fromFile = await loadKeyRing({ file });
    expect(await loadKeyRing({ text, file: join(folder, 'none') })).toEqual(fromFile);
    expect(await loadKeyRing({ command: ['cat', file], file: join(folder, 'none') })).toEqual(fromFile);
    await expect(loadKeyRing({ command: ['false'], file })).rejects.toThrow(
      'The command for the keys, false, failed (1).',
    );
  });

  it('that are wrong are refused with the place, and never shown', () => {
    const wrong = { current: 'k2', keys: { k1: 'c2hvcnQ=' } };
    expect(() => parseKeyRing(JSON.stringify(wrong), 'The ring')).toThrow(
      'The ring holds no key ring: keys.k1 must be 32 bytes in base64; current names no key of the ring.',
    );
    const unnamed = { current: 'k2', keys: { k1: Buffer.from(key(1)).toString('base64') } };
    expect(() => parseKeyRing(JSON.stringify(unnamed), 'The ring')).toThrow('current names no key of the ring');
    expect(() => parseKeyRing('k1', 'The ring')).toThrow('The ring holds no JSON');
  });
});
