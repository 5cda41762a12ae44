import ts from 'typescript';
import { type Finding, lineOf, type SourceFile, type Tree, walk } from './tree.ts';

/** Words that may not stand in code: impurity outside the edges, types switched off, unfinished and skipped things. */
export function tokens(tree: Tree): Finding[] {
  return tree.sources
    .filter((source) => !source.path.endsWith('.gen.ts'))
    .flatMap((source) => [...impure(source), ...untyped(source), ...skipped(source), ...unfinished(source)]);
}

/** Where the world comes in: adapters, compositions, tests. */
const EDGES = /^(cmd|test|bench|postgres|integrations)\/|^hypervisor\/(libvirt|memory)\/|^graphql\/server\.ts$|^[^/]+$/;
const IMPURE_CALLS = new Set(['Date.now', 'Math.random', 'performance.now', 'process.hrtime', 'crypto.randomUUID']);
const TIMERS = new Set(['setTimeout', 'setInterval', 'setImmediate']);
const TEST_WORDS = new Set(['it', 'test', 'describe', 'describeReal', 'each']);
const SKIPPED = new Set(['xit', 'xtest', 'xdescribe', 'fit', 'fdescribe']);
const UNFINISHED = /\b(TODO|FIXME|XXX|HACK)\b/;
const SWITCHED_OFF = /@ts-(ignore|nocheck|expect-error)\b/;
const EXCUSED = /biome-ignore lint\/suspicious\/noExplicitAny: \S/;

function impure(source: SourceFile): Finding[] {
  if (source.isTest || EDGES.test(source.path)) return [];
  return collect(source, (node) => {
    if (ts.isPropertyAccessExpression(node)) {
      const name = node.getText();
      if (IMPURE_CALLS.has(name)) return `${name} outside the edges: take it from the environment`;
      if (ts.isIdentifier(node.expression) && node.expression.text === 'console') return 'console outside the edges';
    }
    if (ts.isCallExpression(node) && ts.isIdentifier(node.expression) && TIMERS.has(node.expression.text))
      return `${node.expression.text} outside the edges: sleep on the clock`;
    if (ts.isNewExpression(node) && node.expression.getText() === 'Date' && !node.arguments?.length)
      return 'new Date() without an argument outside the edges';
    return undefined;
  });
}

function untyped(source: SourceFile): Finding[] {
  return collect(source, (node) => {
    if (node.kind !== ts.SyntaxKind.AnyKeyword || source.path.endsWith('.d.ts')) return undefined;
    const line = lineOf(source.ast, node.getStart());
    const before = source.text.split('\n')[line - 2] ?? '';
    return EXCUSED.test(before) ? undefined : 'any: say unknown and narrow it';
  });
}

function skipped(source: SourceFile): Finding[] {
  return collect(source, (node) => {
    if (ts.isIdentifier(node) && SKIPPED.has(node.text) && ts.isCallExpression(node.parent))
      return `${node.text}: no test is skipped or preferred`;
    if (!ts.isPropertyAccessExpression(node) || !/^(skip|only|todo|failing)$/.test(node.name.text)) return undefined;
    const root = node.expression.getText().split('.')[0] ?? '';
    return TEST_WORDS.has(root) ? `${node.getText()}: no test is skipped or preferred` : undefined;
  });
}

/** Comments and texts alike. */
function unfinished(source: SourceFile): Finding[] {
  if (/^test\/tidy/.test(source.path)) return [];
  return source.text.split('\n').flatMap((text, index) => {
    const word = UNFINISHED.exec(text)?.[0] ?? SWITCHED_OFF.exec(text)?.[0];
    return word === undefined ? [] : [{ path: source.path, line: index + 1, message: `${word} is not left in code` }];
  });
}

function collect(source: SourceFile, judge: (node: ts.Node) => string | undefined): Finding[] {
  const found: Finding[] = [];
  walk(source.ast, (node) => {
    const message = judge(node);
    if (message !== undefined) found.push({ path: source.path, line: lineOf(source.ast, node.getStart()), message });
  });
  return found;
}
