import { keyText, type ObjectKey, type StoredObject } from '../object.ts';
import { refsIn } from '../refs.ts';
import type { Registry } from '../registry.ts';
import type { ObjectStore } from '../store.ts';
import type { Admitted } from './admit.ts';

/** The objects with what they count for in quotas, by their spec and the offerings that it names. */
export async function withAmounts(
  { registry, store }: { registry: Registry; store: Pick<ObjectStore, 'getByKey'> },
  admitted: readonly Admitted[],
): Promise<Admitted[]> {
  const counted = admitted.filter(({ key, change }) => change !== 'unchanged' && registry.kind(key.kind)?.amounts);
  if (counted.length === 0) return [...admitted];
  const named = new Map(
    counted.flatMap((one) => offeringsOf(registry, one).map((key) => [keyText(key), key] as const)),
  );
  const stored = named.size > 0 ? await store.getByKey([...named.values()]) : [];
  const known = new Map<string, StoredObject | undefined>(
    [...named.keys()].map((text, index) => [text, stored[index]]),
  );
  for (const { key, object } of admitted) if (known.has(keyText(key))) known.set(keyText(key), object);
  const find = (kind: string, name: string | undefined) =>
    name === undefined ? undefined : known.get(keyText({ kind, project: null, name }));
  return admitted.map((one) => {
    const amounts = one.change === 'unchanged' ? undefined : registry.kind(one.key.kind)?.amounts;
    if (!amounts) return one;
    const { object } = one;
    const metadata = { ...object.metadata, amounts: amounts({ spec: object.spec, named: find }) };
    return { ...one, object: { ...object, metadata } };
  });
}

function offeringsOf(registry: Registry, { key, object }: Admitted): ObjectKey[] {
  const kind = registry.kind(key.kind);
  if (!kind) return [];
  return refsIn(kind, object.spec)
    .filter((ref) => registry.kind(ref.kind)?.scope === 'global')
    .map(({ kind: target, name }) => ({ kind: target, project: null, name }));
}
