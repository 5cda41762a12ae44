import {
  type DocumentNode,
  type GraphQLSchema,
  getNamedType,
  isAbstractType,
  Kind,
  TypeInfo,
  visit,
  visitWithTypeInfo,
} from 'graphql';
import { type CompiledQuery, compileQuery, isCompiledQuery } from 'graphql-jit';
import type { Plugin } from 'graphql-yoga';

type Entry = CompiledQuery | 'once' | 'interpreted';

/**
 * Runs queries as compiled functions: lists of a hundred objects spend most of their time in the interpreter otherwise. A document is
 * compiled when it is seen for the second time, so that one-off documents cost nothing. Only queries over plain object types: the
 * compiler does not know interfaces by `isTypeOf`, so those, mutations and subscriptions are interpreted.
 */
export function compiledExecution(schema: GraphQLSchema): Plugin {
  const known = new WeakMap<DocumentNode, Map<string, Entry>>();
  const lookUp = (document: DocumentNode, operationName: string): CompiledQuery | null => {
    const operations = known.get(document) ?? new Map<string, Entry>();
    known.set(document, operations);
    const before = operations.get(operationName);
    const entry =
      before === undefined
        ? 'once'
        : before === 'once'
          ? (compileQueryOf(schema, document, operationName) ?? 'interpreted')
          : before;
    operations.set(operationName, entry);
    return typeof entry === 'object' ? entry : null;
  };
  return {
    onExecute: ({ args, setExecuteFn }) => {
      const query = lookUp(args.document, args.operationName ?? '');
      if (query)
        setExecuteFn(({ contextValue, variableValues, rootValue }) =>
          query.query(rootValue, contextValue, variableValues),
        );
    },
  };
}

/** A query as a function; null for what must be interpreted. */
export function compileQueryOf(
  schema: GraphQLSchema,
  document: DocumentNode,
  operationName: string,
): CompiledQuery | null {
  if (!isPlain(schema, document)) return null;
  const query = compileQuery(schema, document, operationName || undefined);
  return isCompiledQuery(query) ? query : null;
}

/** Only queries, and no field of theirs is an interface or a union. */
function isPlain(schema: GraphQLSchema, document: DocumentNode): boolean {
  const types = new TypeInfo(schema);
  let plain = true;
  const visitor = {
    OperationDefinition: (node: { operation: string }) => {
      if (node.operation !== 'query') plain = false;
    },
    [Kind.FIELD]: () => {
      const type = types.getType();
      if (type && isAbstractType(getNamedType(type))) plain = false;
    },
  };
  visit(document, visitWithTypeInfo(types, visitor));
  return plain;
}
