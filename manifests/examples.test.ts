import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from '@jest/globals';
import { keyText } from '../reconciler/object.ts';
import { REGISTRY } from '../resources/registry.ts';
import { exampleFiles } from './examples.ts';
import { issueText } from './issue.ts';
import { loadManifests } from './load.ts';
import { keyOfManifest } from './manifest-key.ts';
import { inOrder, needed } from './order.ts';
import { readTree } from './tree.ts';

const FOLDER = join(import.meta.dirname, 'examples');
const load = async (name: string) => {
  const tree = await readTree(join(FOLDER, name));
  const loaded = loadManifests(tree.files, { registry: REGISTRY, project: null });
  return { ...loaded, issues: [...tree.issues, ...loaded.issues].map(issueText) };
};

describe('the examples', () => {
  it.each(readdirSync(FOLDER))('in %s are valid', async (name) => {
    const { manifests, issues } = await load(name);
    expect(issues).toEqual([]);
    expect(manifests.length).toBeGreaterThan(0);
  });

  it.each(['quick-start', 'multi-host', 'traffic'])(
    'in %s hold all that they refer to, without cycles',
    async (name) => {
      const { manifests } = await load(name);
      const there = new Set(manifests.map(({ manifest }) => keyText(keyOfManifest(manifest))));
      const missing = manifests.flatMap(({ manifest }) =>
        needed(manifest, REGISTRY)
          .map(keyText)
          .filter((key) => !there.has(key)),
      );
      expect(missing).toEqual([]);
      expect(inOrder(manifests, REGISTRY).cycles).toEqual([]);
    },
  );

  it('in quick-start download nothing and stay small', async () => {
    const { manifests } = await load('quick-start');
    const kinds = manifests.map(({ manifest }) => manifest.kind);
    expect(kinds).not.toContain('Image');
    expect(kinds.filter((kind) => kind === 'VirtualMachine')).toHaveLength(2);
  });

  it('cover every kind, as its definition has it (npm run generate)', () => {
    const folder = join(FOLDER, 'kinds');
    const committed = Object.fromEntries(
      readdirSync(folder).map((name) => [name, readFileSync(join(folder, name), 'utf8')]),
    );
    expect(committed).toEqual(Object.fromEntries(exampleFiles(REGISTRY).map(({ name, text }) => [name, text])));
  });

  it('name the schema that editors check them with', async () => {
    const tree = await readTree(FOLDER);
    for (const { path, text } of tree.files) {
      const schema = /^# yaml-language-server: \$schema=\.\.\/\.\.\/schema\/(\S+)\n/.exec(text)?.[1];
      expect([path, readdirSync(join(import.meta.dirname, 'schema')).includes(schema ?? '')]).toEqual([path, true]);
    }
  });
});
