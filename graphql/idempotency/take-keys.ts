import {
  type GraphQLField,
  type GraphQLFieldResolver,
  GraphQLNonNull,
  type GraphQLSchema,
  GraphQLString,
  getNamedType,
} from 'graphql';
import type { Context } from '../context.ts';
import { answerForm } from './kept-answer.ts';
import { onceUnder } from './once-under.ts';
import { checkedKey, KEY_ARGUMENT, KEY_WORDS } from './own-key.ts';
import { repeatingOf } from './repeating.ts';

/** Gives every mutation the argument `idempotencyKey`, and runs it once for a key. No mutation can be added without it. */
export function takeKeys(schema: GraphQLSchema): void {
  for (const field of Object.values(schema.getMutationType()?.getFields() ?? {})) takeKey(field);
}

function takeKey(field: GraphQLField<unknown, Context>): void {
  const repeating = repeatingOf(field.name);
  const { resolve } = field;
  if (!resolve) throw new Error(`The mutation ${field.name} does nothing.`);
  field.args = [
    ...field.args,
    {
      name: KEY_ARGUMENT,
      description: KEY_WORDS,
      type: repeating.required ? new GraphQLNonNull(GraphQLString) : GraphQLString,
      defaultValue: undefined,
      deprecationReason: null,
      extensions: {},
      astNode: null,
    },
  ];
  const mutation = { name: field.name, repeating, form: answerForm(getNamedType(field.type).name) };
  const once: GraphQLFieldResolver<unknown, Context> = (root, { [KEY_ARGUMENT]: given, ...args }, context, info) => {
    if (given === undefined || given === null) return resolve(root, args, context, info);
    const key = checkedKey(String(given));
    return onceUnder(context, { ...mutation, key, args, run: (under) => resolve(root, args, under, info) });
  };
  field.resolve = once;
}
