import { applyManifests } from '../reconciler/admission/apply.ts';
import {
  type ChangeOutcome,
  deleteObjects,
  overrideField,
  requestAction,
  restoreObjects,
} from '../reconciler/admission/change.ts';
import { DEFAULT_PROJECT, type ManifestInput } from '../reconciler/admission/manifest.ts';
import type { Json } from '../reconciler/json.ts';
import type { ObjectKey } from '../reconciler/object.ts';
import type { Registry } from '../reconciler/registry.ts';
import type { Builder } from './builder.ts';
import type { Context } from './context.ts';
import { withDependents } from './dependents.ts';
import { UserError } from './derive/list.ts';
import type { ObjectTypes } from './types/object.ts';
import {
  type AdmissionFailure,
  type ApplySuccess,
  type ChangeSuccess,
  operationOf,
  type ResultTypes,
} from './types/results.ts';

export const MANIFESTS_MAX = 20_000;
const KEYS_MAX = 1_000;

/** The mutations that know no kind: apply, delete, restore, requests, overrides. */
export function addMutations(builder: Builder, types: ObjectTypes & { results: ResultTypes }): void {
  const { results } = types;
  builder.mutationField('apply', (t) =>
    t.field({
      type: results.applyResult,
      description: 'Makes the objects as the manifests say, all or none. Fields belong to the source that set them.',
      args: {
        manifests: t.arg({ type: ['JSON'], required: true }),
        source: t.arg.string({
          defaultValue: 'api',
          description: 'Who owns the fields: a stable name of the place where the manifests live.',
        }),
        takeOver: t.arg.boolean({ description: 'Take fields over from other sources.' }),
        allowedRisk: t.arg({
          type: types.common.risk,
          description: 'The most that steps may cost without asking again; default none.',
        }),
        dryRun: t.arg.boolean({ description: 'Judge everything, write nothing.' }),
      },
      resolve: async (_root, args, context) =>
        apply(context, {
          manifests: manifestsOf(args.manifests),
          source: args.source ?? 'api',
          takeOver: args.takeOver ?? false,
          allowedRisk: args.allowedRisk ?? 'none',
          dryRun: args.dryRun ?? false,
        }),
    }),
  );
  builder.mutationField('delete', (t) =>
    t.field({
      type: results.changeResult,
      description: 'Deletes objects: their loops remove what is outside, then the objects. What is in use waits.',
      args: {
        objects: t.arg({ type: [results.keyInput], required: true }),
        propagation: t.arg({ type: propagation(builder), defaultValue: 'BACKGROUND' }),
        graceSeconds: t.arg.int({ description: 'Stopped and restorable for this long first.' }),
      },
      resolve: async (_root, { objects, propagation: how, graceSeconds }, context) =>
        changed(
          await deleteObjects(context.api.admission, {
            keys:
              how === 'DEPENDENTS'
                ? await withDependents(context.api, keysOf(context.api.registry, objects), KEYS_MAX)
                : keysOf(context.api.registry, objects),
            principal: context.principal,
            graceSeconds: seconds(graceSeconds),
          }),
        ),
    }),
  );
  builder.mutationField('restore', (t) =>
    t.field({
      type: results.changeResult,
      description: 'Takes a deletion back while its grace period lasts.',
      args: { objects: t.arg({ type: [results.keyInput], required: true }) },
      resolve: async (_root, { objects }, { api, principal }) =>
        changed(await restoreObjects(api.admission, { keys: keysOf(api.registry, objects), principal })),
    }),
  );
  addRequests(builder, results);
}

function addRequests(builder: Builder, results: ResultTypes): void {
  builder.mutationField('request', (t) =>
    t.field({
      type: results.changeResult,
      description: 'An imperative wish, e.g. reboot. Repeating it with the same token changes nothing.',
      args: {
        objects: t.arg({ type: [results.keyInput], required: true }),
        name: t.arg.string({ required: true }),
        token: t.arg.string({ description: 'Made up when absent.' }),
      },
      resolve: async (_root, { objects, name, token }, { api, principal }) => {
        const chosen = token ?? api.admission.environment.ids.uid();
        const keys = keysOf(api.registry, objects);
        return changed(await requestAction(api.admission, { keys, principal, name, token: chosen }), chosen);
      },
    }),
  );
  builder.mutationField('override', (t) =>
    t.field({
      type: results.changeResult,
      description:
        'A temporary departure from the spec that no source owns, e.g. paused or power. Without a value it ends.',
      args: {
        objects: t.arg({ type: [results.keyInput], required: true }),
        name: t.arg.string({ required: true }),
        value: t.arg({ type: 'JSON' }),
        until: t.arg({ type: 'DateTime' }),
        reason: t.arg.string(),
      },
      resolve: async (_root, { objects, name, value, until, reason }, { api, principal }) =>
        changed(
          await overrideField(api.admission, {
            keys: keysOf(api.registry, objects),
            principal,
            name,
            value: (value ?? undefined) as Json | undefined,
            until: until ? Date.parse(until) : null,
            ...(reason ? { reason } : {}),
          }),
        ),
    }),
  );
}

export async function apply(
  { api, principal }: Context,
  request: Omit<Parameters<typeof applyManifests>[1], 'principal'>,
): Promise<ApplySuccess | AdmissionFailure> {
  const outcome = await applyManifests(api.admission, { ...request, principal });
  return outcome.ok
    ? { tag: 'ApplySuccess', results: outcome.results }
    : { tag: 'AdmissionFailure', issues: outcome.issues };
}

export function changed(outcome: ChangeOutcome, token: string | null = null): ChangeSuccess | AdmissionFailure {
  if (!outcome.ok) return { tag: 'AdmissionFailure', issues: outcome.issues };
  return { tag: 'ChangeSuccess', operations: outcome.objects.map((object) => operationOf(object, token)) };
}

/** Structure only: kinds, fields and values are judged by admission, all at once. */
export function manifestsOf(values: readonly unknown[]): ManifestInput[] {
  if (values.length > MANIFESTS_MAX)
    throw new UserError(`manifests: ${values.length} are too many for one request; send at most ${MANIFESTS_MAX}.`);
  return values.map((value, index) => {
    const manifest = value as Partial<ManifestInput> | null;
    if (typeof manifest?.kind !== 'string')
      throw new UserError(`manifests[${index}].kind: is missing; write for example "kind": "VirtualMachine".`);
    if (typeof manifest.metadata?.name !== 'string')
      throw new UserError(`manifests[${index}].metadata.name: is missing; every object needs a name.`);
    if (manifest.spec !== undefined && (typeof manifest.spec !== 'object' || manifest.spec === null)) {
      throw new UserError(`manifests[${index}].spec: is ${JSON.stringify(manifest.spec)}; it must be an object.`);
    }
    return { ...manifest, spec: manifest.spec ?? {} } as ManifestInput;
  });
}

/** A key as callers write it: the kind in any spelling. */
export interface KeyInput {
  kind: string;
  project?: string | null | undefined;
  name: string;
}

export function keysOf(registry: Registry, keys: readonly KeyInput[]): ObjectKey[] {
  if (keys.length === 0 || keys.length > KEYS_MAX)
    throw new UserError(`objects: ${keys.length} given; name 1 to ${KEYS_MAX}.`);
  return keys.map(({ kind: spelling, project, name }) => {
    const kind = registry.find(spelling);
    if (!kind)
      throw new UserError(
        `objects: "${spelling}" is no kind. Known: ${registry.kinds.map((known) => known.kind).join(', ')}.`,
      );
    return { kind: kind.kind, project: kind.scope === 'project' ? (project ?? DEFAULT_PROJECT) : null, name };
  });
}

const propagations = new WeakMap<Builder, ReturnType<typeof makePropagation>>();

function makePropagation(builder: Builder) {
  return builder.enumType('Propagation', {
    description: 'BACKGROUND: what it made goes with it. DEPENDENTS: what refers to it is deleted too.',
    values: ['BACKGROUND', 'DEPENDENTS'] as const,
  });
}

function propagation(builder: Builder) {
  const made = propagations.get(builder) ?? makePropagation(builder);
  propagations.set(builder, made);
  return made;
}

function seconds(value: number | null | undefined): number {
  if (value === null || value === undefined) return 0;
  if (value < 0 || value > 31_536_000)
    throw new UserError(`graceSeconds: ${value} is out of range; 0 to 31536000 (a year).`);
  return value;
}
