import { dirname, join, normalize } from 'node:path';
import ts from 'typescript';
import { type Finding, type SourceFile, type Tree, walk } from './tree.ts';

/** Product code that no command reaches, and test code that no test reaches. */
export function reach(tree: Tree): Finding[] {
  const byPath = new Map(tree.sources.map((source) => [source.path, source]));
  const scripts = scriptFiles(tree);
  const product = closure(byPath, scripts);
  const entries = tree.sources.filter(isEntryOfTests).map(({ path }) => path);
  const tests = closure(byPath, [...scripts, ...setupFiles(tree), ...entries]);
  return tree.sources
    .filter(({ path }) => !isRoot(path) && !path.endsWith('.d.ts'))
    .filter(({ path, isTest }) => !(isTest || AHEAD.test(path) ? tests : product).has(path))
    .map(({ path, isTest }) => ({
      path,
      line: 1,
      message: isTest ? 'dead: no test uses it' : 'dead: no command reaches it',
    }));
}

/** The books are pure functions that are built, with their tests, before anything runs them. */
const AHEAD = /^billing\//;

function isEntryOfTests({ path }: SourceFile): boolean {
  return path.endsWith('.test.ts');
}

/** What runs before every test. */
function setupFiles(tree: Tree): string[] {
  const config = tree.has('jest.config.js') ? tree.text('jest.config.js') : '';
  return [...config.matchAll(/<rootDir>\/([^']+\.ts)'/g)].map(([, path = '']) => path);
}

/** Configuration in the root is read by tools. */
function isRoot(path: string): boolean {
  return !path.includes('/');
}

/** Files that package.json's scripts and binaries name. */
function scriptFiles(tree: Tree): string[] {
  const manifest: unknown = tree.has('package.json') ? JSON.parse(tree.text('package.json')) : {};
  const { scripts = {}, bin = {} } = manifest as { scripts?: Record<string, string>; bin?: Record<string, string> };
  const words = [...Object.values(scripts).flatMap((line) => line.split(' ')), ...Object.values(bin)];
  return words.filter((word) => /^[a-z].*\.(ts|mjs)$/.test(word) && !word.startsWith('node_modules'));
}

function closure(byPath: ReadonlyMap<string, SourceFile>, from: readonly string[]): Set<string> {
  const reached = new Set<string>();
  const waiting = [...from];
  for (let path = waiting.pop(); path !== undefined; path = waiting.pop()) {
    const source = byPath.get(path);
    if (source === undefined || reached.has(path)) continue;
    reached.add(path);
    waiting.push(...source.imports.filter(({ isPackage }) => !isPackage).map(({ target }) => target));
    waiting.push(...namedFiles(source, byPath));
  }
  return reached;
}

/** Files that a source names in a text: workers, scripts that it starts. Relative to itself or to the root. */
function namedFiles(source: SourceFile, byPath: ReadonlyMap<string, SourceFile>): string[] {
  const found: string[] = [];
  walk(source.ast, (node) => {
    if (!ts.isStringLiteralLike(node)) return;
    for (const word of node.text.split(/[\s>*]+/)) {
      if (!/\.(ts|mjs)$/.test(word)) continue;
      const near = normalize(join(dirname(source.path), word));
      found.push(...[near, normalize(word).replace(/^\//, '')].filter((path) => byPath.has(path)));
    }
  });
  return found;
}
