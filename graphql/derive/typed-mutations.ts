import { fieldsOf } from '../../reconciler/fields.ts';
import type { JsonObject } from '../../reconciler/json.ts';
import type { Registry } from '../../reconciler/registry.ts';
import type { Builder } from '../builder.ts';
import { apply } from '../mutations.ts';
import type { ObjectTypes } from '../types/object.ts';
import type { ResultTypes } from '../types/results.ts';
import type { Derived } from './derived.ts';
import { inputType } from './input.ts';

/** `createVirtualMachine` and `updateVirtualMachine` for every kind, with typed specs. */
export function deriveMutations(
  builder: Builder,
  registry: Registry,
  types: ObjectTypes & { results: ResultTypes; enums: Map<string, unknown> },
): void {
  const metadata = builder.inputRef<JsonObject>('MetadataInput').implement({
    fields: (t: Derived) => ({
      name: t.string({ required: true }),
      project: t.string(),
      labels: t.field({ type: 'JSON' }),
      annotations: t.field({ type: 'JSON' }),
      deleteProtection: t.boolean(),
      sharing: t.string(),
      adopt: t.string(),
    }),
  } as Derived);
  for (const kind of registry.kinds) {
    const fields = fieldsOf(kind.spec);
    const spec =
      fields.length > 0
        ? inputType(
            { builder, enums: types.enums },
            { name: `${kind.kind}SpecInput`, base: `${kind.kind}Spec`, fields },
          )
        : 'JSON';
    for (const verb of ['create', 'update'] as const) {
      builder.mutationField(`${verb}${kind.kind}`, (t) =>
        t.field({
          type: types.results.applyResult,
          description:
            verb === 'create'
              ? `A new ${kind.kind}; refused if the name is taken.`
              : `Changes a ${kind.kind}; what the source set before and leaves out now falls back to its default.`,
          args: {
            metadata: t.arg({ type: metadata, required: true } as Derived),
            spec: t.arg({ type: spec, required: fields.some((field) => field.required) } as Derived),
            source: t.arg.string({ defaultValue: 'api' }),
            allowedRisk: t.arg({ type: types.common.risk }),
          } as Derived,
          resolve: async (_root, args: Derived, context) => {
            const manifest = {
              kind: kind.kind,
              metadata: withoutNulls(args.metadata),
              spec: withoutNulls(args.spec ?? {}),
            };
            const key = {
              kind: kind.kind,
              project: kind.scope === 'project' ? (args.metadata.project ?? 'default') : null,
              name: args.metadata.name,
            };
            const exists = (await context.byKey(key)) !== undefined;
            if (exists === (verb === 'create')) {
              const message = exists
                ? 'exists already; use the update, or another name.'
                : 'does not exist; create it first.';
              return {
                tag: 'AdmissionFailure',
                issues: [{ index: 0, key, path: '/metadata/name', code: 'Conflict', message }],
              } as Derived;
            }
            return apply(context, {
              manifests: [manifest],
              source: args.source ?? 'api',
              allowedRisk: args.allowedRisk ?? 'none',
            });
          },
        }),
      );
    }
  }
}

/** GraphQL inputs are objects without a prototype whose absent members may be null: as if they were not written. */
function withoutNulls(value: Derived): Derived {
  if (Array.isArray(value)) return value.map(withoutNulls);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(
    Object.entries(value)
      .filter(([, member]) => member !== null && member !== undefined)
      .map(([key, member]) => [key, withoutNulls(member)]),
  );
}
