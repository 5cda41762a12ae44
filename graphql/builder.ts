import SchemaBuilder from '@pothos/core';
import { GraphQLError } from 'graphql';
import type { Json } from '../reconciler/json.ts';
import type { Context } from './context.ts';

export interface SchemaTypes {
  Context: Context;
  DefaultFieldNullability: false;
  Scalars: {
    /** Any JSON value. */
    JSON: { Input: Json; Output: unknown };
    /** A whole number up to 2^53. */
    SafeInt: { Input: number; Output: number };
    /** An ISO 8601 instant in UTC. */
    DateTime: { Input: string; Output: string };
  };
}

export type Builder = ReturnType<typeof createBuilder>;

/** A reference to an object type whose parent values are `T`. */
export function objectRef<T>(builder: Builder, name: string) {
  return builder.objectRef<T>(name);
}

export type ObjectRefOf<T> = ReturnType<typeof objectRef<T>>;

export function createBuilder() {
  const builder = new SchemaBuilder<SchemaTypes>({ defaultFieldNullability: false });
  addScalars(builder);
  builder.queryType({});
  builder.mutationType({});
  // There is a kind of the usual name.
  builder.subscriptionType({ name: 'SubscriptionRoot' });
  return builder;
}

function addScalars(builder: InstanceType<typeof SchemaBuilder<SchemaTypes>>): void {
  builder.scalarType('JSON', {
    description: 'Any JSON value.',
    serialize: (value) => value,
    parseValue: (value) => {
      if (isDeeper(value, JSON_DEPTH_MAX))
        throw new GraphQLError(`JSON is nested deeper than ${JSON_DEPTH_MAX} levels.`, {
          extensions: { code: 'BAD_USER_INPUT' },
        });
      return value as Json;
    },
  });
  builder.scalarType('SafeInt', {
    description: 'A whole number of at most 2^53 − 1.',
    serialize: whole,
    parseValue: whole,
  });
  builder.scalarType('DateTime', {
    description: 'An instant in UTC: 2026-01-31T12:00:00.000Z.',
    serialize: (value) => value,
    parseValue: (value) => {
      if (typeof value !== 'string' || Number.isNaN(Date.parse(value)))
        throw wrongValue(value, 'is no instant such as 2026-01-31T12:00:00Z.');
      return new Date(value).toISOString();
    },
  });
}

/** Deeper than any manifest may be; whoever walks a value may then do so by calling itself. */
export const JSON_DEPTH_MAX = 100;

/** Level by level, since a value of any depth comes in. */
function isDeeper(value: unknown, most: number): boolean {
  let level: unknown[] = [value];
  for (let depth = 0; level.length > 0; depth += 1) {
    if (depth > most) return true;
    level = level.flatMap((item) => (typeof item === 'object' && item !== null ? Object.values(item) : []));
  }
  return false;
}

function whole(value: unknown): number {
  if (typeof value !== 'number' || !Number.isSafeInteger(value)) throw wrongValue(value, 'is no whole number.');
  return value;
}

/** The caller's error, where any other would count as the server's. */
function wrongValue(value: unknown, what: string): GraphQLError {
  return new GraphQLError(`${JSON.stringify(value)?.slice(0, 80)} ${what}`, { extensions: { code: 'BAD_USER_INPUT' } });
}
