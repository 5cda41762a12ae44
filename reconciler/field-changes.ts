import type { Json } from './json.ts';
import type { FieldChange } from './plan.ts';
import { escapePointer } from './refs.ts';

/** What differs between two values, as JSON pointers below `path`. A field that is absent counts as null. Lists compare item by item. */
export function fieldChanges(from: Json | undefined, to: Json | undefined, path = ''): FieldChange[] {
  if (equalJson(from, to)) return [];
  if (isContainer(from) && isContainer(to) && Array.isArray(from) === Array.isArray(to)) {
    const before = from as Record<string, Json>;
    const after = to as Record<string, Json>;
    const keys = new Set([...Object.keys(before), ...Object.keys(after)]);
    return [...keys].flatMap((key) => fieldChanges(before[key], after[key], `${path}/${escapePointer(key)}`));
  }
  return [{ path, from: from ?? null, to: to ?? null }];
}

/** Deep equality of JSON; key order does not count, and a key that is undefined is as absent. */
export function equalJson(a: unknown, b: unknown): boolean {
  if (a === b) return true;
  if (!isContainer(a) || !isContainer(b) || Array.isArray(a) !== Array.isArray(b)) return false;
  if (Array.isArray(a) && Array.isArray(b)) {
    return a.length === b.length && a.every((item, index) => equalJson(item, b[index]));
  }
  const left = a as Record<string, unknown>;
  const right = b as Record<string, unknown>;
  return (
    Object.keys(left).every((key) => equalJson(left[key], right[key])) &&
    Object.keys(right).every((key) => right[key] === undefined || left[key] !== undefined)
  );
}

function isContainer(value: unknown): value is object {
  return typeof value === 'object' && value !== null;
}
