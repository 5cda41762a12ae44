import type { Field } from '../fields.ts';
import type { Json, JsonObject } from '../json.ts';
import { tokensOf } from '../refs.ts';

/** The fields that a pointer in a spec can mean: several where a union has several options, none where it is unknown or free JSON. */
export function fieldsAt(fields: readonly Field[], pointer: string): readonly Field[] {
  let current: readonly Field[] = fields;
  let found: readonly Field[] = [];
  for (const token of tokensOf(pointer)) {
    found = current.filter((field) => field.name === token || field.name === '*');
    current = found.flatMap((field) => childrenBehindUnions(field));
  }
  return found;
}

/** A field's children, those of a union's options included. */
export function childrenBehindUnions(field: Field): readonly Field[] {
  if (field.type !== 'union') return field.children;
  return field.children.flatMap((option) => childrenBehindUnions(option));
}

/** True if the value at the pointer is, lies within, or contains a secret: then no error may show it. */
export function touchesSecret(fields: readonly Field[], pointer: string): boolean {
  const tokens = tokensOf(pointer);
  const within = tokens.some((_, i) => fieldsAt(fields, `/${tokens.slice(0, i + 1).join('/')}`).some((f) => f.secret));
  return within || fieldsAt(fields, pointer).some(containsSecret);
}

function containsSecret(field: Field): boolean {
  return field.secret || field.children.some(containsSecret);
}

/** The value at a JSON pointer, or undefined. */
export function valueAt(root: Json | undefined, pointer: string): Json | undefined {
  let value = root;
  for (const token of tokensOf(pointer)) {
    if (value === null || value === undefined || typeof value !== 'object') return undefined;
    value = (value as JsonObject)[token];
  }
  return value;
}
