import { referenceKey } from '../../reconciler/admission/references.ts';
import type { Field } from '../../reconciler/fields.ts';
import type { Json } from '../../reconciler/json.ts';
import type { StoredObject } from '../../reconciler/object.ts';
import type { Builder, ObjectRefOf } from '../builder.ts';
import type { Context } from '../context.ts';
import { OF_OBJECT } from '../plain/of-object.ts';
import type { Derived } from './derived.ts';
import { capital, isGraphqlName } from './names.ts';
import { isObject, type Part, partOf } from './part.ts';

/** GraphQL object types from a schema's fields. References get an edge beside their name: `network` and `networkObject`. */
export interface OutputTypes {
  builder: Builder;
  /** Kind → its object type. */
  objectOf(kind: string): ObjectRefOf<StoredObject> | undefined;
  enums: Map<string, unknown>;
}

export function outputType(types: OutputTypes, input: { name: string; description: string; fields: readonly Field[] }) {
  const ref = types.builder.objectRef<Part>(input.name);
  const fields = input.fields.filter((field) => isGraphqlName(field.name));
  ref.implement({
    description: input.description,
    fields: (t) =>
      Object.fromEntries(fields.flatMap((field) => outputFields(types, { t, parent: input.name, field }))) as Derived,
  });
  return ref;
}

function outputFields(types: OutputTypes, input: { t: Derived; parent: string; field: Field }): [string, Derived][] {
  const { t, field } = input;
  const plain: [string, Derived] = [
    field.name,
    t.field({
      type: outputTypeOf(types, input.parent, field),
      nullable: true,
      description: field.description,
      resolve: (part: Part) => resolved(part, field),
      ...OF_OBJECT,
    }),
  ];
  const target = field.ref ?? (field.type === 'list' ? field.children[0]?.ref : undefined);
  const objectType = target === undefined ? undefined : types.objectOf(target);
  return objectType ? [plain, edge(t, { field, target: target as string, objectType })] : [plain];
}

/** The object that a reference names: the pinned uid first, as the engine does. */
function edge(
  t: Derived,
  { field, target, objectType }: { field: Field; target: string; objectType: unknown },
): [string, Derived] {
  const many = field.type === 'list';
  const follow = (part: Part, path: string, name: Json | undefined, context: Context) => {
    if (typeof name !== 'string') return null;
    const pinned = part.owner.status.refs[path];
    if (pinned !== undefined) return context.byUid(pinned);
    return context.byKey(referenceKey(context.api.registry, { kind: target, name }, part.owner.metadata.project));
  };
  const config = {
    type: many ? [objectType] : objectType,
    nullable: many ? { list: true, items: true } : true,
    description: `The ${target} that ${field.name} names; null while it does not exist.`,
    resolve: (part: Part, _args: unknown, context: Context) => {
      const value = part.value[field.name];
      const path = `${part.path}/${field.name}`;
      if (!many) return follow(part, path, value, context);
      return Array.isArray(value) ? value.map((name, index) => follow(part, `${path}/${index}`, name, context)) : null;
    },
  };
  return [`${field.name}Object${many ? 's' : ''}`, t.field(config)];
}

function resolved(part: Part, field: Field): unknown {
  const value = part.value[field.name];
  if (value === undefined || value === null) return null;
  if (field.type === 'object' && isObject(value)) return partOf(part, field.name, value);
  if (field.type === 'list' && field.children[0]?.type === 'object' && Array.isArray(value)) {
    return value.flatMap((item, index) => (isObject(item) ? [partOf(part, `${field.name}/${index}`, item)] : []));
  }
  return value;
}

function outputTypeOf(types: OutputTypes, parent: string, field: Field): Derived {
  const name = `${parent}${capital(field.name)}`;
  if (field.type === 'object' && field.children.length > 0) {
    return outputType(types, {
      name,
      description: field.description ?? `${field.name} of ${parent}.`,
      fields: field.children,
    });
  }
  if (field.type === 'list') {
    const [item] = field.children;
    return item ? [outputTypeOf(types, parent, { ...item, name: field.name, description: field.description })] : 'JSON';
  }
  return scalarOf(types, name, field);
}

/** Scalars and enums, shared by output and input. Unions and maps are JSON: GraphQL has no input unions, and both sides must agree. */
export function scalarOf(types: Pick<OutputTypes, 'builder' | 'enums'>, name: string, field: Field): Derived {
  if (field.type === 'string') return 'String';
  if (field.type === 'boolean') return 'Boolean';
  if (field.type === 'number') return 'Float';
  if (field.type === 'int') return field.maximum !== undefined && field.maximum <= 2_147_483_647 ? 'Int' : 'SafeInt';
  if (field.type === 'enum' && field.values.length > 0 && field.values.every(isGraphqlName))
    return enumOf(types, name, field);
  return field.type === 'enum' ? 'String' : 'JSON';
}

function enumOf({ builder, enums }: Pick<OutputTypes, 'builder' | 'enums'>, name: string, field: Field): Derived {
  const known = enums.get(name);
  if (known) return known;
  const made = builder.enumType(name, { values: field.values as string[] });
  enums.set(name, made);
  return made;
}
