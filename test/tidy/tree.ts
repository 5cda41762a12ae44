import { spawnSync } from 'node:child_process';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { dirname, join, normalize } from 'node:path';
import ts from 'typescript';

/** The files that the rules look at: the repository's, or a small folder in which a violation was planted. */
export interface Tree {
  root: string;
  /** Every tracked or new text file, relative to the root, with forward slashes. */
  paths: readonly string[];
  sources: readonly SourceFile[];
  has(path: string): boolean;
  text(path: string): string;
}

export interface SourceFile {
  path: string;
  text: string;
  ast: ts.SourceFile;
  /** Tests, their fixtures, and everything under test/ and bench/. */
  isTest: boolean;
  imports: readonly Import[];
}

export interface Import {
  /** A path in the tree, or a package's name (`zod`, `node:fs`). */
  target: string;
  isPackage: boolean;
  line: number;
}

/** One broken rule, at a place. */
export interface Finding {
  path: string;
  line: number;
  message: string;
}

const SOURCE = /\.(ts|mjs|js)$/;
const TEST = /(^|\/)(fixtures|golden)\/|^(test|bench)\/|\.(test|fixture)\.ts$/;

export function readTree(root: string): Tree {
  const paths = listFiles(root);
  const known = new Set(paths);
  const text = (path: string) => readFileSync(join(root, path), 'utf8');
  const sources = paths.filter((path) => SOURCE.test(path)).map((path) => readSource(path, text(path)));
  return { root, paths, sources, has: (path) => known.has(path) || existsSync(join(root, path)), text };
}

export function lineOf(ast: ts.SourceFile, position: number): number {
  return ast.getLineAndCharacterOfPosition(position).line + 1;
}

/** Calls `visit` for every node, parents first. */
export function walk(node: ts.Node, visit: (node: ts.Node) => void): void {
  visit(node);
  ts.forEachChild(node, (child) => walk(child, visit));
}

function readSource(path: string, text: string): SourceFile {
  const ast = ts.createSourceFile(path, text, ts.ScriptTarget.Latest, true);
  return { path, text, ast, isTest: TEST.test(path), imports: importsOf(path, ast) };
}

function importsOf(path: string, ast: ts.SourceFile): Import[] {
  const found: Import[] = [];
  walk(ast, (node) => {
    const specifier = specifierOf(node);
    if (specifier === undefined) return;
    const isPackage = !specifier.text.startsWith('.');
    const target = isPackage ? packageName(specifier.text) : normalize(join(dirname(path), specifier.text));
    found.push({ target, isPackage, line: lineOf(ast, specifier.getStart()) });
  });
  return found;
}

function specifierOf(node: ts.Node): ts.StringLiteral | undefined {
  if (ts.isImportDeclaration(node) || ts.isExportDeclaration(node)) return literal(node.moduleSpecifier);
  if (ts.isImportTypeNode(node) && ts.isLiteralTypeNode(node.argument)) return literal(node.argument.literal);
  if (ts.isCallExpression(node) && node.expression.kind === ts.SyntaxKind.ImportKeyword)
    return literal(node.arguments[0]);
  return undefined;
}

function literal(node: ts.Node | undefined): ts.StringLiteral | undefined {
  return node !== undefined && ts.isStringLiteral(node) ? node : undefined;
}

function packageName(specifier: string): string {
  if (specifier.startsWith('node:')) return specifier.split('/')[0] ?? specifier;
  return specifier
    .split('/')
    .slice(0, specifier.startsWith('@') ? 2 : 1)
    .join('/');
}

/** What git tracks or would track; without git, everything. */
function listFiles(root: string): string[] {
  if (!existsSync(join(root, '.git')))
    return readdirSync(root, { recursive: true, encoding: 'utf8' }).filter(isFileName);
  const listed = spawnSync('git', ['ls-files', '--cached', '--others', '--exclude-standard', '-z'], {
    cwd: root,
    encoding: 'utf8',
    maxBuffer: 64 * 1024 * 1024,
  });
  if (listed.status !== 0) throw new Error(`git ls-files: ${listed.stderr}`);
  return listed.stdout.split('\0').filter((path) => path !== '' && existsSync(join(root, path)));
}

function isFileName(path: string): boolean {
  return /\.[a-z]+$/.test(path) && !path.startsWith('node_modules');
}
