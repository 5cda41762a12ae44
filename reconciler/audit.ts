import { fieldChanges } from './field-changes.ts';
import type { Json, JsonObject } from './json.ts';
import type { StoredObject } from './object.ts';
import type { FieldChange } from './plan.ts';
import { secretsIn } from './refs.ts';
import type { Registry } from './registry.ts';

/**
 * Pure: what the audit row of a write says. Changes of the spec stand under their JSON pointers, those of metadata under
 * `metadata/…`. Secrets never show, only that they changed.
 */
export function auditOf(
  registry: Pick<Registry, 'kind'>,
  { old, stored }: { old: StoredObject | undefined; stored: StoredObject },
): { op: 'create' | 'update' | 'delete' | 'request' | 'override'; changes: FieldChange[] } {
  const spec = specChanges(registry, old, stored);
  if (!old) return { op: 'create', changes: spec };
  const metadata = AUDITED.flatMap((name) =>
    fieldChanges(old.metadata[name] as Json, stored.metadata[name] as Json, `metadata/${name}`),
  );
  const changes = [...spec, ...metadata];
  if (old.metadata.deletedAt === null && stored.metadata.deletedAt !== null) return { op: 'delete', changes };
  const only = (name: string) => changes.length > 0 && changes.every(({ path }) => path.startsWith(`metadata/${name}`));
  return { op: only('requests') ? 'request' : only('overrides') ? 'override' : 'update', changes };
}

const AUDITED = [
  'name',
  'project',
  'account',
  'labels',
  'annotations',
  'deletedAt',
  'deleteProtection',
  'sharing',
  'adopt',
  'requests',
  'overrides',
  'allowedRisk',
  'custom',
] as const;

function specChanges(
  registry: Pick<Registry, 'kind'>,
  old: StoredObject | undefined,
  stored: StoredObject,
): FieldChange[] {
  const kind = registry.kind(stored.kind);
  if (!kind) return fieldChanges(old?.spec ?? {}, stored.spec);
  const before = new Map(old ? secretsIn(kind, old.spec).map(({ path, value }) => [path, value]) : []);
  const after = new Map(secretsIn(kind, stored.spec).map(({ path, value }) => [path, value]));
  const mask = (path: string) => (fieldChanges(before.get(path), after.get(path)).length > 0 ? CHANGED : SECRET);
  return fieldChanges(
    masked(old?.spec ?? {}, { paths: before, mask: () => SECRET }),
    masked(stored.spec, { paths: after, mask }),
  );
}

const SECRET = '(secret)';
const CHANGED = '(secret, changed)';

/** The spec with every secret replaced, so that none can show even where a whole subtree appears or goes. */
function masked(
  spec: JsonObject,
  { paths, mask }: { paths: ReadonlyMap<string, Json>; mask: (path: string) => string },
): JsonObject {
  if (paths.size === 0) return spec;
  const copy = structuredClone(spec);
  for (const path of paths.keys()) {
    const names = path
      .split('/')
      .slice(1)
      .map((name) => name.replaceAll('~1', '/').replaceAll('~0', '~'));
    const last = names.pop();
    let holder: Record<string, Json> = copy;
    for (const name of names) holder = holder[name] as Record<string, Json>;
    if (last !== undefined && Object.hasOwn(holder, last)) holder[last] = mask(path);
  }
  return copy;
}
