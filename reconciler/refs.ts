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

/** All references in a spec, in the order of the schema. */
export function refsIn(kind: AnyKind, spec: JsonObject): SpecRef[] {
  const refs: SpecRef[] = [];
  for (const mark of marked(kind).refs)
    walk(spec, { mark, depth: 0, path: '' }, (path, name) => {
      if (typeof name === 'string') refs.push({ path, kind: mark.field.ref as string, name });
    });
  return refs;
}

/** The kinds that a kind's spec may refer to. */
export function refKindsOf(kind: AnyKind): ReadonlySet<string> {
  return marked(kind).kinds;
}

/** The references of a kind whose targets may be deleted once an object of it has been Ready, as paths in its schema. */
export function passingRefsOf(kind: AnyKind): ReadonlySet<string> {
  return marked(kind).passing;
}

/** JSON pointers and values of all secret fields that are set in a spec. */
export function secretsIn(kind: AnyKind, spec: JsonObject): { path: string; value: Json }[] {
  const secrets: { path: string; value: Json }[] = [];
  for (const mark of marked(kind).secrets)
    walk(spec, { mark, depth: 0, path: '' }, (path, value) => secrets.push({ path, value }));
  return secrets;
}

/** JSON pointers and values of all personal fields that are set in a spec; a field that holds others is told as one. */
export function personalIn(kind: AnyKind, spec: JsonObject): { path: string; value: Json }[] {
  const { personal } = marked(kind);
  if (personal.length === 0) return NONE;
  const found: { path: string; value: Json }[] = [];
  for (const mark of personal) walk(spec, { mark, depth: 0, path: '' }, (path, value) => found.push({ path, value }));
  return found;
}

const NONE: { path: string; value: Json }[] = [];

export function hasPersonal(kind: AnyKind): boolean {
  return marked(kind).personal.length > 0;
}

/** True if the value at the pointer is personal, lies within what is, or holds some. */
export function touchesPersonal(kind: AnyKind, pointer: string): boolean {
  const { personal } = marked(kind);
  if (personal.length === 0) return false;
  const tokens = tokensOf(pointer);
  return personal.some(({ keys }) =>
    keys.every(({ key }, i) => i >= tokens.length || key === '*' || key === tokens[i]),
  );
}

/** A field that is looked for, with the way to it: this is done for every object again and again, so nothing is split or escaped twice. */
interface Mark {
  field: Field;
  keys: readonly { key: string; pointer: string }[];
}

interface Marked {
  refs: readonly Mark[];
  secrets: readonly Mark[];
  personal: readonly Mark[];
  kinds: ReadonlySet<string>;
  passing: ReadonlySet<string>;
}

const marks = new WeakMap<AnyKind, Marked>();

function marked(kind: AnyKind): Marked {
  let entry = marks.get(kind);
  if (!entry) {
    const fields = leaves(fieldsOf(kind.spec));
    entry = {
      refs: fields.filter((f) => f.ref).map(markOf),
      secrets: fields.filter((f) => f.secret).map(markOf),
      personal: outermost(fieldsOf(kind.spec)).map(markOf),
      kinds: new Set(fields.flatMap(({ ref }) => ref ?? [])),
      passing: new Set(fields.filter((f) => f.ref && f.holdsUntilReady).map(({ path }) => path)),
    };
    marks.set(kind, entry);
  }
  return entry;
}

function markOf(field: Field): Mark {
  const keys = field.path.split('/').slice(1);
  return { field, keys: keys.map((key) => ({ key, pointer: `/${escapePointer(key)}` })) };
}

function leaves(fields: readonly Field[]): Field[] {
  return fields.flatMap((field) => (field.children.length > 0 ? leaves(field.children) : [field]));
}

function outermost(fields: readonly Field[]): Field[] {
  return fields.flatMap((field) => (field.personal ? [field] : outermost(field.children)));
}

function walk(
  value: Json | undefined,
  { mark, depth, path }: { mark: Mark; depth: number; path: string },
  found: (path: string, value: Json) => void,
): void {
  if (value === undefined) return;
  const step = mark.keys[depth];
  if (step === undefined) {
    found(path, value);
    return;
  }
  if (value === null || typeof value !== 'object') return;
  if (step.key === '*') {
    for (const [key, item] of Object.entries(value))
      walk(item, { mark, depth: depth + 1, path: `${path}/${escapePointer(key)}` }, found);
  } else if (!Array.isArray(value)) {
    walk(value[step.key], { mark, depth: depth + 1, path: path + step.pointer }, found);
  }
}

/** RFC 6901 escaping of one key. */
export function escapePointer(key: string): string {
  return /[~/]/.test(key) ? key.replaceAll('~', '~0').replaceAll('/', '~1') : key;
}

/** The keys of a JSON pointer, unescaped. */
export function tokensOf(pointer: string): string[] {
  if (pointer === '') return [];
  return pointer
    .slice(1)
    .split('/')
    .map((token) => token.replaceAll('~1', '/').replaceAll('~0', '~'));
}
