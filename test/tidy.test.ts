import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterEach, describe, expect, it } from '@jest/globals';
import { documents, machinePaths, versions } from './tidy/documents.ts';
import { kinds } from './tidy/kinds.ts';
import { money } from './tidy/money.ts';
import { names } from './tidy/names.ts';
import { reach } from './tidy/reach.ts';
import { medians, sizes } from './tidy/sizes.ts';
import { tokens } from './tidy/tokens.ts';
import { type Finding, readTree, type Tree } from './tidy/tree.ts';
import { walls } from './tidy/walls.ts';

const repository = readTree(fileURLToPath(new URL('..', import.meta.url)));

describe('the repository', () => {
  it.each([
    ['keeps the walls between its folders', walls],
    ['has files and functions of a size that one reads', sizes],
    ['keeps time, chance and the console at its edges, and leaves nothing unfinished', tokens],
    ['names files and exports by their concept', names],
    ['has one complete folder for each kind', kinds],
    ['holds no code that nothing reaches', reach],
    ['has links and file names in its documents that lead somewhere', documents],
    ['names no machine', machinePaths],
    ['pins every version', versions],
    ['has no money that is a number', money],
  ] satisfies [string, Rule][])('%s', (_name, rule) => {
    expect(rule(repository).map(printed)).toEqual([]);
  });

  it('has files of about 80 and functions of about 10 lines in the middle', () => {
    const middle = medians(repository);
    process.stderr.write(`medians: ${middle.file} lines a file (aim 80), ${middle.function} a function (aim 10)\n`);
    expect(middle.file).toBeLessThanOrEqual(100);
    expect(middle.function).toBeLessThanOrEqual(12);
  });
});

describe('a planted violation is found:', () => {
  const folders: string[] = [];
  afterEach(() => {
    for (const folder of folders.splice(0)) rmSync(folder, { recursive: true });
  });

  it.each([
    ['the engine that imports a database', 'reconciler/engine.ts', "import pg from 'pg';", 'package pg'],
    ['the engine that imports a kind', 'reconciler/engine.ts', "import '../resources/a.ts';", 'resources/a.ts'],
    ['a type that leaks', 'graphql/a.ts', "import type { B } from '../hypervisor/port.ts';", 'hypervisor/port.ts'],
    ['an import that waits', 'resources/a.ts', "await import('../postgres/store.ts');", 'postgres/store.ts'],
    ['an import inside a type', 'billing/a.ts', "type B = import('../reconciler/b.ts').B;", 'reconciler/b.ts'],
    ['an adapter that knows another', 'postgres/a.ts', "import '../integrations/b.ts';", 'integrations/b.ts'],
    ['two hypervisors that know each other', 'hypervisor/memory/a.ts', "import '../libvirt/b.ts';", 'libvirt/b.ts'],
    ['a port that imports', 'hypervisor/port.ts', "import '../reconciler/json.ts';", 'reconciler/json.ts'],
    ['a kind inside a kind', 'resources/a/b/plan.ts', "import '../../c/d/plan.ts';", 'inside another kind'],
    ['product code that needs a test', 'cmd/a.ts', "import '../test/b.ts';", 'belongs to tests'],
    ['a library that knows a composition', 'manifests/a.ts', "import '../cmd/b.ts';", 'compositions'],
  ])('%s', (_name, path, text, message) => {
    expectFinding(walls, { [path]: text }, { path, message });
  });

  it('a file of 401 lines, a function of 71', () => {
    const path = 'reconciler/long.ts';
    expectFinding(sizes, { [path]: 'let a = 1;\n'.repeat(401) }, { path, message: '401 lines' });
    expectFinding(sizes, { [path]: `export function b() {\n${'c();\n'.repeat(69)}}\n` }, { path, message: '71 lines' });
    expectFinding(sizes, { 'test/a.test.ts': `it('', () => {\n${'c();\n'.repeat(69)}});` }, { message: '71 lines' });
    expectNothing(sizes, { [path]: 'let a = 1;\n'.repeat(400) });
    expectNothing(sizes, { 'test/a.test.ts': `describe('', () => {${"\nit('', () => {\nb();\n});".repeat(40)}\n});` });
  });

  it.each([
    ['const now = Date.now();', 'Date.now'],
    ['const now = new Date();', 'new Date()'],
    ['const luck = Math.random();', 'Math.random'],
    ['setTimeout(go, 5);', 'setTimeout'],
    ["console.log('here');", 'console'],
    ['export function f(a: any) {}', 'any'],
    ['const b = a as any;', 'any'],
    ['// TODO: later', 'TODO'],
    ['// @ts-ignore', '@ts-ignore'],
    ["it.skip('', go);", 'it.skip'],
    ["describe.only('', go);", 'describe.only'],
    ["it.each([]).skip('', go);", 'skip'],
    ["it.todo('later');", 'it.todo'],
    ["xit('', go);", 'xit'],
  ])('%s', (text, message) => {
    expectFinding(tokens, { 'reconciler/a.ts': text }, { path: 'reconciler/a.ts', message });
  });

  it('but words in texts and comments, and the world at the edges, are none', () => {
    expectNothing(tokens, {
      'reconciler/a.ts': "// any Date.now()\nconst a = 'console.log(new Date())'; const b = new Date(5);",
      'postgres/a.ts': 'const now = Date.now(); setTimeout(go, 5);',
      'graphql/a.ts': '// biome-ignore lint/suspicious/noExplicitAny: a reason.\nexport type A = any;',
    });
  });

  it.each([
    ['manifests/parseYaml.ts', 'export const a = 1;', 'kebab-case'],
    ['manifests/utils.ts', 'export const a = 1;', 'says nothing'],
    ['manifests/a.ts', 'export default 1;', 'default export'],
    ['manifests/a.ts', 'export default function a() {}', 'default export'],
    ['manifests/a.ts', "export * from './b.ts';", 'barrel'],
    ['manifests/a.ts', 'export enum A { b }', 'enum'],
  ])('%s with %s', (path, text, message) => {
    expectFinding(names, { [path]: text }, { path, message });
  });

  it('a folder of a kind that is not whole', () => {
    const folder = 'resources/compute/small-lamp';
    const registry = `import '../${folder}/kind.ts';`;
    const kind = (more: string) => `export const A = defineKind({ kind: 'SmallLamp', ${more} });`;
    const whole = { 'resources/registry.ts': registry, [`${folder}/kind.ts`]: kind('check: (a) => []') };
    const seen = { observe: '', plan: '', report: '' };
    const outside = Object.fromEntries(
      Object.keys(seen).map((part) => [`${folder}/${part}.ts`, 'export const a = 1;']),
    );
    expectNothing(kinds, whole);
    expectNothing(kinds, { ...whole, ...outside, [`${folder}/kind.ts`]: kind('observe, plan, report') });
    expectFinding(kinds, { [`${folder}/plan.ts`]: '' }, { message: 'is missing' });
    expectFinding(kinds, { [`${folder}/kind.ts`]: kind('') }, { message: 'not in resources/registry.ts' });
    expectFinding(kinds, { ...whole, [`${folder}/plan.ts`]: '' }, { message: 'plan.ts and no plan' });
    expectFinding(kinds, { ...whole, [`${folder}/kind.ts`]: kind('plan') }, { message: 'plan outside of plan.ts' });
    expectFinding(kinds, { ...whole, [`${folder}/kind.ts`]: kind('plan') }, { message: 'and no observe' });
    expectFinding(
      kinds,
      { ...whole, [`${folder}/kind.ts`]: "defineKind({ kind: 'Lamp' })" },
      { message: 'defines Lamp' },
    );
  });

  it.each([
    ['billing/a.ts', 'export interface A { total: number }', 'total is money'],
    ['billing/a.ts', 'const taxDue: number = 1;', 'taxDue is money'],
    ['integrations/documents/a.ts', 'export function f(amount: number) {}', 'amount is money'],
    ['billing/a.ts', 'const a = Math.round(b);', 'Math.round'],
    ['billing/a.ts', 'const a = b.toFixed(2);', 'b.toFixed'],
  ])('%s with %s', (path, text, message) => {
    expectFinding(money, { [path]: text }, { path, message });
    expectNothing(money, { 'billing/a.ts': 'const a: { total: bigint; dueDays: number; dueAt: number };' });
  });

  it('code that only tests reach, and test code that nothing reaches', () => {
    const manifest = { 'package.json': '{"scripts":{"start":"node cmd/start.mjs --x"}}' };
    const start = { ...manifest, 'cmd/start.mjs': "import './main.ts'; run('manifests/worker.ts');" };
    const alive = {
      ...start,
      'cmd/main.ts': "import '../manifests/a.ts';",
      'manifests/a.ts': '',
      'manifests/worker.ts': '',
    };
    expectNothing(reach, alive);
    const tested = { 'manifests/b.test.ts': "import './b.ts';", 'manifests/b.ts': '' };
    expectFinding(reach, { ...alive, ...tested }, { path: 'manifests/b.ts', message: 'no command' });
    expectFinding(reach, { ...alive, 'test/lost.ts': '' }, { path: 'test/lost.ts', message: 'no test' });
  });

  it('a document that leads nowhere', () => {
    const page = (text: string) => ({ 'docs/a.md': `# The *first* heading!\n${text}`, 'README.md': '# Steward' });
    expectNothing(documents, page('[b](../README.md#steward) [c](#the-first-heading) [d](https://example.org)'));
    expectFinding(documents, page('[b](b.md)'), { message: 'links to b.md' });
    expectFinding(documents, page('[b](../README.md#nowhere)'), { message: 'no such heading' });
    expectFinding(documents, page('see `test/lost.test.ts`'), { message: 'names test/lost.test.ts' });
    const told = { 'test/a.test.ts': "it('heals', go);" };
    expectNothing(documents, { ...page('`test/a.test.ts` "heals"'), ...told });
    expectFinding(documents, { ...page('`test/a.test.ts` "flies"'), ...told }, { message: 'takes "flies"' });
  });

  it('the path of one machine, and a version that floats', () => {
    const path = ['', 'home', 'anna', 'steward'].join('/');
    expectFinding(machinePaths, { 'docs/a.md': `See ${path}.` }, { path: 'docs/a.md', message: 'one machine' });
    for (const version of ['^1.2.3', '~1.2.3', '1.x', 'latest', '*', 'github:a/b']) {
      const text = JSON.stringify({ dependencies: { zod: version, pg: '8.1.0' } });
      expectFinding(versions, { 'package.json': text }, { message: `zod is ${version}` });
    }
  });

  function plant(files: Record<string, string>): Tree {
    const root = mkdtempSync(join(tmpdir(), 'steward-tidy-'));
    folders.push(root);
    for (const [path, text] of Object.entries(files)) {
      mkdirSync(dirname(join(root, path)), { recursive: true });
      writeFileSync(join(root, path), text);
    }
    return readTree(root);
  }

  function expectFinding(rule: Rule, files: Record<string, string>, wanted: { path?: string; message: string }): void {
    const found = rule(plant(files)).filter(({ path }) => wanted.path === undefined || path === wanted.path);
    expect(found.map(({ message }) => message)).toContainEqual(expect.stringContaining(wanted.message));
  }

  function expectNothing(rule: Rule, files: Record<string, string>): void {
    expect(rule(plant(files)).map(printed)).toEqual([]);
  }
});

type Rule = (tree: Tree) => Finding[];

function printed({ path, line, message }: Finding): string {
  return `${path}:${line} ${message}`;
}
