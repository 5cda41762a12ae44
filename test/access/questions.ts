import {
  type GraphQLArgument,
  type GraphQLField,
  type GraphQLOutputType,
  getNamedType,
  isCompositeType,
  isEnumType,
  isInputObjectType,
  isInterfaceType,
  isListType,
  isNonNullType,
  isObjectType,
} from 'graphql';
import type { JsonObject } from '../../reconciler/json.ts';

/** Something to ask about, by everything that may name it. */
export interface Subject {
  kind: string;
  name: string;
  project: string | null;
  uid: string;
  account: string;
  spec: JsonObject;
}

/** Deep enough for an object behind an edge of a node of a page. */
const DEPTH = 3;

/** A document that asks for one field of the root with all of its arguments, and for everything below it. */
export function question(
  operation: 'query' | 'mutation',
  field: GraphQLField<unknown, unknown>,
  subject: Subject,
): { document: string; variables: Record<string, unknown> } {
  const used = field.args.flatMap((arg) => {
    const value = valueFor(arg, subject);
    return value === undefined ? [] : [{ arg, value }];
  });
  const declared = used.map(({ arg }) => `$${arg.name}: ${arg.type}`).join(', ');
  const passed = used.map(({ arg }) => `${arg.name}: $${arg.name}`).join(', ');
  const body = `${field.name}${passed === '' ? '' : `(${passed})`}${selection(field.type, DEPTH)}`;
  return {
    document: `${operation}${declared === '' ? '' : ` (${declared})`} { ${body} }`,
    variables: Object.fromEntries(used.map(({ arg, value }) => [arg.name, value])),
  };
}

/** By the names of arguments: what a list leaves out is asked for as well, so filters that would only hide are not set. */
function valueFor({ name, type }: GraphQLArgument, subject: Subject): unknown {
  const { kind, project, uid, account } = subject;
  const required = isNonNullType(type);
  const inner = getNamedType(type);
  const listed = (value: unknown) => (isListType(isNonNullType(type) ? type.ofType : type) ? [value] : value);
  const key = { kind, name: subject.name, ...(project === null ? {} : { project }) };
  const manifest = {
    kind,
    metadata: { name: subject.name, ...(project === null ? {} : { project }) },
    spec: subject.spec,
  };
  if (name === 'manifests') return [manifest];
  if (inner.name === 'ObjectKeyInput') return listed(key);
  if (inner.name === 'MetadataInput') return manifest.metadata;
  if (name === 'spec' && isInputObjectType(inner)) return known(subject.spec, Object.keys(inner.getFields()));
  // These narrow a list until it is empty whatever may be seen.
  if (['refersTo', 'ownerUid'].includes(name)) return undefined;
  if (['id', 'ids', 'uid'].includes(name)) return listed(uid);
  if (['name', 'names', 'user', 'users', 'key'].includes(name)) return listed(subject.name);
  if (name === 'kind') return kind;
  if (name === 'project') return project ?? (kind === 'Project' || required ? subject.name : undefined);
  if (name === 'account') return account;
  if (!required) return undefined;
  if (isEnumType(inner)) return inner.getValues()[0]?.name;
  return listed(inner.name === 'Int' || inner.name === 'SafeInt' ? 1 : inner.name === 'Boolean' ? true : 'x');
}

function known(spec: JsonObject, names: readonly string[]): JsonObject {
  return Object.fromEntries(Object.entries(spec).filter(([name]) => names.includes(name)));
}

/** All fields of a type that want no arguments, to a depth. */
function selection(type: GraphQLOutputType, depth: number): string {
  const named = getNamedType(type);
  if (!isCompositeType(named)) return '';
  const options = 'getTypes' in named ? named.getTypes() : [];
  const fragments = options.map((one) => `... on ${one.name} ${selection(one, depth)}`);
  const plain = isObjectType(named) || isInterfaceType(named) ? Object.values(named.getFields()) : [];
  const fields = plain
    .filter(({ name }) => name !== 'plan' && name !== 'stats')
    .filter(({ args }) => args.every((arg) => !isNonNullType(arg.type)))
    .filter((field) => depth > 0 || !isCompositeType(getNamedType(field.type)))
    .map((field) => `${field.name}${selection(field.type, depth - 1)}`);
  return ` { __typename ${[...fields, ...fragments].join(' ')} }`;
}
