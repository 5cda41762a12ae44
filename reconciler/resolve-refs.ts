import { wasReady, whyNotReady } from './conditions.ts';
import { type Reason, reason } from './json.ts';
import type { AnyKind, Refs, ResolvedRef } from './kind.ts';
import type { StoredObject } from './object.ts';
import { refsIn } from './refs.ts';
import type { StoreSession } from './session.ts';
import type { RefLookup } from './store.ts';

/**
 * Resolves all references of an object's spec: the pinned uid first, then the name. A pin holds only while the spec still names that
 * object: a person who writes another name, or takes an item out of a list, means another one.
 */
export async function resolveRefs<Ports>(
  store: StoreSession,
  kind: AnyKind<Ports>,
  object: StoredObject,
): Promise<ResolvedRef[]> {
  const written = refsIn(kind as AnyKind, object.spec);
  const pins = object.status.refs;
  const lookups = written.map(({ path, kind, name }) => ({
    kind,
    name,
    project: object.metadata.project,
    pinnedUid: pins[path] ?? null,
  }));
  const objects = await renamed(store, lookups, await store.resolve(lookups));
  return written.map((ref, index) => {
    const found = objects[index];
    const pin = pins[ref.path];
    return { ...ref, object: found, changed: pin !== undefined && found !== undefined && found.metadata.uid !== pin };
  });
}

async function renamed(
  store: StoreSession,
  lookups: readonly RefLookup[],
  objects: readonly (StoredObject | undefined)[],
): Promise<(StoredObject | undefined)[]> {
  const stale = lookups.flatMap(({ name }, index) => {
    const found = objects[index];
    return found && found.metadata.name !== name && !name.endsWith(`/${found.metadata.name}`) ? [index] : [];
  });
  if (stale.length === 0) return [...objects];
  const again = await store.resolve(stale.map((index) => ({ ...(lookups[index] as RefLookup), pinnedUid: null })));
  return objects.map((object, index) => (stale.includes(index) ? again[stale.indexOf(index)] : object));
}

export function refsView(resolved: readonly ResolvedRef[]): Refs {
  return new RefsView(resolved);
}

class RefsView implements Refs {
  readonly #resolved: readonly ResolvedRef[];
  #byPath: Map<string, StoredObject | undefined> | null = null;

  constructor(resolved: readonly ResolvedRef[]) {
    this.#resolved = resolved;
  }

  at(path: string): StoredObject | undefined {
    this.#byPath ??= new Map(this.#resolved.map((ref) => [ref.path, ref.object]));
    return this.#byPath.get(path);
  }

  all(): readonly ResolvedRef[] {
    return this.#resolved;
  }
}

/** Uids to pin in `status.refs`; a reference that is missing now keeps its old pin. */
export function pinsOf(
  resolved: readonly ResolvedRef[],
  previous: Readonly<Record<string, string>>,
): Record<string, string> {
  const pins: Record<string, string> = {};
  for (const { path, object } of resolved) {
    const uid = object?.metadata.uid ?? previous[path];
    if (uid !== undefined) pins[path] = uid;
  }
  return pins;
}

/**
 * Why a first creation must wait for what it refers to, or null. What is being deleted and goes as soon as this one is Ready (`passing`, paths)
 * is waited for by nobody: each would wait for the other.
 */
export function refBlocker(resolved: readonly ResolvedRef[], passing: ReadonlySet<string>): Reason | null {
  for (const { path, kind, name, object } of resolved) {
    if (!object) return reason('RefMissing', { kind, name, path });
    if (object.metadata.deletedAt !== null && passing.has(path)) continue;
    if (object.metadata.deletedAt !== null) return reason('RefDeleting', { kind, name, path });
    if (!wasReady(object)) return reason('RefNotReady', { kind, name, path, why: whyNotReady(object) });
  }
  return null;
}
