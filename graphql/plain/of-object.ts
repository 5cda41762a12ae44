import type { GraphQLField, GraphQLObjectType } from 'graphql';

/**
 * Marks a field, or all fields of a type, whose value is made of its object alone and is the same for everybody who is shown that
 * very object (who is shown less of it is given another). What carries the mark may be kept as text beside the object. Everything that looks elsewhere (edges, records, figures
 * of the world) or depends on who asks must not carry it: without it a selection is resolved each time.
 */
export const OF_OBJECT = { extensions: { ofObject: true } } as const;

export function isOfObject(parent: GraphQLObjectType, field: GraphQLField<unknown, unknown>): boolean {
  return parent.extensions.ofObject === true || field.extensions.ofObject === true;
}
