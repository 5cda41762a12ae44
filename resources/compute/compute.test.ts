import { describe, expect, it } from '@jest/globals';
import type { ManifestInput } from '../../reconciler/admission/manifest.ts';
import type { JsonObject } from '../../reconciler/json.ts';
import { createCloud, PROJECT } from '../../test/fixtures/cloud.ts';

const KEY = 'ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIM6hFcxLIDDxphluw23eW7WONTu69nDGtoQs7tz0LFR0 admin';

async function applied(kind: string, spec: JsonObject) {
  const cloud = createCloud();
  await cloud.apply(PROJECT);
  const manifest: ManifestInput = { kind, metadata: { name: 'it' }, spec };
  const outcome = await cloud.apply([manifest]);
  await cloud.settle();
  return { cloud, outcome, again: (next: JsonObject) => cloud.apply([{ ...manifest, spec: next }]) };
}

describe('an offering', () => {
  it('is refused when its sizes contradict each other', async () => {
    const { outcome } = await applied('ComputeOffering', {
      cpus: 1,
      maxCpus: 4,
      minMemoryMiB: 2048,
      maxMemoryMiB: 1024,
    });
    expect(outcome).toMatchObject({ ok: false, issues: [{ path: '/spec/cpus' }, { path: '/spec/minMemoryMiB' }] });
  });

  it('never changes what it offers, only how it is called', async () => {
    const { again, outcome } = await applied('ComputeOffering', { cpus: 1, memoryMiB: 512 });
    expect(outcome.ok).toBe(true);
    expect(await again({ cpus: 2, memoryMiB: 512 })).toMatchObject({ ok: false, issues: [{ path: '/spec/cpus' }] });
    expect(await again({ cpus: 1, memoryMiB: 512, displayName: 'Tiny' })).toMatchObject({ ok: true });
  });
});

describe('an SSH key', () => {
  it('shows its fingerprint', async () => {
    const { cloud } = await applied('SshKey', { publicKey: KEY });
    expect(await cloud.ready('SshKey', 'it')).toBe('True Ready');
    expect((await cloud.get('SshKey', 'it'))?.status).toMatchObject({
      type: 'ssh-ed25519',
      fingerprint: 'SHA256:Tyegk/KaYbI9UJJ+w8SDMNKgeDkdbkwQBO4EXZSLLQU',
      comment: 'admin',
    });
  });

  it('is refused at the door when it is none', async () => {
    const { outcome } = await applied('SshKey', { publicKey: 'hunter2' });
    expect(outcome).toMatchObject({ ok: false, issues: [{ path: '/spec/publicKey' }] });
  });
});

describe('a secret', () => {
  it('is ready, and what it says is stored sealed', async () => {
    const { cloud, outcome } = await applied('Secret', { data: { token: 'kiwi-42' } });
    expect(outcome.ok).toBe(true);
    expect(await cloud.ready('Secret', 'it')).toBe('True Ready');
    expect(JSON.stringify(await cloud.get('Secret', 'it'))).not.toContain('kiwi-42');
  });

  it('without a value, or with a key that is a path, is refused', async () => {
    expect((await applied('Secret', { data: {} })).outcome).toMatchObject({
      ok: false,
      issues: [{ path: '/spec/data' }],
    });
    const message = '"../etc" cannot be a key here; expected a key: letters, digits, ".", "_" or "-"';
    expect((await applied('Secret', { data: { '../etc': 'x' } })).outcome).toMatchObject({
      ok: false,
      issues: [{ path: '/spec/data/..~1etc', message }],
    });
  });
});
