import { fieldsOf } from '../../reconciler/fields.ts';
import type { JsonObject } from '../../reconciler/json.ts';
import type { AnyKind } from '../../reconciler/kind.ts';
import type { Registry } from '../../reconciler/registry.ts';
import type { Builder } from '../builder.ts';
import type { Context } from '../context.ts';
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
    description: 'What people write of an object beside its spec.',
    fields: (t: Derived) => ({
      name: t.string({ required: true, description: 'Unique among the objects of its kind in its project.' }),
      project: t.string({ description: 'The project default when absent.' }),
      labels: t.field({ type: 'JSON', description: 'Texts to select by.' }),
      annotations: t.field({ type: 'JSON', description: 'Texts for people and tools, which nothing selects by.' }),
      deleteProtection: t.boolean({ description: 'It cannot be deleted while this is true.' }),
      sharing: t.string({ description: 'own or public.' }),
      adopt: t.string({ description: 'Id of a thing outside that it takes over, such as a domain’s UUID.' }),
    }),
  } as Derived);
  for (const kind of registry.kinds) {
    const fields = fieldsOf(kind.spec);
    const name = { name: `${kind.kind}SpecInput`, base: `${kind.kind}Spec`, fields };
    const spec = fields.length > 0 ? inputType({ builder, enums: types.enums }, name) : 'JSON';
    for (const verb of ['create', 'update'] as const) {
      builder.mutationField(`${verb}${kind.kind}`, (t) =>
        t.field({
          type: types.results.applyResult,
          description:
            verb === 'create'
              ? `A new ${kind.kind}; refused if the name is taken.`
              : `Changes a ${kind.kind}; what the source set before and leaves out now falls back to its default.`,
          args: {
            metadata: t.arg({
              type: metadata,
              required: true,
              description: 'Its name, and what stands beside the spec.',
            } as Derived),
            spec: t.arg({
              type: spec,
              required: fields.some((field) => field.required),
              description: 'What is wished.',
            } as Derived),
            source: t.arg.string({
              defaultValue: 'api',
              description: 'Who owns the fields: a stable name of the place where the wish is written.',
            }),
            allowedRisk: t.arg({ type: types.common.risk, description: ALLOWED_RISK }),
            ...(verb === 'update' && { generation: t.arg.int({ description: GENERATION }) }),
          } as Derived,
          resolve: (_root, args: Derived, context) => write(context, { kind, verb, args }),
        }),
      );
    }
  }
}

async function write(
  context: Context,
  { kind, verb, args }: { kind: AnyKind; verb: 'create' | 'update'; args: Derived },
): Promise<Derived> {
  const { metadata, generation } = args;
  return apply(context, {
    manifests: [{ kind: kind.kind, metadata: withoutNulls(metadata), spec: withoutNulls(args.spec ?? {}) }],
    source: args.source ?? 'api',
    allowedRisk: args.allowedRisk ?? 'none',
    only: verb === 'create' ? { verb } : { verb, generation: generation ?? undefined },
  });
}

const ALLOWED_RISK = 'The most that steps may cost without asking again; none when absent.';
const GENERATION =
  'The generation (metadata.generation) that the change was made from: refused as a conflict if somebody has changed it since.';

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
