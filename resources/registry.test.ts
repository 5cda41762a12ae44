import { readdirSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from '@jest/globals';
import { NAME } from '../reconciler/field-meta.ts';
import { type Field, fieldsOf } from '../reconciler/fields.ts';
import type { JsonObject } from '../reconciler/json.ts';
import type { AnyKind } from '../reconciler/kind.ts';
import { ENGINE_MESSAGES, render } from '../reconciler/messages.ts';
import { API_VERSION, emptyStatus, type StoredObject } from '../reconciler/object.ts';
import { KINDS, REGISTRY } from './registry.ts';

const HERE = dirname(fileURLToPath(import.meta.url));
const kebab = (name: string) => name.replace(/(?<=[a-z])(?=[A-Z])/g, '-').toLowerCase();
const example = (kind: AnyKind) => kind.example as { metadata: JsonObject; spec: JsonObject } & JsonObject;

function leaves(fields: readonly Field[]): Field[] {
  return fields.flatMap((field) => (field.children.length > 0 ? [field, ...leaves(field.children)] : [field]));
}

/** Reason codes that the files of a kind's folder name. */
function codesOf(kind: AnyKind): string[] {
  const folder = join(HERE, kind.group, kebab(kind.kind));
  const files = readdirSync(folder).filter((file) => file.endsWith('.ts') && !file.endsWith('.test.ts'));
  const text = files.map((file) => readFileSync(join(folder, file), 'utf8')).join('\n');
  const firstArguments = [...text.matchAll(/\breason\(([^,()]*)/g)].map(([, argument]) => argument as string);
  return [
    ...new Set(
      firstArguments.flatMap((argument) => [...argument.matchAll(/'(\w+)'/g)].map(([, code]) => code as string)),
    ),
  ];
}

describe.each(KINDS.map((kind) => [kind.kind, kind as AnyKind] as const))('%s', (_name, kind) => {
  it('is found by every way of writing it', () => {
    for (const spelling of [kind.kind.toLowerCase(), kind.plural.toUpperCase(), ...kind.shortNames]) {
      expect(REGISTRY.find(spelling)?.kind).toBe(kind.kind);
    }
  });

  it('has an example that passes at the door', () => {
    const { metadata, spec, ...rest } = example(kind);
    expect(rest).toEqual({ apiVersion: API_VERSION, kind: kind.kind });
    expect(metadata.name).toMatch(NAME);
    const parsed = kind.spec.strict().safeParse(spec);
    expect(parsed.error?.issues ?? []).toEqual([]);
    expect(kind.check?.({ spec: parsed.data as JsonObject, old: null, now: 0 }) ?? []).toEqual([]);
  });

  it('describes every field of its spec', () => {
    const silent = leaves(fieldsOf(kind.spec)).filter(({ description, name }) => !description && name !== '*');
    expect(silent.map(({ path }) => path)).toEqual([]);
  });

  it('has a sentence for every reason that it gives', () => {
    const known = { ...ENGINE_MESSAGES, ...kind.messages };
    expect(codesOf(kind).filter((code) => known[code] === undefined)).toEqual([]);
  });

  it('shows its columns of an object that nobody has looked at yet', () => {
    const { metadata, spec } = example(kind);
    const parsed = kind.spec.parse(spec) as JsonObject;
    const object = { kind: kind.kind, metadata, spec: parsed, status: emptyStatus() } as unknown as StoredObject;
    for (const column of kind.columns) {
      expect(['string', 'number', 'undefined']).toContain(typeof column.value(object));
      expect(column.header).toBe(column.header.toUpperCase());
    }
  });
});

describe('messages', () => {
  it('are filled in from the parameters', () => {
    const reason = { code: 'PoolFull', params: { pool: 'main', freeGiB: 3, neededGiB: 20 } };
    expect(render(REGISTRY, 'Volume', reason)).toBe('Pool main has 3 GiB left to promise, 20 are needed.');
  });
});
