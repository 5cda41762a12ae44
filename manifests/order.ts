import { keyText, type ObjectKey } from '../reconciler/object.ts';
import { refsIn } from '../reconciler/refs.ts';
import type { Registry } from '../reconciler/registry.ts';
import type { Manifest } from './manifest.ts';
import { keyOfManifest } from './manifest-key.ts';

export interface Ordered<Item> {
  /** What others need comes first; otherwise as written. Members of cycles come last, as written. */
  ordered: Item[];
  /** Each as the path that leads back to its start: a, b, a. */
  cycles: ObjectKey[][];
}

type Kinds = Pick<Registry, 'kind'>;

/** Orders manifests so that everything stands after what it refers to and after its project. Reversed, it is the order of deletion. */
export function inOrder<Item extends { manifest: Manifest }>(items: readonly Item[], registry: Kinds): Ordered<Item> {
  const nodes = items.map((item) => ({ item, key: keyOfManifest(item.manifest) }));
  const index = new Map(nodes.map((node, i) => [keyText(node.key), i]));
  const needs = nodes.map(({ item }) => needed(item.manifest, registry).map((key) => index.get(keyText(key)) ?? -1));
  const state = new Array<'new' | 'open' | 'done'>(nodes.length).fill('new');
  const order: number[] = [];
  const cycles: number[][] = [];
  for (let start = 0; start < nodes.length; start++) visit(start);
  return {
    ordered: order.flatMap((i) => nodes[i]?.item ?? []),
    cycles: cycles.map((cycle) => cycle.flatMap((i) => nodes[i]?.key ?? [])),
  };

  /** Depth first, with a stack of its own: chains may be longer than the call stack. */
  function visit(start: number): void {
    if (state[start] !== 'new') return;
    const path = [{ node: start, next: 0 }];
    state[start] = 'open';
    for (let top = path.at(-1); top !== undefined; top = path.at(-1)) {
      const child = needs[top.node]?.[top.next++];
      if (child === undefined) {
        state[top.node] = 'done';
        order.push(top.node);
        path.pop();
      } else if (child >= 0 && state[child] === 'new') {
        state[child] = 'open';
        path.push({ node: child, next: 0 });
      } else if (child >= 0 && state[child] === 'open') {
        const from = path.findIndex((step) => step.node === child);
        cycles.push([...path.slice(from).map((step) => step.node), child]);
      }
    }
  }
}

/** Keys that a manifest refers to, its project included. */
export function needed(manifest: Manifest, registry: Kinds): ObjectKey[] {
  const kind = registry.kind(manifest.kind);
  if (!kind) return [];
  const own = manifest.metadata.project ?? null;
  const refs = refsIn(kind, manifest.spec).map((ref) => refKey({ kind: ref.kind, name: ref.name, own }, registry));
  return own === null || !registry.kind('Project') ? refs : [{ kind: 'Project', project: null, name: own }, ...refs];
}

function refKey(ref: { kind: string; name: string; own: string | null }, registry: Kinds): ObjectKey {
  const [first, second] = ref.name.split('/');
  const global = registry.kind(ref.kind)?.scope === 'global';
  const name = second ?? first ?? '';
  return { kind: ref.kind, project: global ? null : second === undefined ? ref.own : (first ?? null), name };
}
