import { Document, isScalar, visit } from 'yaml';
import type { Field } from '../reconciler/fields.ts';
import type { Json, JsonObject } from '../reconciler/json.ts';
import type { AnyKind } from '../reconciler/kind.ts';
import { API_VERSION, type Metadata, type StoredObject } from '../reconciler/object.ts';
import type { Manifest, ManifestMetadata } from './manifest.ts';
import { specFields } from './validate.ts';

type Written = Pick<StoredObject, 'kind' | 'spec'> & {
  apiVersion?: string;
  metadata: Pick<Metadata, 'name'> & Partial<Metadata>;
};

/**
 * The manifest that makes this object again: no status, nothing that the engine keeps, fields in the order of the schema. Secrets
 * are as the server shows them, `(sealed …)`, which says "leave it as it is" when it is applied again.
 */
export function manifestOf(object: Written, kind: AnyKind | undefined): Manifest {
  const spec = kind ? inSchemaOrder(object.spec, specFields(kind)) : object.spec;
  return {
    apiVersion: object.apiVersion ?? API_VERSION,
    kind: object.kind,
    metadata: writtenMetadata(object.metadata),
    spec: spec as JsonObject,
  };
}

function writtenMetadata(m: Written['metadata']): ManifestMetadata {
  return {
    name: m.name,
    ...(typeof m.project === 'string' && { project: m.project }),
    ...(isFilled(m.labels) && { labels: sorted(m.labels) }),
    ...(isFilled(m.annotations) && { annotations: sorted(m.annotations) }),
    ...(m.deleteProtection && { deleteProtection: true }),
    ...(m.sharing === 'public' && { sharing: m.sharing }),
    ...(typeof m.adopt === 'string' && { adopt: m.adopt }),
    ...(isFilled(m.custom) && { custom: m.custom }),
  };
}

function isFilled<T extends object>(map: T | undefined): map is T {
  return map !== undefined && map !== null && Object.keys(map).length > 0;
}

function sorted(map: Record<string, string>): Record<string, string> {
  return Object.fromEntries(Object.entries(map).sort(([a], [b]) => (a < b ? -1 : 1)));
}

/** Known fields as the schema lists them, unknown ones (kept for a newer server) after them. */
function inSchemaOrder(value: Json, fields: readonly Field[]): Json {
  if (Array.isArray(value)) return value.map((item) => inSchemaOrder(item, itemFields(fields)));
  if (value === null || typeof value !== 'object') return value;
  const known = fields.filter((field) => Object.hasOwn(value, field.name));
  const rest = Object.keys(value).filter((key) => !known.some((field) => field.name === key));
  const below = (key: string, children: readonly Field[]): [string, Json] => [
    key,
    inSchemaOrder(value[key] ?? null, children),
  ];
  return Object.fromEntries([
    ...known.map((field) => below(field.name, field.children)),
    ...rest.map((key) => below(key, itemFields(fields))),
  ]);
}

function itemFields(fields: readonly Field[]): readonly Field[] {
  return fields.find((field) => field.name === '*')?.children ?? [];
}

/** YAML of one or many values, documents parted by `---`. Stable: equal values give equal text. */
export function yamlText(values: readonly unknown[]): string {
  return values.map((value) => `${values.length > 1 ? '---\n' : ''}${oneDocument(value)}`).join('');
}

function oneDocument(value: unknown): string {
  const document = new Document(value, { version: '1.2', aliasDuplicateObjects: false });
  visit(document, {
    Scalar(_, node) {
      if (isScalar(node) && typeof node.value === 'string' && node.value.includes('\n')) node.type = 'BLOCK_LITERAL';
    },
  });
  return document.toString({ lineWidth: 0 });
}

/** JSON of one value, or of many as a List. */
export function jsonText(values: readonly unknown[]): string {
  const whole = values.length === 1 ? values[0] : { apiVersion: API_VERSION, kind: 'List', items: values };
  return `${JSON.stringify(whole, null, 2)}\n`;
}
