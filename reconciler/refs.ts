import { type Field, fieldsOf } from './fields.ts';
import type { Json, JsonObject } from './json.ts';
import type { AnyKind } from './kind.ts';

/** One reference found in a spec. */
export interface SpecRef {
  /** JSON pointer: `/disks/0/volume`. */
  path: string;
  kind: string;
  /** As written: `name` or `project/name`. */
  name: string;
}

const withMark = new WeakMap<AnyKind, { refs: readonly Field[]; secrets: readonly Field[] }>();

/** All references in a spec, in the order of the schema. */
export function refsIn(kind: AnyKind, spec: JsonObject): SpecRef[] {
  return found(marked(kind).refs, spec).map(({ path, field, value }) => ({
    path,
    kind: field.ref as string,
    name: value,
  }));
}

/** JSON pointers and values of all secret fields that are set in a spec. */
export function secretsIn(kind: AnyKind, spec: JsonObject): { path: string; value: Json }[] {
  return walkAll(marked(kind).secrets, spec).map(({ path, value }) => ({ path, value }));
}

function marked(kind: AnyKind) {
  let entry = withMark.get(kind);
  if (!entry) {
    const fields = leaves(fieldsOf(kind.spec));
    entry = { refs: fields.filter((f) => f.ref), secrets: fields.filter((f) => f.secret) };
    withMark.set(kind, entry);
  }
  return entry;
}

function leaves(fields: readonly Field[]): Field[] {
  return fields.flatMap((field) => (field.children.length > 0 ? leaves(field.children) : [field]));
}

function found(fields: readonly Field[], spec: JsonObject) {
  return walkAll(fields, spec).filter(
    (hit): hit is { path: string; field: Field; value: string } => typeof hit.value === 'string',
  );
}

function walkAll(fields: readonly Field[], spec: JsonObject) {
  return fields.flatMap((field) => walk(spec, field.path.split('/').slice(1), '').map((hit) => ({ ...hit, field })));
}

function walk(value: Json | undefined, pattern: readonly string[], path: string): { path: string; value: Json }[] {
  if (value === undefined) return [];
  const [head, ...rest] = pattern;
  if (head === undefined) return [{ path, value }];
  if (head === '*') {
    if (value === null || typeof value !== 'object') return [];
    return Object.entries(value).flatMap(([key, item]) => walk(item, rest, `${path}/${escapePointer(key)}`));
  }
  if (value === null || typeof value !== 'object' || Array.isArray(value)) return [];
  return walk(value[head], rest, `${path}/${escapePointer(head)}`);
}

/** RFC 6901 escaping of one key. */
export function escapePointer(key: string): string {
  return key.replaceAll('~', '~0').replaceAll('/', '~1');
}

/** The keys of a JSON pointer, unescaped. */
export function tokensOf(pointer: string): string[] {
  if (pointer === '') return [];
  return pointer
    .slice(1)
    .split('/')
    .map((token) => token.replaceAll('~1', '/').replaceAll('~0', '~'));
}
