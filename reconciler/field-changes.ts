import { jsonEqual } from './equal.ts';
import type { Json } from './json.ts';
import type { FieldChange } from './plan.ts';
import { escapePointer } from './refs.ts';

/** What differs between two values, as JSON pointers below `path`. A field that is absent counts as null. Lists compare item by item. */
export function fieldChanges(from: Json | undefined, to: Json | undefined, path = ''): FieldChange[] {
  if (jsonEqual(from, to)) return [];
  if (isContainer(from) && isContainer(to) && Array.isArray(from) === Array.isArray(to)) {
    const before = from as Record<string, Json>;
    const after = to as Record<string, Json>;
    const keys = new Set([...Object.keys(before), ...Object.keys(after)]);
    return [...keys].flatMap((key) => fieldChanges(before[key], after[key], `${path}/${escapePointer(key)}`));
  }
  return [{ path, from: from ?? null, to: to ?? null }];
}

function isContainer(value: unknown): value is object {
  return typeof value === 'object' && value !== null;
}
