import { mkdirSync, mkdtempSync, renameSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { testClock as clock } from './fixtures/clock.ts';
import type { Tree } from './tree.ts';
import { watchFolder } from './watch.ts';

let root: string;
let stop: AbortController;
let trees: Tree[];
let errors: Error[];
let running: Promise<void>;
let news: (() => void)[];

beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'steward-watch-'));
  stop = new AbortController();
  trees = [];
  errors = [];
  news = [];
});
afterEach(async () => {
  stop.abort();
  await running;
  rmSync(root, { recursive: true, force: true });
});

function start(resyncMs = 20_000): void {
  const onTree = async (tree: Tree) => {
    trees.push(tree);
    for (const wake of news.splice(0)) wake();
  };
  const onError = (error: Error) => {
    errors.push(error);
    for (const wake of news.splice(0)) wake();
  };
  running = watchFolder({ folder: root, clock, debounceMs: 40, resyncMs, signal: stop.signal, onTree, onError });
}

async function until(condition: () => boolean): Promise<void> {
  while (!condition()) await new Promise<void>((resolve) => news.push(resolve));
}
const latest = () => Object.fromEntries((trees.at(-1)?.files ?? []).map((f) => [f.path, f.text]));
const write = (name: string, text: string) => writeFileSync(join(root, name), text);

describe('a watched folder', () => {
  it('is told whole at the start, then whenever its content changed', async () => {
    write('a.yaml', '1');
    start();
    await until(() => trees.length === 1);
    write('b.yaml', '2');
    await until(() => latest()['b.yaml'] === '2');
    rmSync(join(root, 'a.yaml'));
    await until(() => !('a.yaml' in latest()));
    expect(latest()).toEqual({ 'b.yaml': '2' });
  });

  it('sees atomic saves: a new file renamed over the old', async () => {
    write('a.yaml', 'old');
    start();
    await until(() => trees.length === 1);
    write('.a.yaml.tmp', 'new');
    renameSync(join(root, '.a.yaml.tmp'), join(root, 'a.yaml'));
    await until(() => latest()['a.yaml'] === 'new');
  });

  it('sees `..data` links swapped, as mounted configuration does it', async () => {
    for (const [folder, text] of [
      ['..1', 'old'],
      ['..2', 'new'],
    ] as const) {
      mkdirSync(join(root, folder));
      write(`${folder}/c.yaml`, text);
    }
    symlinkSync('..1', join(root, '..data'));
    symlinkSync('..data/c.yaml', join(root, 'c.yaml'));
    start();
    await until(() => latest()['c.yaml'] === 'old');
    symlinkSync('..2', join(root, '..data_tmp'));
    renameSync(join(root, '..data_tmp'), join(root, '..data'));
    await until(() => latest()['c.yaml'] === 'new');
  });

  it('says nothing about a burst of writes that ends where it began', async () => {
    write('a.yaml', '1');
    start();
    await until(() => trees.length === 1);
    for (let i = 0; i < 100; i++) write('a.yaml', i === 99 ? '1' : `burst ${i}`);
    write('end.yaml', 'x');
    await until(() => 'end.yaml' in latest());
    expect(latest()).toEqual({ 'a.yaml': '1', 'end.yaml': 'x' });
    expect(trees.length).toBeLessThan(10);
  });

  it('reports a folder that is gone, and comes back with it by the periodic look alone', async () => {
    start(60);
    await until(() => trees.length === 1);
    rmSync(root, { recursive: true });
    await until(() => errors.length > 0);
    mkdirSync(root);
    write('again.yaml', 'here');
    await until(() => latest()['again.yaml'] === 'here');
  });
});
