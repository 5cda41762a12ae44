import ts from 'typescript';
import { type Finding, lineOf, type SourceFile, type Tree } from './tree.ts';

/** File names, exports, and the words that name nothing. */
export function names(tree: Tree): Finding[] {
  return tree.sources.flatMap((source) => [...fileName(source.path), ...exported(source)]);
}

const KEBAB = /^[a-z0-9]+(-[a-z0-9]+)*(\.(test|fixture|gen|d|config))*\.(ts|mjs|js)$/;
const NAMELESS = /(^|\/)(utils?|helpers?|common|misc|shared)(\/|\.[a-z]+$)/;
/** Formats that want a default export: jest's configuration and reporters, and declarations of packages that have one. */
const DEFAULT_EXPORTS = /^[^/]+\.js$|\.config\.(ts|js|mjs)$|^test\/reporter\.mjs$|\.d\.ts$/;

function fileName(path: string): Finding[] {
  const name = path.split('/').at(-1) ?? path;
  if (!KEBAB.test(name)) return [{ path, line: 1, message: 'file names are kebab-case' }];
  if (NAMELESS.test(path)) return [{ path, line: 1, message: 'this name says nothing: name the concept' }];
  return [];
}

function exported({ path, ast }: SourceFile): Finding[] {
  const at = (node: ts.Node, message: string): Finding => ({ path, line: lineOf(ast, node.getStart()), message });
  const defaults = DEFAULT_EXPORTS.test(path) ? [] : ast.statements.filter(isDefaultExport);
  const enums = ast.statements.filter((node) => ts.isEnumDeclaration(node));
  return [
    ...defaults.map((node) => at(node, 'default export: export it by its name')),
    ...enums.map((node) => at(node, 'enum: a union of strings is erasable')),
    ...(isBarrel(ast) ? [{ path, line: 1, message: 'barrel: import from where a thing is made' }] : []),
  ];
}

function isDefaultExport(node: ts.Statement): boolean {
  if (ts.isExportAssignment(node)) return true;
  const modifiers = ts.canHaveModifiers(node) ? (ts.getModifiers(node) ?? []) : [];
  return modifiers.some((modifier) => modifier.kind === ts.SyntaxKind.DefaultKeyword);
}

/** A file that only hands on what others made. */
function isBarrel(ast: ts.SourceFile): boolean {
  const handsOn = (node: ts.Statement) => ts.isExportDeclaration(node) && node.moduleSpecifier !== undefined;
  return (
    ast.statements.length > 0 &&
    ast.statements.every((node) => handsOn(node) || ts.isImportDeclaration(node)) &&
    ast.statements.some(handsOn)
  );
}
