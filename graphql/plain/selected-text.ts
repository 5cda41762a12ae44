import {
  type DocumentNode,
  type FragmentDefinitionNode,
  GraphQLObjectType,
  GraphQLSchema,
  getNamedType,
  isAbstractType,
  Kind,
  OperationTypeNode,
  type SelectionSetNode,
  TypeInfo,
  visit,
  visitWithTypeInfo,
} from 'graphql';
import { compileQuery, isCompiledQuery } from 'graphql-jit';
import type { Context } from '../context.ts';
import { isOfObject } from './of-object.ts';

/** Makes the JSON text of a selection on one value; null where something went wrong, which others then tell. */
export type SelectedText = (value: unknown, context: Context) => string | null;

export interface Selected {
  type: GraphQLObjectType;
  selectionSet: SelectionSetNode;
  /** All of the document's; those that the selection does not use do no harm. */
  fragments: readonly FragmentDefinitionNode[];
}

/**
 * Compiles a selection on its own, with the type as the root. Null unless the type says that every field selected is made of the value
 * alone: then, and only then, the text belongs to the value.
 */
export function compileSelected({ type, selectionSet, fragments }: Selected): SelectedText | null {
  const document: DocumentNode = {
    kind: Kind.DOCUMENT,
    definitions: [
      { kind: Kind.OPERATION_DEFINITION, operation: OperationTypeNode.QUERY, selectionSet },
      ...usedFragments(selectionSet, fragments),
    ],
  };
  const schema = schemaOf(type);
  if (!dependsOnNothingElse(schema, document)) return null;
  const compiled = compileQuery(schema, document);
  if (!isCompiledQuery(compiled)) return null;
  return (value, context) => {
    const result = compiled.query(value, context, {});
    if ('then' in result || result.errors || !result.data) return null;
    return JSON.stringify(result.data);
  };
}

const schemas = new WeakMap<GraphQLObjectType, GraphQLSchema>();

function schemaOf(type: GraphQLObjectType): GraphQLSchema {
  const schema = schemas.get(type) ?? new GraphQLSchema({ query: type, assumeValid: true });
  schemas.set(type, schema);
  return schema;
}

function dependsOnNothingElse(schema: GraphQLSchema, document: DocumentNode): boolean {
  const types = new TypeInfo(schema);
  let alone = true;
  const visitor = {
    Directive: () => {
      alone = false;
    },
    Field: () => {
      const parent = types.getParentType();
      const field = types.getFieldDef();
      const type = types.getType();
      if (!field || !type || isAbstractType(getNamedType(type))) alone = false;
      else if (field.name.startsWith('__')) alone &&= field.name === '__typename';
      else if (!(parent instanceof GraphQLObjectType) || !isOfObject(parent, field)) alone = false;
    },
  };
  visit(document, visitWithTypeInfo(types, visitor));
  return alone;
}

/** The fragments that a selection spreads, directly or through others. */
function usedFragments(
  selectionSet: SelectionSetNode,
  fragments: readonly FragmentDefinitionNode[],
): FragmentDefinitionNode[] {
  const used = new Set<FragmentDefinitionNode>();
  const collect = (node: SelectionSetNode | FragmentDefinitionNode) => {
    visit(node, {
      FragmentSpread: ({ name }) => {
        const fragment = fragments.find((one) => one.name.value === name.value);
        if (!fragment || used.has(fragment)) return;
        used.add(fragment);
        collect(fragment);
      },
    });
  };
  collect(selectionSet);
  return [...used];
}
