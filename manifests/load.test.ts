import { describe, expect, it } from '@jest/globals';
import { memoryCache } from './cache.ts';
import { KINDS } from './fixtures/kinds.ts';
import { issueText } from './issue.ts';
import { loadManifests } from './load.ts';
import { LIMITS } from './yaml-options.ts';

const load = (...texts: string[]) =>
  loadManifests(
    texts.map((text, i) => ({ path: `${'abc'[i]}.yaml`, text })),
    { registry: KINDS, project: 'demo' },
  );
const errors = (...texts: string[]) => load(...texts).issues.map(issueText);
const machine = (spec: string) => `kind: Machine\nmetadata: {name: web}\nspec:\n${spec.replace(/^/gm, '  ')}\n`;

describe('a right manifest', () => {
  it('is kept as it was written, with the version and the project that were left out', () => {
    const { manifests, issues } = load(machine('memoryMiB: 128\nnics: [{network: lan}]'));
    expect(issues).toEqual([]);
    expect(manifests.map((m) => m.manifest)).toEqual([
      {
        apiVersion: 'steward/v1',
        kind: 'Machine',
        metadata: { name: 'web', project: 'demo' },
        spec: { memoryMiB: 128, nics: [{ network: 'lan' }] },
      },
    ]);
  });

  it('may be of an older version, and is checked as what it becomes', () => {
    expect(errors('apiVersion: steward/v0\nkind: Machine\nmetadata: {name: old}\nspec: {memory: 64}\n')).toEqual([]);
    expect(errors('apiVersion: steward/v7\nkind: Machine\nmetadata: {name: old}\nspec: {memory: 64}\n')).toEqual([
      'a.yaml:1:13: apiVersion: is "steward/v7"; expected "steward/v0" or "steward/v1"',
    ]);
  });

  it('needs no project where its kind has none, and may not name one', () => {
    expect(load('kind: Project\nmetadata: {name: demo}\n').manifests[0]?.manifest.metadata).toEqual({ name: 'demo' });
    expect(errors('kind: Project\nmetadata: {name: demo, project: x}\n')).toEqual([
      'a.yaml:2:33: metadata.project: is "x", but a Project belongs to no project; leave it out',
    ]);
  });

  it('must name its project when nobody else does', () => {
    const text = 'kind: Network\nmetadata: {name: lan}\nspec: {cidr: 10.1.1.0/24}\n';
    const { issues, manifests } = loadManifests([{ path: 'a.yaml', text }], { registry: KINDS, project: null });
    expect(manifests).toEqual([]);
    expect(issues.map(issueText)).toEqual([
      'a.yaml:2:1: metadata.project: is missing; a Network belongs to a project: write its name here',
    ]);
  });
});

describe('wrong manifests are named with place, value and remedy', () => {
  it('all at once, over all files', () => {
    const first = 'kind: Machin\nmetadata: {name: Web}\nspec: {cpus: 1}\n';
    const second = machine('cpus: 999\nmemoryMib: 128\ndisks:\n  - {sizeGiB: 10G}\n  - {sizeGib: 10}');
    expect(errors(first, second)).toEqual([
      'a.yaml:1:7: kind: "Machin" is not a kind; did you mean "Machine"?',
      'a.yaml:2:18: metadata.name: is "Web"; expected lower-case letters, digits and "-", starting and ending with a letter or digit, at most 63',
      'b.yaml:5:3: spec.memoryMib: is not a field of Machine; did you mean "memoryMiB"?',
      'b.yaml:8:8: spec.disks[1].sizeGib: is not a field of this item; did you mean "sizeGiB"?',
      'b.yaml:4:9: spec.cpus: is 999; expected a whole number from 1 to 64 (Virtual CPUs)',
      'b.yaml:3:1: spec.memoryMiB: is missing; expected a whole number, at least 16 (Memory)',
      'b.yaml:7:17: spec.disks[0].sizeGiB: is "10G"; expected a whole number, at least 1 (Size; may only grow)',
    ]);
  });

  it.each([
    [
      'a short name of a kind',
      'kind: net\nmetadata: {name: x}\n',
      'a.yaml:1:7: kind: "net" is not a kind; did you mean "Network"?',
    ],
    [
      'a kind far from all',
      'kind: Zebra\nmetadata: {name: x}\n',
      'a.yaml:1:7: kind: "Zebra" is not a kind; the kinds are Project, Network, Machine',
    ],
    [
      'a value outside a set',
      'kind: Network\nmetadata: {name: x}\nspec: {cidr: 10.0.0.0/8, mode: isolate}\n',
      'a.yaml:3:32: spec.mode: is "isolate"; expected one of "isolated", "bridged"; did you mean "isolated"?',
    ],
    [
      'a bad CIDR',
      'kind: Network\nmetadata: {name: x}\nspec: {cidr: 10.0.0/8}\n',
      'a.yaml:3:14: spec.cidr: is "10.0.0/8"; expected text (Address range)',
    ],
    [
      'a rule of the kind',
      'kind: Network\nmetadata: {name: x}\nspec: {cidr: 10.0.0.1/32}\n',
      'a.yaml:3:14: spec.cidr: has no room for machines; use /30 or wider',
    ],
    [
      'a number for text',
      machine('memoryMiB: 64\nhostname: 010'),
      'a.yaml:5:13: spec.hostname: is 010; expected text, so write it in quotes: "010"',
    ],
    [
      'a list for a map',
      machine('memoryMiB: 64\ntags: [a, b]'),
      'a.yaml:5:9: spec.tags: is a list of 2; expected a map',
    ],
    [
      'a number for a label',
      'kind: Project\nmetadata: {name: x, labels: {version: 1.10}}\n',
      'a.yaml:2:39: metadata.labels.version: is 1.10; expected text, so write it in quotes: "1.10"',
    ],
    [
      'a number for a name',
      'kind: Project\nmetadata: {name: 1e3}\n',
      'a.yaml:2:18: metadata.name: is 1e3; expected text, so write it in quotes: "1e3"',
    ],
    [
      'a wrong reference',
      machine('memoryMiB: 64\nnics: [{network: Lan}]'),
      'a.yaml:5:20: spec.nics[0].network: is "Lan"; expected name of a Network: lower-case letters, digits and "-", or "project/name"',
    ],
    [
      'a form that lacks a field',
      machine('memoryMiB: 64\nboot: {iso: 7}'),
      'a.yaml:5:15: spec.boot.iso: is 7; expected text, so write it in quotes: "7"',
    ],
    [
      'a value that fits no form',
      machine('memoryMiB: 64\nboot: disk'),
      'a.yaml:5:9: spec.boot: is "disk"; expected either a map (What it starts from)',
    ],
    [
      'a spec that is text',
      'kind: Project\nmetadata: {name: x}\nspec: none\n',
      'a.yaml:3:7: spec: is "none"; expected a map',
    ],
    [
      'no metadata',
      'kind: Project\nspec: {}\n',
      'a.yaml:1:1: metadata: is missing; expected at least "metadata: {name: …}"',
    ],
    [
      'a misspelled section',
      'kind: Project\nmetdata: {name: x}\nmetadata: {name: x}\n',
      'a.yaml:2:1: metdata: is not a field of a manifest; did you mean "metadata"?',
    ],
  ])('%s', (_, text, error) => expect(errors(text)).toEqual([error]));

  it('never shows a secret, not even a wrong one', () => {
    const wrong = errors(machine('memoryMiB: 64\npassword: [hunter2]'), machine('memoryMiB: 64\npassword: 123456'));
    expect(wrong).toEqual([
      'a.yaml:5:13: spec.password: is (hidden); expected text (For the first login)',
      'b.yaml:5:13: spec.password: is (hidden); expected text (For the first login)',
    ]);
  });

  it('sends requests, overrides, status and what the engine keeps where they belong', () => {
    const text =
      'kind: Project\nmetadata:\n  name: x\n  uid: 1\n  requests: {reboot: a}\n  overrides: {}\n  paused: true\nstatus: {}\n';
    expect(errors(text)).toEqual([
      expect.stringContaining('a.yaml:8:1: status: is written by the engine'),
      expect.stringContaining('a.yaml:4:3: metadata.uid: is kept by the engine'),
      expect.stringContaining(
        'a.yaml:5:3: metadata.requests: a request is not part of a manifest; use a command such as "steward reboot"',
      ),
      expect.stringContaining('a.yaml:6:3: metadata.overrides: an override is not part of a manifest'),
      expect.stringContaining('a.yaml:7:3: metadata.paused: pausing is an override'),
    ]);
  });

  it('names both places of one object written twice', () => {
    const project = 'kind: Project\nmetadata:\n  name: x\n';
    expect(errors(project, `---\n${project}`)).toEqual([
      'b.yaml:4:9: metadata.name: Project/x is already written at a.yaml:3:9; keep one of the two',
    ]);
    expect(
      errors(
        'kind: Network\nmetadata: {name: x, project: other}\nspec: {cidr: 10.0.0.0/8}\n',
        'kind: Network\nmetadata: {name: x}\nspec: {cidr: 10.0.0.0/8}\n',
      ),
    ).toEqual([]);
  });

  it('names a cycle of references by the way around', () => {
    const net = (name: string, peer: string) =>
      `---\nkind: Network\nmetadata: {name: ${name}}\nspec: {cidr: 10.0.0.0/8, peer: ${peer}}\n`;
    expect(errors(net('a', 'b') + net('b', 'a'))).toEqual([
      'a.yaml:2:1: refers to itself: Network/demo/a → Network/demo/b → Network/demo/a; take one of these references out',
    ]);
  });

  it('counts what it does not list', () => {
    const text = Array(5).fill('kind: Nope\nmetadata: {name: x}\n').join('---\n');
    const { issues } = loadManifests([{ path: 'a.yaml', text }], {
      registry: KINDS,
      project: null,
      limits: { ...LIMITS, issues: 2 },
    });
    expect(issues).toHaveLength(3);
    expect(issues[2]?.message).toBe('and 3 more errors in this and other files');
  });
});

describe('unchanged documents', () => {
  it('are not read again, wherever they move, and wrong ones are never remembered', () => {
    const cache = memoryCache(10);
    const again = (text: string) =>
      loadManifests([{ path: 'a.yaml', text }], { registry: KINDS, project: null, cache });
    const [a, b, bad] = [
      'kind: Project\nmetadata: {name: a}\n',
      'kind: List\nitems: [{kind: Project, metadata: {name: b}}]\n',
      'kind: Nope\nmetadata: {name: c}\n',
    ];
    expect(again(`---\n${a}---\n${b}---\n${bad}`)).toMatchObject({ reused: 0, issues: [{ line: 8 }] });
    const moved = again(`---\n${bad}---\n${b}---\n${a}`);
    expect(moved).toMatchObject({ reused: 2, issues: [{ line: 2 }] });
    expect(
      moved.manifests.map(({ manifest, origin }) => [
        manifest.metadata.name,
        origin.locate([{ path: '/metadata/name' }])[0]?.line,
      ]),
    ).toEqual([
      ['b', 6],
      ['a', 9],
    ]);
  });

  it('are forgotten in the order of their last use', () => {
    const cache = memoryCache(2);
    cache.set('a', []);
    cache.set('b', []);
    cache.get('a');
    cache.set('c', []);
    expect(['a', 'b', 'c'].filter((hash) => cache.get(hash))).toEqual(['a', 'c']);
  });
});
