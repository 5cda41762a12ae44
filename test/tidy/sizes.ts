import ts from 'typescript';
import { type Finding, lineOf, type SourceFile, type Tree, walk } from './tree.ts';

export const FILE_LINES_MAX = 400;
export const FUNCTION_LINES_MAX = 70;

export function sizes(tree: Tree): Finding[] {
  return tree.sources.filter(isWritten).flatMap((source) => [
    ...(lineCount(source.text) > FILE_LINES_MAX
      ? [{ path: source.path, line: 1, message: `has ${lineCount(source.text)} lines, more than ${FILE_LINES_MAX}` }]
      : []),
    ...functions(source)
      .filter(({ lines }) => lines > FUNCTION_LINES_MAX)
      .map(({ line, lines }) => ({
        path: source.path,
        line,
        message: `this function has ${lines} lines, more than ${FUNCTION_LINES_MAX}`,
      })),
  ]);
}

/** The middle file's and the middle named function's lines, in product code. */
export function medians(tree: Tree): { file: number; function: number } {
  const written = tree.sources.filter((source) => isWritten(source) && !source.isTest);
  return {
    file: median(written.map((source) => lineCount(source.text))),
    function: median(
      written.flatMap((source) => functions(source).filter(({ named }) => named)).map(({ lines }) => lines),
    ),
  };
}

interface FunctionSize {
  line: number;
  lines: number;
  named: boolean;
}

/** In tests describe() is a heading and not a function, and the functions inside a function do not count with it. */
function functions(source: SourceFile): FunctionSize[] {
  const found: FunctionSize[] = [];
  walk(source.ast, (node) => {
    if (!ts.isFunctionLike(node) || !('body' in node) || node.body === undefined) return;
    if (source.isTest && isHeading(node)) return;
    const inner = source.isTest ? nestedLines(source, node) : 0;
    found.push({
      line: lineOf(source.ast, node.getStart()),
      lines: span(source, node) - inner,
      named: !ts.isArrowFunction(node) || ts.isVariableDeclaration(node.parent),
    });
  });
  return found;
}

function isHeading(node: ts.Node): boolean {
  return ts.isCallExpression(node.parent) && /^describe/.test(node.parent.expression.getText());
}

/** Lines of the outermost functions within a function. */
function nestedLines(source: SourceFile, outer: ts.Node): number {
  let lines = 0;
  const visit = (node: ts.Node): void => {
    if (ts.isFunctionLike(node)) lines += span(source, node) - 1;
    else ts.forEachChild(node, visit);
  };
  ts.forEachChild(outer, visit);
  return lines;
}

function span(source: SourceFile, node: ts.Node): number {
  return lineOf(source.ast, node.getEnd()) - lineOf(source.ast, node.getStart()) + 1;
}

function isWritten(source: SourceFile): boolean {
  return !source.path.endsWith('.gen.ts');
}

function lineCount(text: string): number {
  return text.split('\n').length - (text.endsWith('\n') ? 1 : 0);
}

function median(values: readonly number[]): number {
  const sorted = [...values].sort((one, other) => one - other);
  return sorted[Math.floor(sorted.length / 2)] ?? 0;
}
