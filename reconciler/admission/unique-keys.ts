import { keyOf, type StoredObject } from '../object.ts';
import type { Principal } from '../principal.ts';
import type { Registry } from '../registry.ts';
import type { ObjectStore } from '../store.ts';
import type { Admitted } from './admit.ts';
import type { AdmissionIssue } from './manifest.ts';
import { sees } from './permissions.ts';

interface Wanted {
  one: Admitted;
  kind: string;
  key: string;
}

/**
 * What one object of a kind has for itself, such as a network's addresses, and another one wants: told before anything is written, in a plan,
 * too. The store's unique index has the last word, since others write at the same time.
 */
export async function uniqueKeyIssues(
  { registry, store }: { registry: Pick<Registry, 'kind'>; store: Pick<ObjectStore, 'uniqueHolders' | 'getByUid'> },
  admitted: readonly Admitted[],
  principal: Principal,
): Promise<AdmissionIssue[]> {
  const wanted = admitted.flatMap((one) =>
    one.change === 'unchanged' ? [] : one.uniqueKeys.map((key): Wanted => ({ one, kind: one.key.kind, key })),
  );
  if (wanted.length === 0) return [];
  const holders = await holdersOf(store, wanted, admitted);
  const told = new Set<Admitted>();
  return wanted.flatMap(({ one, key }, index): AdmissionIssue[] => {
    const holder = holders[index];
    if (holder === undefined || told.has(one)) return [];
    told.add(one);
    return [uniqueKeyIssue(registry, one, { key, holder: sees(principal, holder) ? holder : null })];
  });
}

/** `holder`: null when whoever asks may not know of it. */
export function uniqueKeyIssue(
  registry: Pick<Registry, 'kind'>,
  { index, key: { kind, project, name } }: Pick<Admitted, 'index' | 'key'>,
  { key, holder }: { key: string; holder: StoredObject | null },
): AdmissionIssue {
  const other = holder === null ? `another ${kind}` : named(holder, project);
  const message = `needs ${key} for itself, which ${other} has: choose another value.`;
  const path = `/spec${registry.kind(kind)?.uniqueField ?? ''}`;
  return { index, key: { kind, project, name }, path, code: 'Conflict', message };
}

/** For each wish, the other object that has it or, if nobody does who keeps it, that wants it first in the batch. */
async function holdersOf(
  store: Pick<ObjectStore, 'uniqueHolders' | 'getByUid'>,
  wanted: readonly Wanted[],
  admitted: readonly Admitted[],
): Promise<(StoredObject | undefined)[]> {
  const uids = await store.uniqueHolders(wanted.map(({ kind, key }) => ({ kind, key })));
  const batch = new Map(admitted.map((one) => [one.object.metadata.uid, one]));
  const outside = [...new Set(uids.filter((uid) => uid !== undefined && !batch.has(uid)))] as string[];
  const stored = new Map(
    (await store.getByUid(outside)).flatMap((object) => (object ? [[object.metadata.uid, object] as const] : [])),
  );
  const takers = new Map<string, StoredObject>();
  return wanted.map(({ one, kind, key }, index) => {
    const uid = uids[index] ?? '';
    const member = batch.get(uid);
    const keeper = member?.uniqueKeys.includes(key) ? member.object : stored.get(uid);
    const slot = `${kind}\n${key}`;
    const holder = keeper ?? takers.get(slot);
    if (holder === undefined) takers.set(slot, one.object);
    return holder === one.object ? undefined : holder;
  });
}

function named(holder: StoredObject, project: string | null): string {
  const key = keyOf(holder);
  return `${key.kind} "${key.name}"${key.project === project || key.project === null ? '' : ` in project "${key.project}"`}`;
}
