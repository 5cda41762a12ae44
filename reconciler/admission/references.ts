import { targetOf } from '../access/access.ts';
import { keyText, type ObjectKey, type StoredObject } from '../object.ts';
import { authorize, type Principal } from '../principal.ts';
import { refsIn, type SpecRef } from '../refs.ts';
import type { Registry } from '../registry.ts';
import type { ObjectStore } from '../store.ts';
import type { Admitted } from './admit.ts';
import type { AdmissionIssue } from './manifest.ts';

/** The key that a reference means, seen from an object in `project`. */
export function referenceKey(
  registry: Pick<Registry, 'kind'>,
  ref: Pick<SpecRef, 'kind' | 'name'>,
  project: string | null,
): ObjectKey {
  if (registry.kind(ref.kind)?.scope === 'global') return { kind: ref.kind, project: null, name: ref.name };
  const [first, second] = ref.name.split('/');
  return second === undefined
    ? { kind: ref.kind, project, name: ref.name }
    : { kind: ref.kind, project: first as string, name: second };
}

/** Every reference, and every project, must exist in the store or in the same batch; another project's must be shared. */
export async function referenceIssues(
  { registry, store }: { registry: Registry; store: Pick<ObjectStore, 'getByKey'> },
  admitted: readonly Admitted[],
  /** Keys of the whole batch: a reference to a manifest that is itself refused is not missing. */
  { batch, principal }: { batch: readonly ObjectKey[]; principal: Principal },
): Promise<AdmissionIssue[]> {
  const named = new Set(batch.map(keyText));
  const inBatch = new Map(admitted.map((one) => [keyText(one.key), one.object]));
  const wanted = admitted.flatMap((one) => wantedBy(registry, one));
  const elsewhere = new Map(wanted.flatMap(({ key, text }) => (named.has(text) ? [] : [[text, key] as const])));
  const found = await store.getByKey([...elsewhere.values()]);
  const stored = new Map([...elsewhere.keys()].map((text, index) => [text, found[index]]));
  return wanted.flatMap(({ one, key, text, path }) => {
    const isNew = inBatch.has(text);
    if (named.has(text) && !isNew) return [];
    const target = inBatch.get(text) ?? stored.get(text);
    const usable = target && (path === '/metadata/project' || mayUse(principal, target, isNew)) ? target : undefined;
    const why = unusable(usable, one.key.project, key);
    return why === null ? [] : [{ index: one.index, key: one.key, path, code: 'RefMissing' as const, message: why }];
  });
}

/** What the principal may not use is to it as if it did not exist. */
function mayUse(principal: Principal, target: StoredObject, isNew: boolean): boolean {
  return isNew || authorize(principal, 'use', targetOf(target));
}

interface Wanted {
  one: Admitted;
  key: ObjectKey;
  text: string;
  path: string;
}

function wantedBy(registry: Registry, one: Admitted): Wanted[] {
  const kind = registry.kind(one.key.kind);
  if (!kind || one.change === 'unchanged') return [];
  const { project } = one.key;
  const refs = refsIn(kind, one.object.spec).map((ref) => {
    const key = referenceKey(registry, ref, project);
    return { one, key, text: keyText(key), path: `/spec${ref.path}` };
  });
  if (project === null) return refs;
  const key = { kind: 'Project', project: null, name: project };
  return [...refs, { one, key, text: keyText(key), path: '/metadata/project' }];
}

function unusable(target: StoredObject | undefined, project: string | null, key: ObjectKey): string | null {
  const elsewhere = key.project !== null && key.project !== project;
  if (!target || (elsewhere && target.metadata.sharing !== 'public')) {
    const hint = elsewhere ? ' or is not shared with other projects' : '';
    return `${key.kind} "${key.name}"${key.project === null ? '' : ` in project "${key.project}"`} does not exist${hint}. Create it first, apply it together with this, or correct the name.`;
  }
  if (target.metadata.deletedAt !== null) return `${keyText(key)} is being deleted.`;
  return null;
}
