import { describe, expect, it } from '@jest/globals';
import { keyText } from '../reconciler/object.ts';
import { KINDS } from './fixtures/kinds.ts';
import { loadManifests } from './load.ts';
import { inOrder } from './order.ts';

function ordered(text: string) {
  const { manifests } = loadManifests([{ path: 'a.yaml', text }], { registry: KINDS, project: 'demo' });
  const { ordered: items, cycles } = inOrder(manifests, KINDS);
  return { names: items.map((i) => i.manifest.metadata.name), cycles: cycles.map((c) => c.map(keyText)) };
}
const network = (name: string, peer?: string) =>
  `---\nkind: Network\nmetadata: {name: ${name}}\nspec: {cidr: 10.0.0.0/8${peer ? `, peer: ${peer}` : ''}}\n`;
const machine = (name: string, on: string) =>
  `---\nkind: Machine\nmetadata: {name: ${name}}\nspec: {memoryMiB: 64, nics: [{network: ${on}}]}\n`;
const project = (name: string) => `---\nkind: Project\nmetadata: {name: ${name}}\n`;

describe('order of manifests', () => {
  it('puts networks before machines and projects before all that is in them', () => {
    expect(ordered(machine('web', 'lan') + network('lan') + project('demo')).names).toEqual(['demo', 'lan', 'web']);
  });

  it('keeps the order of writing where nothing forces another', () => {
    expect(ordered(network('c') + network('a') + network('b')).names).toEqual(['c', 'a', 'b']);
  });

  it('follows references into other projects, and leaves unknown ones to the server', () => {
    const shared = '---\nkind: Network\nmetadata: {name: lan, project: infra}\nspec: {cidr: 10.0.0.0/8}\n';
    expect(ordered(machine('web', 'infra/lan') + machine('db', 'nowhere') + shared).names).toEqual([
      'lan',
      'web',
      'db',
    ]);
  });

  it('names every cycle by the way around, and still lists everything once', () => {
    const { names, cycles } = ordered(network('a', 'b') + network('b', 'c') + network('c', 'a') + network('d', 'd'));
    expect([...names].sort()).toEqual(['a', 'b', 'c', 'd']);
    expect(cycles).toEqual([
      ['Network/demo/a', 'Network/demo/b', 'Network/demo/c', 'Network/demo/a'],
      ['Network/demo/d', 'Network/demo/d'],
    ]);
  });

  it('walks a chain of twenty thousand', () => {
    const chain = Array.from({ length: 20_000 }, (_, i) => ({
      manifest: {
        apiVersion: 'steward/v1',
        kind: 'Network',
        metadata: { name: `n${i}`, project: 'demo' },
        spec: { peer: `n${i + 1}` },
      },
    }));
    expect(inOrder(chain, KINDS).ordered[0]?.manifest.metadata.name).toBe('n19999');
  });
});
