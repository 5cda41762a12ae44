import {
  type Alias,
  type Document,
  isAlias,
  isMap,
  isNode,
  isPair,
  isScalar,
  isSeq,
  type Node,
  type Scalar,
  type YAMLMap,
} from 'yaml';

/** What a document is found to be before its aliases are expanded. */
export interface Examined {
  /** Keys that a map has already, keys that are no text, aliases of nothing, with where each stands in the text; the first few. */
  mistakes: readonly Mistake[];
  /** Nodes that expanding its merge keys would walk over, counted as often as that happens; Infinity where it would not end. */
  weight: number;
}

interface Mistake {
  offset: number;
  message: string;
}

const MISTAKES_MAX = 20;

interface Walk {
  mistakes: Mistake[];
  /** The newest node of each anchor so far: what an alias means. */
  anchors: Map<string, object>;
  weights: Map<object, number>;
  /** Seen so far. */
  nodes: number;
}

/** One walk over the syntax tree. The parser compares every key with all others of its map, and copies what is merged each time anew. */
export function examine(document: Document): Examined {
  const walk: Walk = { mistakes: [], anchors: new Map(), weights: new Map(), nodes: 0 };
  const weight = weigh(document.contents, walk);
  return { mistakes: walk.mistakes, weight };
}

function weigh(node: unknown, walk: Walk): number {
  walk.nodes++;
  if (!isNode(node)) return 1;
  if (isAlias(node)) {
    targetOf(node, walk);
    return 1;
  }
  if (node.anchor !== undefined) walk.anchors.set(node.anchor, node);
  const weight = isMap(node) ? ofMap(node, walk) : isSeq(node) ? sum(node.items, (item) => weigh(item, walk)) : 1;
  walk.weights.set(node, weight);
  return weight;
}

function ofMap(map: YAMLMap, walk: Walk): number {
  const keys = new Set<string>();
  return sum(map.items, ({ key, value }) => {
    if (isScalar(key)) note(key, { keys, walk });
    else if (isMap(key) || isSeq(key)) mistake(walk, key, NO_KEY);
    const merges = isScalar(key) && typeof key.value === 'symbol';
    return weigh(key, walk) + (merges ? ofSource(value, walk) : weigh(value, walk));
  });
}

function note(key: Scalar, { keys, walk }: { keys: Set<string>; walk: Walk }): void {
  if (typeof key.value === 'symbol') return;
  const text = String(key.value ?? '');
  if (keys.has(text)) mistake(walk, key, `the field "${text.slice(0, 80)}" is written twice; keep one`);
  keys.add(text);
}

function targetOf(alias: Alias, walk: Walk): object | undefined {
  const target = walk.anchors.get(alias.source);
  if (target === undefined) mistake(walk, alias, `*${alias.source.slice(0, 80)} ${NO_ANCHOR}`);
  return target;
}

const NO_ANCHOR =
  'stands for nothing: no anchor (&) of this name is before it in this document; quote it if it is text';
const NO_KEY =
  'a map or a list cannot be the name of a field; quote it if it is text, and fill in a {{ template }} before';

function mistake(walk: Walk, node: Node, message: string): void {
  if (walk.mistakes.length < MISTAKES_MAX) walk.mistakes.push({ offset: node.range?.[0] ?? 0, message });
}

/** What is merged is walked over where it is merged. An anchor that is still open would be merged into itself. */
function ofSource(source: unknown, walk: Walk): number {
  if (isSeq(source)) return sum(source.items, (item) => ofSource(isPair(item) ? null : item, walk));
  if (!isAlias(source)) return weigh(source, walk);
  const target = targetOf(source, walk);
  // The parser looks for the anchor in all that stands before.
  const search = walk.nodes++ / 100;
  return target === undefined ? search : search + (walk.weights.get(target) ?? Number.POSITIVE_INFINITY);
}

function sum<T>(items: readonly T[], weight: (item: T) => number): number {
  return items.reduce((total, item) => total + weight(item), 1);
}
