import type { z } from 'zod';
import type { UpdatePolicy } from './field-meta.ts';
import type { Json } from './json.ts';

/** A schema's field as data: the one walk over zod that everything derived from schemas uses. */
export interface Field {
  /** Last name in the path; `*` for the items of a list or the values of a map. */
  name: string;
  /** Pattern of JSON pointers: `/disks/*\/sizeGiB`. */
  path: string;
  type: 'string' | 'int' | 'number' | 'boolean' | 'enum' | 'object' | 'list' | 'map' | 'union' | 'json';
  required: boolean;
  nullable: boolean;
  default: Json | undefined;
  description: string | undefined;
  /** For enums. */
  values: readonly string[];
  /** For objects: its fields. For lists and maps: one, named `*`. For unions: one per option. */
  children: readonly Field[];
  ref: string | undefined;
  /** Of a reference: what it names may go once the object has been Ready. */
  holdsUntilReady: boolean;
  secret: boolean;
  /** What is in it is about a person: it is sealed at rest as a whole. */
  personal: boolean;
  update: UpdatePolicy | undefined;
  group: string | undefined;
  widget: string | undefined;
  minimum: number | undefined;
  maximum: number | undefined;
}

interface Def {
  type: string;
  innerType?: Schema;
  /** Of a pipe. */
  out?: Schema;
  defaultValue?: unknown;
  shape?: Record<string, Schema>;
  element?: Schema;
  valueType?: Schema;
  options?: Schema[];
  entries?: Record<string, string>;
  values?: unknown[];
  format?: string;
  checks?: { _zod: { def: { check: string; value?: unknown } } }[];
}
type Schema = z.ZodType & { _zod: { def: Def } };

const TYPES: Record<string, Field['type']> = {
  string: 'string',
  number: 'number',
  int: 'int',
  boolean: 'boolean',
  enum: 'enum',
  literal: 'enum',
  object: 'object',
  array: 'list',
  record: 'map',
  union: 'union',
};

const walked = new WeakMap<z.ZodType, readonly Field[]>();

/** The fields of an object schema, in the order of writing. Walked once a schema. */
export function fieldsOf(schema: z.ZodType): readonly Field[] {
  const known = walked.get(schema) ?? fieldOf(schema as Schema, '', '').children;
  walked.set(schema, known);
  return known;
}

function fieldOf(schema: Schema, name: string, path: string): Field {
  const peeled = peel(schema);
  const { inner, meta } = peeled;
  const def = inner._zod.def;
  const integer = def.type === 'number' && ['safeint', 'int32', 'uint32'].includes(def.format ?? '');
  return {
    name,
    path,
    type: integer ? 'int' : (TYPES[def.type] ?? 'json'),
    required: peeled.required,
    nullable: peeled.nullable,
    default: peeled.default as Json | undefined,
    description: meta.description as string | undefined,
    values:
      def.type === 'enum'
        ? Object.values(def.entries ?? {})
        : def.type === 'literal'
          ? (def.values ?? []).map(String)
          : [],
    children: childrenOf(def, path),
    ref: meta.ref as string | undefined,
    holdsUntilReady: meta.holds === 'untilReady',
    secret: meta.secret === true,
    personal: meta.sensitivity === 'personal',
    update: meta.update as UpdatePolicy | undefined,
    group: meta.group as string | undefined,
    widget: meta.widget as string | undefined,
    minimum: bound(def, 'greater_than'),
    maximum: bound(def, 'less_than'),
  };
}

/** The limit that a check such as `.min(1)` set on a number. */
function bound(def: Def, check: 'greater_than' | 'less_than'): number | undefined {
  const limits = (def.checks ?? []).filter((c) => c._zod.def.check === check).map((c) => c._zod.def.value);
  const numbers = limits.filter((limit): limit is number => typeof limit === 'number');
  if (numbers.length === 0) return undefined;
  return check === 'greater_than' ? Math.max(...numbers) : Math.min(...numbers);
}

function childrenOf(def: Def, path: string): Field[] {
  if (def.shape) return Object.entries(def.shape).map(([key, child]) => fieldOf(child, key, `${path}/${key}`));
  if (def.element) return [fieldOf(def.element, '*', `${path}/*`)];
  if (def.valueType) return [fieldOf(def.valueType, '*', `${path}/*`)];
  return (def.options ?? []).map((option) => fieldOf(option, '', path));
}

/** Takes the wrappers off (optional, default, nullable, readonly), keeping what they say; outer metadata wins. */
function peel(schema: Schema) {
  let inner = schema;
  let required = true;
  let nullable = false;
  let fallback: unknown;
  let meta: Record<string, unknown> = {};
  for (let depth = 0; depth < 16; depth++) {
    meta = { ...inner.meta(), ...meta };
    const def = inner._zod.def;
    // What `preprocess` makes of a value is what the field holds.
    if (def.innerType === undefined && def.type !== 'pipe') break;
    if (def.type === 'optional') required = false;
    if (def.type === 'nullable') nullable = true;
    if (def.type === 'default' || def.type === 'prefault') {
      required = false;
      fallback = def.defaultValue;
    }
    inner = def.innerType ?? (def.out as Schema);
  }
  return { inner, required, nullable, default: fallback, meta };
}
