import { createHmac } from 'node:crypto';
import { describe, expect, it } from '@jest/globals';
import { z } from 'zod';
import { secret } from '../field-meta.ts';
import type { JsonObject } from '../json.ts';
import { type AnyKind, defineKind } from '../kind.ts';
import { createMemoryStore } from '../memory/store.ts';
import { createRegistry } from '../registry.ts';
import { applyManifests } from './apply.ts';
import { redactSecrets, withoutSealed } from './seal.ts';

const ANNA = { actor: 'user:anna', onBehalfOf: null, from: 'test', requestId: 'r1' };
const Safe = defineKind({
  kind: 'Safe',
  plural: 'safes',
  group: 'identity',
  scope: 'global',
  shortNames: [],
  description: 'For tests.',
  conditions: [],
  columns: [],
  example: {},
  status: z.object({}),
  spec: z.object({ data: z.record(z.string(), secret()), label: z.string().default('') }),
}) as AnyKind;

const fingerprint = (plain: string) => createHmac('sha256', 'key').update(plain).digest('hex').slice(0, 16);
let sealed = 0;
const sealer = {
  fingerprint,
  sealed: (text: string) => text.includes(':nonce'),
  seal: (plain: string) => `sealed:v1:${fingerprint(plain)}:nonce${++sealed}:${Buffer.from(plain).toString('base64')}`,
};

function createHouse() {
  const registry = createRegistry([Safe]);
  const clock = { now: () => Date.UTC(2026, 0, 1), sleep: async () => {} };
  const store = createMemoryStore({ clock, registry });
  let made = 0;
  const ids = { uid: () => `01940000-0000-7000-8000-${String(++made).padStart(12, '0')}` };
  const admission = { registry, store, sealer, environment: { clock, ids, random: { next: () => 0.5 } } };
  const apply = (spec: JsonObject, source = 'cli') =>
    applyManifests(admission, {
      manifests: [{ kind: 'Safe', metadata: { name: 'pw' }, spec }],
      principal: ANNA,
      source,
    });
  const stored = async () => (await store.getByKey([{ kind: 'Safe', project: null, name: 'pw' }]))[0];
  return { apply, stored };
}

describe('secrets at the border of the store', () => {
  it('are stored sealed, and whatever is answered only stands for them', async () => {
    const { apply, stored } = createHouse();
    const first = await apply({ data: { token: 'hunter2' } });
    expect((await stored())?.spec).toMatchObject({ data: { token: expect.stringMatching(/^sealed:v1:/) } });
    const second = await apply({ data: { token: 'hunter3' } });
    const conflict = await apply({ data: { token: 'hunter4' } }, 'git');
    expect(conflict).toMatchObject({
      ok: false,
      issues: [{ code: 'Conflict', message: expect.stringContaining('(sealed ') }],
    });
    const changes = [first, second].map((outcome) => (outcome.ok ? outcome.results[0]?.changes : []));
    for (const answer of [...changes, conflict]) expect(JSON.stringify(answer)).not.toMatch(/hunter|sealed:v1/);
    expect(changes[1]).toEqual([
      { path: '/data/token', from: expect.stringMatching(/^\(sealed /), to: expect.stringMatching(/^\(sealed /) },
    ]);
  });

  it('that did not change keep their sealed form, so that nothing seems to change', async () => {
    const { apply, stored } = createHouse();
    await apply({ data: { token: 'hunter2' } });
    const before = await stored();
    expect(await apply({ data: { token: 'hunter2' } })).toMatchObject({ ok: true, results: [{ change: 'unchanged' }] });
    expect(await stored()).toEqual(before);
  });

  it('that only look sealed are somebody’s plain text, and are sealed', async () => {
    const { apply, stored } = createHouse();
    await apply({ data: { token: 'sealed:v1:abcd:forged' } });
    expect((await stored())?.spec).toMatchObject({ data: { token: expect.stringContaining(':nonce') } });
  });

  it('stay as they are when a manifest shows what stands for them', async () => {
    const { apply, stored } = createHouse();
    await apply({ data: { token: 'hunter2' } });
    const before = (await stored())?.spec as JsonObject;
    const shown = { data: redactSecrets(Safe, before).data ?? null };
    expect(await apply(shown)).toMatchObject({ ok: true, results: [{ change: 'unchanged' }] });
    expect(await apply({ ...shown, label: 'x' })).toMatchObject({ ok: true, results: [{ change: 'configured' }] });
    expect((await stored())?.spec).toMatchObject({ data: before.data });
  });

  it('are not taken from a manifest that stands for a value which is not there', async () => {
    const { apply } = createHouse();
    const elsewhere = { data: { token: '(sealed 0123abcd)' } };
    const refused = {
      ok: false,
      issues: [{ path: '/spec/data/token', message: expect.stringContaining('write the secret itself') }],
    };
    expect(await apply(elsewhere)).toMatchObject(refused);
    await apply({ data: { token: 'hunter2' } });
    expect(await apply(elsewhere)).toMatchObject(refused);
  });

  it('are found at any depth', () => {
    expect(withoutSealed({ a: ['sealed:v1:0123456789abcdef:x:y', 1, null], b: 'plain' })).toEqual({
      a: ['(sealed 01234567)', 1, null],
      b: 'plain',
    });
  });
});
