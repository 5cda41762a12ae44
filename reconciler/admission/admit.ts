import type { z } from 'zod';
import { iso } from '../clock.ts';
import { jsonEqual } from '../equal.ts';
import { fieldChanges } from '../field-changes.ts';
import { fieldsOf } from '../fields.ts';
import type { Json, JsonObject } from '../json.ts';
import type { AnyKind } from '../kind.ts';
import {
  API_VERSION,
  emptyStatus,
  keyText,
  type Metadata,
  newMetadata,
  type ObjectKey,
  type StoredObject,
} from '../object.ts';
import type { FieldChange, Risk } from '../plan.ts';
import { valueAt } from './field-at.ts';
import type { AdmissionIssue, ManifestInput } from './manifest.ts';
import { mergeOwnership } from './ownership.ts';
import { updatePolicyAt } from './policies.ts';
import { schemaFindings } from './schema-issues.ts';
import { type Sealer, sealSecrets, secretsMissing, withoutSealed } from './seal.ts';
import { unknownFields } from './unknown-fields.ts';

export interface AdmitInput {
  index: number;
  kind: AnyKind;
  key: ObjectKey;
  manifest: ManifestInput;
  existing: StoredObject | undefined;
  source: string;
  actor: string;
  takeOver: boolean;
  allowedRisk: Risk;
  sealer: Sealer;
  /** Of the object, or of the one to be. */
  uid: string;
  account: string | null;
  now: number;
}

export interface Admitted {
  index: number;
  key: ObjectKey;
  change: 'created' | 'configured' | 'unchanged';
  object: StoredObject;
  /** In the spec. */
  changes: FieldChange[];
  uniqueKeys: string[];
}

/** Pure: the object that a manifest makes of what is there, or all that is wrong with it. */
export function admit(input: AdmitInput): { admitted: Admitted } | { issues: AdmissionIssue[] } {
  const { kind, manifest, existing } = input;
  const issue = issueMaker(input);
  if (existing && existing.metadata.deletedAt !== null) {
    return { issues: [issue('', 'Deleting', `${keyText(input.key)} is being deleted; apply again when it is gone.`)] };
  }
  const spec = converted(kind, manifest);
  const sealedWish = sealSecrets(kind, { spec, previous: existing?.spec ?? null, sealer: input.sealer });
  const merged = mergeOwnership({
    current: existing?.spec ?? {},
    managed: existing?.metadata.managed ?? {},
    source: input.source,
    wished: sealedWish,
    filled: () => filledIn(kind, sealedWish),
    takeOver: input.takeOver,
  });
  const conflicts = merged.conflicts.map(({ path, owner, has, asked }) =>
    issue(
      `/spec${path}`,
      'Conflict',
      `is ${text(has)}, set by ${owner}; ${text(asked)} was asked for. Change it there, leave it out here, or take it over (--take-over).`,
    ),
  );
  const missing = secretsMissing(kind, sealedWish).map((path) =>
    issue(`/spec${path}`, 'Invalid', 'only stands for a secret that is not there (any more); write the secret itself.'),
  );
  const unknown = unknownFields({ value: merged.wish, fields: fieldsOf(kind.spec), path: '/spec', owner: kind.kind });
  const unknownIssues = unknown.map(({ path, message }) => issue(path, 'Invalid', message));
  const parsed = kind.spec.safeParse(merged.wish);
  if (!parsed.success)
    return {
      issues: [
        ...conflicts,
        ...unknownIssues,
        ...missing,
        ...schemaIssues(parsed.error, { spec: merged.wish, kind, issue }),
      ],
    };
  const next = parsed.data as JsonObject;
  const changes = fieldChanges(existing?.spec ?? {}, next);
  const issues = [
    ...conflicts,
    ...unknownIssues,
    ...missing,
    ...(existing ? immutableIssues(kind, changes, issue) : []),
    ...checkIssues(input, next, issue),
  ];
  if (issues.length > 0) return { issues };
  return { admitted: outcome(input, { spec: next, managed: merged.managed, changes }) };
}

function text(value: Json): string {
  return JSON.stringify(withoutSealed(value));
}

const partials = new WeakMap<AnyKind, ReturnType<AnyKind['spec']['partial']>>();

/** With defaults, as far as the wish is right; a source may wish only some of the fields. Making a schema costs far more than using it. */
function filledIn(kind: AnyKind, wish: JsonObject): JsonObject {
  const partial = partials.get(kind) ?? kind.spec.partial();
  partials.set(kind, partial);
  const parsed = partial.safeParse(wish);
  return parsed.success ? (parsed.data as JsonObject) : wish;
}

type IssueMaker = (path: string, code: AdmissionIssue['code'], message: string) => AdmissionIssue;

function issueMaker({ index, key }: AdmitInput): IssueMaker {
  return (path, code, message) => ({ index, key, path, code, message });
}

/** Older spellings of a kind are lifted to the newest before anything looks at them. */
function converted(kind: AnyKind, manifest: ManifestInput): JsonObject {
  const versions = kind.versions ?? [];
  const from = versions.findIndex((version) => version.apiVersion === manifest.apiVersion);
  return from < 0 ? manifest.spec : versions.slice(from).reduce((spec, version) => version.up(spec), manifest.spec);
}

/** Unknown fields are named by unknownFields, with what was meant. */
function schemaIssues(
  error: z.ZodError,
  { spec, kind, issue }: { spec: JsonObject; kind: AnyKind; issue: IssueMaker },
): AdmissionIssue[] {
  return schemaFindings(error.issues, { spec, fields: fieldsOf(kind.spec) }).map(({ path, message }) => {
    const value = valueAt(spec, path.slice('/spec'.length));
    return issue(
      path,
      'Invalid',
      message.replaceAll('{source}', () => String(value)),
    );
  });
}

function immutableIssues(kind: AnyKind, changes: readonly FieldChange[], issue: IssueMaker): AdmissionIssue[] {
  return changes
    .filter((change) => updatePolicyAt(kind, change.path) === 'immutable')
    .map(({ path, from, to }) =>
      issue(
        `/spec${path}`,
        'Immutable',
        `cannot change from ${text(from)} to ${text(to)}: the field is fixed at creation. Make a new ${kind.kind} instead.`,
      ),
    );
}

function checkIssues({ kind, existing, now }: AdmitInput, spec: JsonObject, issue: IssueMaker): AdmissionIssue[] {
  const found = kind.check?.({ spec, old: existing?.spec ?? null, now }) ?? [];
  return found.map(({ path, message }) => issue(`/spec${path}`, 'Invalid', message));
}

function outcome(
  input: AdmitInput,
  { spec, managed, changes }: { spec: JsonObject; managed: Record<string, string[]>; changes: FieldChange[] },
): Admitted {
  const { index, key, kind, existing } = input;
  const metadata = existing
    ? { ...existing.metadata, ...writable(input.manifest, existing.metadata), managed }
    : { ...begun(input), ...writable(input.manifest, null), managed };
  const specChanged = existing === undefined || changes.length > 0;
  const riskChanged = existing !== undefined && specChanged && existing.metadata.allowedRisk !== input.allowedRisk;
  const allowedRisk = specChanged || input.allowedRisk !== 'none' ? input.allowedRisk : metadata.allowedRisk;
  const generation = existing ? existing.metadata.generation + (changes.length > 0 ? 1 : 0) : 1;
  const object: StoredObject = {
    apiVersion: API_VERSION,
    kind: kind.kind,
    metadata: { ...metadata, generation, allowedRisk },
    spec,
    status: existing?.status ?? emptyStatus(),
  };
  const same =
    existing !== undefined &&
    !riskChanged &&
    jsonEqual(existing.metadata as unknown as Json, object.metadata as unknown as Json);
  const change = existing === undefined ? 'created' : same && !specChanged ? 'unchanged' : 'configured';
  const uniqueKeys = kind.uniqueKeys?.({ spec, metadata: object.metadata }) ?? [];
  const shown = changes.map(({ path, from, to }) => ({ path, from: withoutSealed(from), to: withoutSealed(to) }));
  return { index, key, change, object, changes: shown, uniqueKeys };
}

/** The part of the metadata that people write. What a manifest leaves out is empty, as in the spec. */
function writable({ metadata }: ManifestInput, before: Metadata | null) {
  return {
    labels: metadata.labels ?? {},
    annotations: metadata.annotations ?? {},
    deleteProtection: metadata.deleteProtection ?? false,
    sharing: metadata.sharing ?? 'own',
    adopt: metadata.adopt ?? null,
    custom: metadata.custom ?? before?.custom ?? {},
  } satisfies Partial<Metadata>;
}

function begun({ key, uid, account, actor, now, allowedRisk }: AdmitInput): Metadata {
  const { name, project } = key;
  return newMetadata({ uid, name, project, account, createdAt: iso(now), createdBy: actor, allowedRisk });
}
