import type { UpdatePolicy } from '../field-meta.ts';
import { type Field, fieldsOf } from '../fields.ts';
import type { AnyKind } from '../kind.ts';

/** What a change at this pointer of the spec means for the thing outside: the policy of the field, or of the nearest one around it. */
export function updatePolicyAt(kind: AnyKind, path: string): UpdatePolicy | undefined {
  let policy: UpdatePolicy | undefined;
  let at: readonly Field[] = fieldsOf(kind.spec);
  for (const key of path.split('/').slice(1)) {
    const field = at.find((candidate) => candidate.name === key || candidate.name === '*') ?? inOptions(at, key);
    if (!field) return policy;
    policy = field.update ?? policy;
    at = field.children;
  }
  return policy;
}

/** Fields of a union's options lie one level down, under an option without a name. */
function inOptions(fields: readonly Field[], key: string): Field | undefined {
  return fields
    .filter((field) => field.name === '')
    .flatMap((option) => option.children)
    .find((field) => field.name === key);
}
