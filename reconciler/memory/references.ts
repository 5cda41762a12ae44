import type { JsonObject } from '../json.ts';
import { keyOf, keyText, type ObjectKey, type StoredObject } from '../object.ts';
import { refsIn, type SpecRef } from '../refs.ts';
import type { Registry } from '../registry.ts';
import type { RefLookup } from '../store.ts';

type Kinds = Pick<Registry, 'kind'>;

/** Everything an object refers to, as index keys: pinned uids, and the keys that its names mean. */
export function targetsOf(registry: Kinds, object: StoredObject): string[] {
  const named = specRefs(registry, object).flatMap((ref) =>
    keysMeant(registry, { kind: ref.kind, name: ref.name, project: object.metadata.project, pinnedUid: null }),
  );
  return [...new Set([...Object.values(object.status.refs), ...named.map(keyReferredTo)])];
}

/** Paths of the spec, or of what was allocated, by which an object refers to another, pinned or named. */
export function pathsTo(registry: Kinds, from: StoredObject, to: StoredObject): string[] {
  const target = keyText(keyOf(to));
  const { project } = from.metadata;
  const pins = Object.entries(from.status.refs).flatMap(([path, uid]) => (uid === to.metadata.uid ? [path] : []));
  const named = specRefs(registry, from).flatMap(({ path, kind, name }) =>
    keysMeant(registry, { kind, name, project, pinnedUid: null }).some((key) => keyText(key) === target) ? [path] : [],
  );
  return [...pins, ...named];
}

/** Uids never hold a blank, so that an index can hold uids and keys side by side. */
export function keyReferredTo(key: ObjectKey): string {
  return `key ${keyText(key)}`;
}

/** The keys that a reference as written can mean, best first. A kind has one scope; where it is not known both are possible. */
export function keysMeant(registry: Kinds, lookup: RefLookup): ObjectKey[] {
  const { kind } = lookup;
  const slash = lookup.name.indexOf('/');
  const name = lookup.name.slice(slash + 1);
  const project = slash === -1 ? lookup.project : lookup.name.slice(0, slash);
  const scope = registry.kind(kind)?.scope;
  const inProject = project === null ? [] : [{ kind, project, name }];
  const everywhere = slash === -1 ? [{ kind, project: null, name }] : [];
  if (scope === 'project') return inProject;
  return scope === 'global' ? everywhere : [...inProject, ...everywhere];
}

/** Specs are frozen and shared by all versions of an object that differ in status only. */
const walked = new WeakMap<JsonObject, readonly SpecRef[]>();

function specRefs(registry: Kinds, object: StoredObject): readonly SpecRef[] {
  const found = walked.get(object.spec);
  if (found) return found;
  const kind = registry.kind(object.kind);
  const refs = kind ? refsIn(kind, object.spec) : [];
  if (Object.isFrozen(object.spec)) walked.set(object.spec, refs);
  return refs;
}

/** Another project's object is found by name only if it is shared. */
export function isVisible(object: StoredObject, fromProject: string | null): boolean {
  const { project, sharing } = object.metadata;
  return project === null || project === fromProject || sharing === 'public';
}
