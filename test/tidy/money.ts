import ts from 'typescript';
import { type Finding, lineOf, type SourceFile, type Tree, walk } from './tree.ts';

/** Money is whole minor units (bigint) or an exact rational. A binary fraction of it is a wrong cent that waits. */
export function money(tree: Tree): Finding[] {
  return tree.sources
    .filter(({ path, isTest }) => !isTest && BOOKS.test(path))
    .flatMap((source) => [...floats(source), ...roundings(source)]);
}

/** Not the gateways' adapters: what they send has the types of others. */
const BOOKS = /^(billing|integrations\/documents|resources\/commerce|graphql\/books)\//;

/** The last word of a name says what it holds: `dueDays` are days, `taxDue` is money. */
const WORDS =
  /(^|[a-z])(amount|price|total|subtotal|due|owed|paid|balance|tax|net|gross|minor|credits?|discount|fee|charge|cost|spend|spent|money)$/i;

function floats(source: SourceFile): Finding[] {
  return collect(source, (node) => {
    const isDeclaration =
      ts.isPropertySignature(node) ||
      ts.isPropertyDeclaration(node) ||
      ts.isParameter(node) ||
      ts.isVariableDeclaration(node);
    if (!isDeclaration || node.type?.kind !== ts.SyntaxKind.NumberKeyword) return undefined;
    const name = node.name.getText();
    return WORDS.test(name) ? `${name} is money as a number: make it a bigint of minor units, or exact` : undefined;
  });
}

const ROUNDINGS = new Set(['Math.round', 'Math.trunc', 'parseFloat', 'Number.parseFloat']);

function roundings(source: SourceFile): Finding[] {
  return collect(source, (node) => {
    if (!ts.isCallExpression(node)) return undefined;
    const name = node.expression.getText();
    const isFixed = ts.isPropertyAccessExpression(node.expression) && node.expression.name.text === 'toFixed';
    return ROUNDINGS.has(name) || isFixed ? `${name} in the books: round once, with divideRounded` : undefined;
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
