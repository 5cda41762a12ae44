import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { issueText } from './issue.ts';
import { isInside, readTree, TREE_LIMITS } from './tree.ts';

let outside: string;
let root: string;
beforeEach(() => {
  outside = mkdtempSync(join(tmpdir(), 'steward-tree-'));
  root = join(outside, 'root');
  mkdirSync(root);
});
afterEach(() => rmSync(outside, { recursive: true, force: true }));

const write = (path: string, text = 'x') => {
  mkdirSync(join(root, path, '..'), { recursive: true });
  writeFileSync(join(root, path), text);
};
const paths = async () => (await readTree(root)).files.map((f) => f.path);

describe('the manifests below a folder', () => {
  it('are sorted, with paths relative to the folder, and nothing an editor left behind', async () => {
    for (const path of ['b.yaml', 'a.YML', 'sub/deep/c.json']) write(path);
    for (const path of [
      '.b.yaml.swp',
      'b.yaml~',
      '#b.yaml#',
      '.#b.yaml',
      'b.yaml.tmp',
      '4913',
      '~b.yaml',
      'readme.md',
      '.git/x.yaml',
      'node_modules/x.yaml',
    ])
      write(path);
    expect(await paths()).toEqual(['a.YML', 'b.yaml', 'sub/deep/c.json']);
  });

  it('have a revision that follows content and names, nothing else', async () => {
    write('a.yaml', '1');
    const first = (await readTree(root)).revision;
    write('a.yaml', '1');
    write('notes.txt', 'new');
    expect((await readTree(root)).revision).toBe(first);
    write('a.yaml', '2');
    const second = (await readTree(root)).revision;
    write('b.yaml', '');
    expect(new Set([first, second, (await readTree(root)).revision]).size).toBe(3);
  });

  it('may be a single file', async () => {
    write('only.yaml', 'kind: X');
    const file = join(root, 'only.yaml');
    expect((await readTree(file)).files).toEqual([{ path: file, text: 'kind: X' }]);
  });

  it('are read through swapped `..data` links, once', async () => {
    write('..2026_1/c.yaml', 'one');
    symlinkSync('..2026_1', join(root, '..data'));
    symlinkSync('..data/c.yaml', join(root, 'c.yaml'));
    expect((await readTree(root)).files).toEqual([{ path: 'c.yaml', text: 'one' }]);
  });

  it('are read through links that stay inside, even those that lead in circles', async () => {
    write('a/x.yaml');
    symlinkSync('..', join(root, 'a', 'up'));
    symlinkSync('a', join(root, 'b'));
    expect(await paths()).toEqual(['a/x.yaml', 'b/x.yaml']);
  });
});

describe('what leads out of the folder', () => {
  it('is refused and named: links to files, to folders and to nothing', async () => {
    writeFileSync(join(outside, 'secret.yaml'), 'token: hunter2');
    mkdirSync(join(outside, 'other'));
    symlinkSync('../secret.yaml', join(root, 'file.yaml'));
    symlinkSync('/etc', join(root, 'etc'));
    symlinkSync('nowhere', join(root, 'gone.yaml'));
    symlinkSync(join(outside, 'other'), join(root, 'other'));
    const tree = await readTree(root);
    expect(tree.files).toEqual([]);
    expect(tree.issues.map(issueText)).toEqual([
      'etc: is a link that leads out of the folder; copy the file instead',
      'file.yaml: is a link that leads out of the folder; copy the file instead',
      'gone.yaml: is a link to nothing',
      'other: is a link that leads out of the folder; copy the file instead',
    ]);
  });

  it('is told from a neighbour with a like name', () => {
    expect([
      isInside('/a/b', '/a/b'),
      isInside('/a/b', '/a/b/c'),
      isInside('/a/b', '/a/bc'),
      isInside('/a/b', '/a'),
      isInside('/a/b', '/a/b/..x'),
    ]).toEqual([true, true, false, false, true]);
  });
});

describe('what could hang or flood', () => {
  it("is never waited for: a pipe with a manifest's name is no file", async () => {
    execFileSync('mkfifo', [join(root, 'pipe.yaml')]);
    expect(await paths()).toEqual([]);
  });

  it('is bounded in size and number', async () => {
    for (const path of ['a.yaml', 'b.yaml', 'c.yaml']) write(path, '12345');
    const issues = async (limits: Partial<typeof TREE_LIMITS>) =>
      (await readTree(root, { limits: { ...TREE_LIMITS, ...limits } })).issues.map(issueText);
    expect(await issues({ fileBytes: 4 })).toHaveLength(3);
    expect(await issues({ totalBytes: 12 })).toEqual(['c.yaml: the folder is larger than 12 bytes']);
    expect(await issues({ files: 1 })).toEqual(['.: the folder holds more than 1 files; split it']);
  });

  it('ends when it is called off', async () => {
    write('a.yaml');
    await expect(readTree(root, { signal: AbortSignal.abort() })).rejects.toThrow();
  });

  it('throws when there is no such folder', async () => {
    await expect(readTree(join(root, 'nope'))).rejects.toThrow('ENOENT');
  });
});
