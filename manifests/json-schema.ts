import { z } from 'zod';
import type { JsonObject } from '../reconciler/json.ts';
import type { AnyKind } from '../reconciler/kind.ts';
import { API_VERSION } from '../reconciler/object.ts';
import type { Registry } from '../reconciler/registry.ts';

/** JSON Schemas for editors, as files: one a kind, and `all.json` for files that hold several kinds. */
export function schemaFiles(registry: Pick<Registry, 'kinds'>): { name: string; text: string }[] {
  const kinds = registry.kinds.map((kind) => ({ name: schemaFileName(kind.kind), schema: kindSchema(kind) }));
  return [...kinds, { name: 'all.json', schema: allSchema(registry.kinds) }].map(({ name, schema }) => ({
    name,
    text: `${JSON.stringify({ $schema: 'http://json-schema.org/draft-07/schema#', ...schema }, null, 2)}\n`,
  }));
}

/** `VirtualMachine` → `virtual-machine.json`. */
export function schemaFileName(kind: string): string {
  return `${kind.replaceAll(/(?<=[a-z0-9])(?=[A-Z])/g, '-').toLowerCase()}.json`;
}

/** Schema of a manifest of this kind. */
export function kindSchema(kind: AnyKind): JsonObject {
  const versions = [...(kind.versions ?? []).map((version) => version.apiVersion), API_VERSION];
  return {
    title: kind.kind,
    description: kind.description,
    type: 'object',
    additionalProperties: false,
    required: ['kind', 'metadata'],
    properties: {
      apiVersion: { enum: versions, default: API_VERSION },
      kind: { const: kind.kind },
      metadata: metadataSchema(kind),
      spec: specSchema(kind),
    },
  };
}

/** The schema language's own words; what our metadata adds beside them means nothing to an editor. */
const OURS = ['update', 'ref', 'secret', 'group', 'order', 'widget', 'sensitivity', 'id'];

function specSchema(kind: AnyKind): JsonObject {
  const { $schema: _, ...schema } = z.toJSONSchema(kind.spec, {
    target: 'draft-7',
    io: 'input',
    unrepresentable: 'any',
    reused: 'inline',
    override: ({ jsonSchema }) => {
      for (const key of OURS) delete (jsonSchema as Record<string, unknown>)[key];
      if (jsonSchema.type === 'object' && jsonSchema.properties) jsonSchema.additionalProperties = false;
    },
  });
  return schema as JsonObject;
}

function metadataSchema(kind: AnyKind): JsonObject {
  const name = { type: 'string', pattern: '^[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?$' };
  const texts = { type: 'object', additionalProperties: { type: 'string' } };
  const project = { project: { ...name, description: 'Project that it belongs to.' } };
  return {
    type: 'object',
    additionalProperties: false,
    required: ['name'],
    properties: {
      name: { ...name, description: 'Unique among objects of its kind and project.' },
      ...(kind.scope === 'project' ? project : {}),
      labels: { ...texts, description: 'Short texts to select by.' },
      annotations: { ...texts, description: 'Any texts.' },
      deleteProtection: { type: 'boolean', description: 'Refuse deletion while true.' },
      sharing: { enum: ['own', 'public'], description: 'Whether other projects may refer to it, as project/name.' },
      adopt: { type: ['string', 'null'], description: 'Id of a thing outside to take over instead of making one.' },
      custom: { type: 'object', description: 'Fields that the provider defines.' },
    },
  };
}

/** One schema for any manifest and for Lists: the kind decides which definition speaks. */
function allSchema(kinds: readonly AnyKind[]): JsonObject {
  const definitions = Object.fromEntries(kinds.map((kind) => [kind.kind, kindSchema(kind)]));
  const one = {
    type: 'object',
    required: ['kind'],
    properties: { kind: { enum: [...kinds.map((kind) => kind.kind), 'List'] } },
    allOf: [
      ...kinds.map((kind) => ({
        if: { properties: { kind: { const: kind.kind } } },
        // biome-ignore lint/suspicious/noThenProperty: a keyword of JSON Schema; nobody awaits this object.
        then: { $ref: `#/definitions/${kind.kind}` },
      })),
      {
        if: { properties: { kind: { const: 'List' } } },
        // biome-ignore lint/suspicious/noThenProperty: a keyword of JSON Schema; nobody awaits this object.
        then: {
          required: ['items'],
          properties: { items: { type: 'array', items: { $ref: '#/definitions/manifest' } } },
        },
      },
    ],
  };
  return { title: 'Steward manifest', $ref: '#/definitions/manifest', definitions: { ...definitions, manifest: one } };
}
