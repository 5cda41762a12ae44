import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from '@jest/globals';
import { parse } from 'yaml';
import type { ManifestContext } from '../../billing/wish/catalog.ts';
import { type Fault, Reader } from '../../billing/wish/reader.ts';
import { isWishKind, readWish, type Wish } from '../../billing/wish/wish.ts';
import { unknownFields } from '../../reconciler/admission/unknown-fields.ts';
import { fieldsOf } from '../../reconciler/fields.ts';
import type { JsonObject } from '../../reconciler/json.ts';
import { REGISTRY } from '../registry.ts';

const FOLDER = join(import.meta.dirname, '../../billing/scenarios');

interface Written {
  kind: string;
  name: string;
  spec?: JsonObject;
}

/** Every manifest that a scenario applies, with the zone and currency that it is read in. */
const written = readdirSync(FOLDER)
  .filter((name) => name.endsWith('.yaml'))
  .flatMap((file) => {
    const scenario = parse(readFileSync(join(FOLDER, file), 'utf8')) as {
      timezone?: string;
      currency?: string;
      policy?: JsonObject;
      steps: { apply?: Written[] }[];
    };
    const context = { zone: scenario.timezone ?? 'UTC', currency: scenario.currency ?? 'USD', at: 0 };
    const { anchor: _ofTheAccount, ...policy } = scenario.policy ?? {};
    const manifests = scenario.steps.flatMap(({ apply }) => apply ?? []).filter(({ kind }) => isWishKind(kind));
    return [...manifests, { kind: 'BillingPolicy', name: 'policy', spec: policy }].map((manifest) => ({
      file,
      manifest,
      context,
    }));
  });

describe('what scenarios apply', () => {
  it('is many manifests, of all but one of the kinds that the books are made of', () => {
    expect(written.length).toBeGreaterThan(300);
    expect(new Set(written.map(({ manifest }) => manifest.kind)).size).toBe(10);
  });

  it('passes at the door of the kinds, without a field that they do not know', () => {
    const refused = written.flatMap(({ file, manifest }) => {
      const { issues } = admitted(manifest);
      return issues.length > 0 ? [{ file, name: manifest.name, issues }] : [];
    });
    expect(refused).toEqual([]);
  });

  it('means the same to the books with the defaults of the kinds as without', () => {
    const differing = written.filter(({ manifest, context }) => {
      const bare = read(manifest.kind, { name: manifest.name, spec: manifest.spec ?? {} }, context);
      const filled = read(manifest.kind, { name: manifest.name, spec: admitted(manifest).spec }, context);
      return text(bare) !== text(filled);
    });
    expect(differing).toEqual([]);
  });
});

describe('defaults', () => {
  it.each(REGISTRY.kinds.filter(({ kind }) => isWishKind(kind)).map(({ kind }) => kind))(
    'of a %s are those of the books',
    (kind) => {
      const example = REGISTRY.kind(kind)?.example as { spec: JsonObject };
      const context = { zone: 'UTC', currency: 'EUR', at: 0 };
      const filled = admitted({ kind, name: 'x', spec: example.spec }).spec;
      expect(text(read(kind, { name: 'x', spec: example.spec }, context))).toBe(
        text(read(kind, { name: 'x', spec: filled }, context)),
      );
    },
  );
});

function admitted({ kind: name, spec = {} }: Written): { spec: JsonObject; issues: unknown[] } {
  const kind = REGISTRY.kind(name);
  if (!kind) return { spec, issues: [`${name} is no kind`] };
  const unknown = unknownFields({ value: spec, fields: fieldsOf(kind.spec), path: '/spec', owner: name });
  const parsed = kind.spec.safeParse(spec);
  if (!parsed.success) return { spec, issues: parsed.error.issues };
  const filled = parsed.data as JsonObject;
  return { spec: filled, issues: [...unknown, ...(kind.check?.({ spec: filled, old: null, now: 0 }) ?? [])] };
}

function read(kind: string, { name, spec }: { name: string; spec: JsonObject }, context: ManifestContext): Wish {
  const faults: Fault[] = [];
  if (!isWishKind(kind)) throw new Error(`${kind} is nothing that the books read.`);
  const wish = readWish(kind, { name, spec: new Reader(spec, 'spec', faults) }, context);
  expect(faults).toEqual([]);
  return wish;
}

function text(wish: Wish): string {
  return JSON.stringify(wish, (_key, value: unknown) =>
    typeof value === 'bigint' ? `${value}` : value instanceof Map ? [...value].sort() : value,
  );
}
