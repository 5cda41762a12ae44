import { describe, expect, it } from '@jest/globals';
import { API_VERSION, emptyStatus, type StoredObject } from '../reconciler/object.ts';
import { editDocument } from './edit.ts';
import { KINDS } from './fixtures/kinds.ts';
import { jsonText, manifestOf, yamlText } from './format.ts';
import { loadManifests } from './load.ts';

const web: StoredObject = {
  apiVersion: API_VERSION,
  kind: 'Machine',
  metadata: {
    uid: '0190b0a0-0000-7000-8000-000000000001',
    name: 'web',
    project: 'demo',
    account: 'acme',
    labels: { tier: 'front', app: 'web' },
    annotations: {},
    generation: 3,
    resourceVersion: '17',
    createdAt: '2026-01-01T00:00:00Z',
    createdBy: 'user:a',
    deletedAt: null,
    finalizer: true,
    deleteProtection: true,
    sharing: 'own',
    adopt: null,
    ownerUid: null,
    ownerKey: null,
    requests: { reboot: 'x' },
    overrides: {},
    managed: { cli: ['/cpus'] },
    allowedRisk: 'none',
    custom: {},
  },
  spec: { tags: { no: 'yes' }, disks: [{ name: 'root', sizeGiB: 10 }], memoryMiB: 128, cpus: 2, hostname: '010' },
  status: emptyStatus(),
};
const manifest = manifestOf(web, KINDS.kind('Machine'));

describe('export', () => {
  it('writes what a person would have written, in the order of the schema', () => {
    expect(yamlText([manifest])).toBe(`apiVersion: steward/v1
kind: Machine
metadata:
  name: web
  project: demo
  labels:
    app: web
    tier: front
  deleteProtection: true
spec:
  cpus: 2
  hostname: "010"
  memoryMiB: 128
  disks:
    - sizeGiB: 10
      name: root
  tags:
    no: yes
`);
  });

  it.each([
    ['YAML', 'a.yaml', yamlText([manifest, { ...manifest, metadata: { name: 'db' } }])],
    ['JSON', 'a.json', jsonText([manifest, { ...manifest, metadata: { name: 'db' } }])],
  ])('can be applied again from %s', (_, path, text) => {
    const { manifests, issues } = loadManifests([{ path, text }], { registry: KINDS, project: 'demo' });
    expect(issues).toEqual([]);
    expect(manifests[0]?.manifest).toEqual(manifest);
    expect(manifests[1]?.manifest).toEqual({ ...manifest, metadata: { name: 'db', project: 'demo' } });
  });

  it('writes long text as text, and shared values twice rather than as aliases', () => {
    const shared = { text: 'one\ntwo\n' };
    expect(yamlText([{ a: shared, b: shared }])).toBe(
      'a:\n  text: |\n    one\n    two\nb:\n  text: |\n    one\n    two\n',
    );
  });

  it('keeps fields that this version does not know, after those it knows', () => {
    const newer = manifestOf({ ...web, spec: { zeta: { b: 1 }, cpus: 2 } }, KINDS.kind('Machine'));
    expect(Object.keys(newer.spec)).toEqual(['cpus', 'zeta']);
  });
});

describe('editing a file', () => {
  const file = `# our machines
kind: Machine # the first
metadata: {name: a, project: demo}
spec:
  # small
  memoryMiB: 64
---
# the second
kind: Machine
metadata:
  name: b
spec:
  memoryMiB: 64   # enough
  cpus: 1
  tags: {old: "1"}
  disks:
    - sizeGiB: 1  # root
`;

  it('changes only what differs: comments, order and other documents stay', () => {
    const wanted = {
      kind: 'Machine',
      metadata: { name: 'b' },
      spec: { memoryMiB: 256, tags: { new: 'x' }, disks: [{ sizeGiB: 2 }], hostname: 'b' },
    };
    expect(editDocument(file, { kind: 'Machine', name: 'b', project: 'demo' }, wanted)).toBe(
      file
        .replace('memoryMiB: 64   # enough', 'memoryMiB: 256 # enough')
        .replace('  cpus: 1\n', '')
        .replace('{old: "1"}', '{ new: x }')
        .replace('sizeGiB: 1  # root', 'sizeGiB: 2 # root\n  hostname: b'),
    );
  });

  it('says when the file does not hold it', () => {
    expect(editDocument(file, { kind: 'Machine', name: 'c' }, {})).toBeNull();
    expect(editDocument(file, { kind: 'Machine', name: 'a', project: 'other' }, {})).toBeNull();
  });
});
