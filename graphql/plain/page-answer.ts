import {
  type DocumentNode,
  type FieldNode,
  type FragmentDefinitionNode,
  type GraphQLField,
  GraphQLObjectType,
  type GraphQLResolveInfo,
  type GraphQLSchema,
  getNamedType,
  getNullableType,
  Kind,
  type OperationDefinitionNode,
  type SelectionSetNode,
} from 'graphql';
import { getArgumentValues, getVariableValues } from 'graphql/execution/values.js';
import type { StoredObject } from '../../reconciler/object.ts';
import type { ListPage } from '../../reconciler/store.ts';
import type { Context } from '../context.ts';
import { pageInfoOf } from '../types/metadata.ts';
import { compileSelected } from './selected-text.ts';
import type { Texts } from './texts.ts';

/** The whole answer as text; null when the usual way must be taken, which can also say what is wrong. */
export type PlainAnswer = (context: Context, variables: Record<string, unknown>) => Promise<string | null>;

/** Marks the types that hold a page of the store: their parent value is a `ListPage`. */
export const PAGE_OF_STORE = { extensions: { pageOfStore: true } } as const;

interface Compiling {
  schema: GraphQLSchema;
  fragments: readonly FragmentDefinitionNode[];
  newTexts(): Texts;
}

type PageText = (page: ListPage, context: Context) => string | null;

/**
 * Compiles a query that asks for lists and nothing else into one that puts the answer together from texts: that of an object which did not
 * change is looked up. The lists themselves come from the fields' own resolvers, each time and for whoever asks. Null for anything else.
 */
export function compilePages(
  input: { schema: GraphQLSchema; document: DocumentNode; newTexts(): Texts },
  operation: OperationDefinitionNode,
): PlainAnswer | null {
  const { schema } = input;
  const root = schema.getQueryType();
  const nodes = fieldsOnly(operation.selectionSet);
  if (!root || !nodes || operation.operation !== 'query' || operation.directives?.length) return null;
  const fragments = input.document.definitions.filter((one) => one.kind === Kind.FRAGMENT_DEFINITION);
  const lists = nodes.map((node) =>
    compileList({ ...input, fragments }, { node, field: root.getFields()[node.name.value] }),
  );
  if (!lists.every((list) => list !== null)) return null;
  return async (context, variables) => {
    const coerced = getVariableValues(schema, operation.variableDefinitions ?? [], variables);
    if (coerced.errors) return null;
    const texts = await Promise.all(lists.map((list) => list(context, coerced.coerced)));
    return texts.includes(null) ? null : `{"data":{${texts.join(',')}}}`;
  };
}

function compileList(
  compiling: Compiling,
  { node, field }: { node: FieldNode; field: GraphQLField<unknown, Context> | undefined },
): ((context: Context, variables: Record<string, unknown>) => Promise<string | null>) | null {
  const type = field && getNullableType(field.type);
  if (!field || !(type instanceof GraphQLObjectType) || type.extensions.pageOfStore !== true) return null;
  const { resolve } = field;
  const page = members(node.selectionSet, (member) => compileMember(compiling, type, member));
  if (!resolve || !page) return null;
  const key = JSON.stringify(node.alias?.value ?? node.name.value);
  // A store that finds nothing changed answers with the page that it answered with before; who is shown less gets a page of his own.
  const texts = new WeakMap<ListPage, string>();
  return async (context, variables) => {
    const args = getArgumentValues(field as GraphQLField<unknown, unknown>, node, variables);
    const found = (await resolve(undefined, args, context, NO_INFO)) as ListPage | null;
    const text = found && (texts.get(found) ?? page(found, context));
    if (text === null) return null;
    texts.set(found as ListPage, text);
    return `${key}:${text}`;
  };
}

/** Resolvers of lists read their arguments and the context. One that wants more fails, and the usual way is taken. */
const NO_INFO = undefined as unknown as GraphQLResolveInfo;

function compileMember(compiling: Compiling, type: GraphQLObjectType, member: FieldNode): PageText | null {
  if (member.name.value === '__typename') return () => JSON.stringify(type.name);
  const of = getNamedType(type.getFields()[member.name.value]?.type);
  if (!(of instanceof GraphQLObjectType) || !member.selectionSet) return null;
  if (member.name.value === 'nodes') {
    const node = compileNode(compiling, of, member.selectionSet);
    return node && ((page, context) => listOf(page.items, ({ object }) => node(object, context)));
  }
  if (member.name.value === 'edges') return compileEdges(compiling, of, member);
  if (member.name.value !== 'pageInfo') return null;
  const text = compileSelected({ ...compiling, type: of, selectionSet: member.selectionSet });
  return text && ((page, context) => text(pageInfoOf(page), context));
}

function compileEdges(compiling: Compiling, type: GraphQLObjectType, edges: FieldNode): PageText | null {
  type Item = ListPage['items'][number];
  const edge = members<Item>(edges.selectionSet, (member) => {
    if (member.name.value === '__typename') return () => JSON.stringify(type.name);
    if (member.name.value === 'cursor') return (item) => JSON.stringify(item.cursor);
    const of = getNamedType(type.getFields()[member.name.value]?.type);
    if (member.name.value !== 'node' || !(of instanceof GraphQLObjectType) || !member.selectionSet) return null;
    const node = compileNode(compiling, of, member.selectionSet);
    return node && ((item, context) => node(item.object, context));
  });
  return edge && ((page, context) => listOf(page.items, (item) => edge(item, context)));
}

function compileNode({ fragments, newTexts }: Compiling, type: GraphQLObjectType, selectionSet: SelectionSetNode) {
  const textOf = compileSelected({ type, selectionSet, fragments });
  if (!textOf) return null;
  const texts = newTexts();
  return (object: StoredObject, context: Context): string | null => {
    const known = texts.get(object);
    if (known !== undefined) return known;
    const text = textOf(object, context);
    if (text !== null) texts.put(object, text);
    return text;
  };
}

/** An object's text from its members' texts. */
function members<T>(
  selectionSet: SelectionSetNode | undefined,
  compile: (member: FieldNode) => ((value: T, context: Context) => string | null) | null,
): ((value: T, context: Context) => string | null) | null {
  const fields = fieldsOnly(selectionSet);
  const compiled = fields?.map((field) => {
    const text = compile(field);
    return text && { key: JSON.stringify(field.alias?.value ?? field.name.value), text };
  });
  if (!compiled?.every((member) => member !== null)) return null;
  return (value, context) => {
    const texts: string[] = [];
    for (const { key, text } of compiled) {
      const member = text(value, context);
      if (member === null) return null;
      texts.push(`${key}:${member}`);
    }
    return `{${texts.join(',')}}`;
  };
}

function listOf<T>(items: readonly T[], textOf: (item: T) => string | null): string | null {
  const texts: string[] = [];
  for (const item of items) {
    const text = textOf(item);
    if (text === null) return null;
    texts.push(text);
  }
  return `[${texts.join(',')}]`;
}

/** A selection of plain fields, each under a name of its own; null if there is more to it. */
function fieldsOnly(selectionSet: SelectionSetNode | undefined): FieldNode[] | null {
  const fields = (selectionSet?.selections ?? []).filter((one) => one.kind === Kind.FIELD);
  const names = new Set(fields.map((field) => field.alias?.value ?? field.name.value));
  const plain = fields.every((field) => !field.directives?.length);
  return plain && fields.length === selectionSet?.selections.length && names.size === fields.length ? fields : null;
}
