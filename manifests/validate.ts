import { checkMetadata } from '../reconciler/admission/check-metadata.ts';
import { type Finding, isMap, shown } from '../reconciler/admission/finding.ts';
import { schemaFindings } from '../reconciler/admission/schema-issues.ts';
import { didYouMean } from '../reconciler/admission/suggest.ts';
import { unknownFields } from '../reconciler/admission/unknown-fields.ts';
import { type Field, fieldsOf } from '../reconciler/fields.ts';
import type { Json, JsonObject } from '../reconciler/json.ts';
import type { AnyKind, KindVersion } from '../reconciler/kind.ts';
import { API_VERSION } from '../reconciler/object.ts';
import type { Registry } from '../reconciler/registry.ts';
import type { ManifestIssue } from './issue.ts';
import type { Manifest, RawManifest } from './manifest.ts';

type Kinds = Pick<Registry, 'kinds' | 'kind' | 'find'>;

export type Validated = { ok: true; manifest: Manifest } | { ok: false; issues: ManifestIssue[] };

/** Checks one manifest against its kind: all that is wrong with it, each with its place. Knows nothing of other objects. */
export function validateManifest(raw: RawManifest, registry: Kinds): Validated {
  const findings = check(raw.value, registry);
  if (findings.length > 0) return { ok: false, issues: located(raw, fewOf(findings)) };
  const { apiVersion = API_VERSION, kind, metadata, spec = {} } = raw.value;
  return { ok: true, manifest: { apiVersion, kind, metadata, spec } as unknown as Manifest };
}

/** Somebody mends these first; finding the places of many thousands would keep everybody else waiting. */
export const FINDINGS_MAX = 100;

function fewOf(findings: readonly Finding[]): readonly Finding[] {
  if (findings.length <= FINDINGS_MAX) return findings;
  const more = { path: '', message: `and ${findings.length - FINDINGS_MAX} more errors in this manifest` };
  return [...findings.slice(0, FINDINGS_MAX), more];
}

/** Findings with their places in the file. */
export function located(raw: RawManifest, findings: readonly Finding[]): ManifestIssue[] {
  const places = raw.origin.locate(findings);
  return findings.map((finding, i) => {
    const at = places[i];
    const source = at?.source ?? 'the value';
    return {
      file: raw.origin.file,
      line: at?.line ?? raw.origin.line,
      column: at?.column ?? 1,
      path: finding.path,
      message: finding.message.replaceAll('{source}', () => source),
    };
  });
}

const TOP_LEVEL = ['apiVersion', 'kind', 'metadata', 'spec'];

function check(value: JsonObject, registry: Kinds): Finding[] {
  const kind = typeof value.kind === 'string' ? registry.kind(value.kind) : undefined;
  return [
    ...unknownTopLevel(value),
    ...kindFindings(value.kind, registry),
    ...checkMetadata(value.metadata, kind),
    ...(kind ? specFindings(value, kind) : []),
  ];
}

function unknownTopLevel(value: JsonObject): Finding[] {
  const unknown = Object.keys(value).filter((key) => !TOP_LEVEL.includes(key));
  return unknown.map((key) => ({
    path: `/${key.replaceAll('~', '~0').replaceAll('/', '~1')}`,
    atKey: true,
    message:
      key === 'status'
        ? 'is written by the engine, never by a manifest; leave it out ("steward export" writes manifests without it)'
        : `is not a field of a manifest${didYouMean(key, TOP_LEVEL) || `; it has ${TOP_LEVEL.join(', ')}`}`,
  }));
}

function kindFindings(kind: Json | undefined, registry: Kinds): Finding[] {
  const names = registry.kinds.map((k) => k.kind);
  if (kind === undefined) return [{ path: '/kind', message: `is missing; expected one of ${names.join(', ')}` }];
  if (typeof kind !== 'string') return [{ path: '/kind', message: `is ${shown(kind)}; expected the name of a kind` }];
  if (registry.kind(kind)) return [];
  const alias = registry.find(kind)?.kind;
  const hint = alias === undefined ? didYouMean(kind, names) : `; did you mean "${alias}"?`;
  return [
    { path: '/kind', message: `"${kind.slice(0, 64)}" is not a kind${hint || `; the kinds are ${names.join(', ')}`}` },
  ];
}

const fieldCache = new WeakMap<AnyKind, readonly Field[]>();

/** The spec's fields, walked once a kind. */
export function specFields(kind: AnyKind): readonly Field[] {
  let fields = fieldCache.get(kind);
  if (!fields) {
    fields = fieldsOf(kind.spec);
    fieldCache.set(kind, fields);
  }
  return fields;
}

function specFindings(value: JsonObject, kind: AnyKind): Finding[] {
  const version = value.apiVersion ?? API_VERSION;
  const spec = value.spec ?? {};
  const versions = [...(kind.versions ?? []).map((v) => v.apiVersion), API_VERSION];
  if (typeof version !== 'string' || !versions.includes(version))
    return [
      { path: '/apiVersion', message: `is ${shown(version)}; expected ${versions.map((v) => `"${v}"`).join(' or ')}` },
    ];
  if (!isMap(spec)) return [{ path: '/spec', message: `is ${shown(spec)}; expected a map` }];
  const current = upgraded(spec, version, kind.versions ?? []);
  const fields = specFields(kind);
  const unknown = unknownFields({ value: current, fields, path: '/spec', owner: kind.kind });
  const parsed = kind.spec.safeParse(current);
  if (!parsed.success) return [...unknown, ...schemaFindings(parsed.error.issues, { spec: current, fields })];
  // What depends on the time compares with what was there before, which a manifest by itself does not know.
  const crossed = kind.check?.({ spec: parsed.data as JsonObject, old: null, now: 0 }) ?? [];
  return [...unknown, ...crossed.map((issue) => ({ path: `/spec${issue.path}`, message: issue.message }))];
}

/** A spec of an older version in today's shape. */
function upgraded(spec: JsonObject, version: string, versions: readonly KindVersion[]): JsonObject {
  const from = versions.findIndex((v) => v.apiVersion === version);
  return from < 0 ? spec : versions.slice(from).reduce((older, v) => v.up(older), spec);
}
