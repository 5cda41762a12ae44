import { keyText, type ObjectKey } from '../object.ts';
import { refKindsOf, refsIn } from '../refs.ts';
import type { Registry } from '../registry.ts';
import type { Admitted } from './admit.ts';
import type { AdmissionIssue } from './manifest.ts';
import { referenceKey } from './references.ts';

interface Edge {
  to: string;
  path: string;
}

/**
 * Objects of one batch that refer to one another in a circle would wait for each other for ever: each circle is refused once, with
 * its whole way. A circle that an update closes through stored objects deadlocks nobody: those were ready before.
 */
export function cycleIssues(registry: Pick<Registry, 'kind'>, admitted: readonly Admitted[]): AdmissionIssue[] {
  const circular = circularKinds(registry, new Set(admitted.map(({ key }) => key.kind)));
  const byKey = new Map(admitted.filter(({ key }) => circular.has(key.kind)).map((one) => [keyText(one.key), one]));
  const edges = new Map([...byKey].map(([name, one]) => [name, edgesOf(registry, one, byKey)]));
  const done = new Set<string>();
  const issues: AdmissionIssue[] = [];
  for (const start of byKey.keys()) {
    const circle = circleFrom(start, edges, done);
    const first = circle && byKey.get(circle.names[0] as string);
    if (first) issues.push(issueOf(first, circle));
  }
  return issues;
}

/** Of these kinds the ones whose references can lead back to themselves: most batches have none, and then no object need be looked at. */
function circularKinds(registry: Pick<Registry, 'kind'>, kinds: ReadonlySet<string>): ReadonlySet<string> {
  const next = (name: string): string[] => {
    const kind = registry.kind(name);
    return kind ? [...refKindsOf(kind)].filter((ref) => kinds.has(ref)) : [];
  };
  const leadsBack = (start: string): boolean => {
    const reached = new Set(next(start));
    for (const name of reached) for (const ref of next(name)) reached.add(ref);
    return reached.has(start);
  };
  return new Set([...kinds].filter(leadsBack));
}

interface Circle {
  names: string[];
  path: string;
}

/** Depth first without recursion, so that a long chain of references costs no stack. Marks what it has finished. */
function circleFrom(start: string, edges: ReadonlyMap<string, readonly Edge[]>, done: Set<string>): Circle | null {
  const way: { name: string; next: number }[] = done.has(start) ? [] : [{ name: start, next: 0 }];
  const onWay = new Set(way.map(({ name }) => name));
  while (way.length > 0) {
    const at = way[way.length - 1] as { name: string; next: number };
    const edge = edges.get(at.name)?.[at.next++];
    if (!edge) {
      done.add(at.name);
      onWay.delete(at.name);
      way.pop();
    } else if (onWay.has(edge.to)) {
      const names = way.map(({ name }) => name).slice(way.findIndex(({ name }) => name === edge.to));
      for (const { name } of way) done.add(name);
      const first = edges.get(names[0] as string)?.find(({ to }) => to === (names[1] ?? names[0]));
      return { names, path: first?.path ?? edge.path };
    } else if (!done.has(edge.to)) {
      way.push({ name: edge.to, next: 0 });
      onWay.add(edge.to);
    }
  }
  return null;
}

function edgesOf(registry: Pick<Registry, 'kind'>, one: Admitted, batch: ReadonlyMap<string, Admitted>): Edge[] {
  const kind = registry.kind(one.key.kind);
  if (!kind) return [];
  return refsIn(kind, one.object.spec)
    .map((ref) => ({ to: keyText(referenceKey(registry, ref, one.key.project)), path: `/spec${ref.path}` }))
    .filter(({ to }) => batch.has(to));
}

function issueOf({ index, key }: { index: number; key: ObjectKey }, { names, path }: Circle): AdmissionIssue {
  const way = [...names, names[0]].join(' → ');
  return {
    index,
    key,
    path,
    code: 'Invalid',
    message: `refers to itself: ${way}. They would wait for each other; take one of the references out.`,
  };
}
