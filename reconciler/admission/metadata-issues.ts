import { jsonEqual } from '../equal.ts';
import type { Json } from '../json.ts';
import type { ObjectKey, StoredObject } from '../object.ts';
import type { Registry } from '../registry.ts';
import { checkMetadata } from './check-metadata.ts';
import { type Finding, shown } from './finding.ts';
import type { AdmissionIssue, ManifestInput } from './manifest.ts';
import { valueAt } from './ownership.ts';

/** Metadata is held to one rule, however it comes in: by a file, by apply, by a typed mutation or in a plan. What stands already may stay. */
export function metadataIssues(
  registry: Pick<Registry, 'kind'>,
  manifests: readonly ManifestInput[],
  { keys, found }: { keys: readonly ObjectKey[]; found: readonly (StoredObject | undefined)[] },
): AdmissionIssue[] {
  return manifests.flatMap(({ kind, metadata }, index) => {
    const key = keys[index] as ObjectKey;
    const wished = { metadata } as unknown as Json;
    return checkMetadata(metadata as unknown as Json, registry.kind(kind))
      .filter(({ path }) => !stands(path, { wished, before: found[index] }))
      .map((finding) => ({
        index,
        key,
        path: finding.path,
        code: 'Invalid' as const,
        message: messageOf(finding, wished),
      }));
  });
}

function stands(path: string, { wished, before }: { wished: Json; before: StoredObject | undefined }): boolean {
  if (before === undefined) return false;
  const [value, known] = [valueAt(wished, path), valueAt({ metadata: before.metadata } as unknown as Json, path)];
  return known !== undefined && value !== undefined && jsonEqual(value, known);
}

function messageOf({ path, message }: Finding, wished: Json): string {
  return message.replaceAll('{source}', () => shown(valueAt(wished, path)));
}
