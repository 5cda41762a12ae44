import { type Document, isAlias, isMap, isNode, isScalar, isSeq, LineCounter, type Node, parseDocument } from 'yaml';
import { tokensOf } from '../reconciler/refs.ts';
import type { Located, Pointer } from './manifest.ts';
import { PARSE_OPTIONS } from './yaml-options.ts';

/** Where in a file; both from 1. */
export interface Position {
  line: number;
  column: number;
}

/**
 * Finds fields in a document's text. Parsing is repeated here on purpose: only documents with errors are ever asked, and keeping
 * the syntax trees of ten thousand good ones would cost more memory than everything else together.
 */
export function locateIn(input: { text: string; firstLine: number; pointers: readonly Pointer[] }): Located[] {
  const { document, lines } = parsed(input.text);
  return input.pointers.map((pointer) => {
    const { node, source } = nodeAt(document, pointer);
    const at = lines.linePos(node?.range?.[0] ?? firstContent(input.text));
    return { line: at.line + input.firstLine - 1, column: Math.max(at.col, 1), source };
  });
}

let last: { text: string; document: Document; lines: LineCounter } | undefined;

/** Remembers one document, because the many errors of a long List are asked for one after the other. */
function parsed(text: string) {
  if (last?.text !== text) {
    const lines = new LineCounter();
    last = { text, lines, document: parseDocument(text, { ...PARSE_OPTIONS, lineCounter: lines }) };
  }
  return last;
}

function firstContent(text: string): number {
  const found = /^(?!---|#|\s*$).*\S/m.exec(text);
  return found?.index ?? 0;
}

function nodeAt(document: Document, pointer: Pointer): { node: Node | null; source: string | null } {
  let value: Node | null = isNode(document.contents) ? document.contents : null;
  let key: Node | null = value;
  for (const token of tokensOf(pointer.path)) {
    const next = step(document, value, token);
    if (!next) return { node: key, source: null };
    key = next.key ?? next.value ?? key;
    value = next.value;
  }
  const node = pointer.atKey ? key : (value ?? key);
  return { node, source: isScalar(value) ? (value.source ?? null) : null };
}

function step(document: Document, parent: Node | null, token: string): { key: Node | null; value: Node | null } | null {
  const node = isAlias(parent) ? (parent.resolve(document) ?? null) : parent;
  if (isSeq(node)) {
    const item = node.items[Number(token)];
    return isNode(item) ? { key: item, value: item } : null;
  }
  if (!isMap(node)) return null;
  const pair = node.items.find((p) => (isScalar(p.key) ? String(p.key.value) : String(p.key)) === token);
  if (!pair) return null;
  return { key: isNode(pair.key) ? pair.key : null, value: isNode(pair.value) ? pair.value : null };
}
