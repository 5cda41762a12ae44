import { type Document, isAlias, isMap, isNode, isPair, isScalar, isSeq, type Scalar, type YAMLMap } from 'yaml';

/** What a document is found to be before its aliases are expanded. */
export interface Examined {
  /** Keys that a map has already, with where each stands in the text; the first few. */
  repeated: readonly { key: string; offset: number }[];
  /** Nodes that expanding its merge keys would walk over, counted as often as that happens; Infinity where it would not end. */
  weight: number;
}

const REPEATED_MAX = 20;

interface Walk {
  repeated: { key: string; offset: number }[];
  /** The newest node of each anchor so far: what an alias means. */
  anchors: Map<string, object>;
  weights: Map<object, number>;
  /** Seen so far. */
  nodes: number;
}

/** One walk over the syntax tree. The parser compares every key with all others of its map, and copies what is merged each time anew. */
export function examine(document: Document): Examined {
  const walk: Walk = { repeated: [], anchors: new Map(), weights: new Map(), nodes: 0 };
  const weight = weigh(document.contents, walk);
  return { repeated: walk.repeated, weight };
}

function weigh(node: unknown, walk: Walk): number {
  walk.nodes++;
  if (!isNode(node) || isAlias(node)) return 1;
  if (node.anchor !== undefined) walk.anchors.set(node.anchor, node);
  const weight = isMap(node) ? ofMap(node, walk) : isSeq(node) ? sum(node.items, (item) => weigh(item, walk)) : 1;
  walk.weights.set(node, weight);
  return weight;
}

function ofMap(map: YAMLMap, walk: Walk): number {
  const keys = new Set<string>();
  return sum(map.items, ({ key, value }) => {
    if (isScalar(key)) note(key, { keys, walk });
    const merges = isScalar(key) && typeof key.value === 'symbol';
    return weigh(key, walk) + (merges ? ofSource(value, walk) : weigh(value, walk));
  });
}

function note(key: Scalar, { keys, walk }: { keys: Set<string>; walk: Walk }): void {
  if (typeof key.value === 'symbol') return;
  const text = String(key.value ?? '');
  if (keys.has(text) && walk.repeated.length < REPEATED_MAX)
    walk.repeated.push({ key: text, offset: key.range?.[0] ?? 0 });
  keys.add(text);
}

/** What is merged is walked over where it is merged. An anchor that is still open would be merged into itself. */
function ofSource(source: unknown, walk: Walk): number {
  if (isSeq(source)) return sum(source.items, (item) => ofSource(isPair(item) ? null : item, walk));
  if (!isAlias(source)) return weigh(source, walk);
  const target = walk.anchors.get(source.source);
  // The parser looks for the anchor in all that stands before.
  const search = walk.nodes++ / 100;
  return target === undefined ? search : search + (walk.weights.get(target) ?? Number.POSITIVE_INFINITY);
}

function sum<T>(items: readonly T[], weight: (item: T) => number): number {
  return items.reduce((total, item) => total + weight(item), 1);
}
