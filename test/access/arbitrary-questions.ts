import fc from 'fast-check';
import {
  type GraphQLField,
  type GraphQLInputType,
  type GraphQLOutputType,
  getNamedType,
  isEnumType,
  isInputObjectType,
  isListType,
  isNonNullType,
  isObjectType,
} from 'graphql';

/** Draws one value of an arbitrary: fast-check's own generator, so that what fails is made smaller. */
type Draw = fc.GeneratorValue;

const TEXTS = [
  '',
  ' ',
  'web',
  'default',
  'shop',
  'acme',
  'VirtualMachine',
  'virtualMachine',
  '__proto__',
  'constructor',
  'toString',
  'hasOwnProperty',
  '../../etc/passwd',
  'a/b',
  '0',
  '-1',
  '1e309',
  'NaN',
  'Infinity',
  'null',
  'undefined',
  'true',
  '2026-02-30',
  '2026-01-01T00:00:00Z',
  '+275760-09-13T00:00:00.001Z',
  '-000001-01-01T00:00:00Z',
  '10.0.0.0/8',
  '::1/129',
  'P1D',
  'P99999999999D',
  '1.00',
  '99999999999999999999999999999999.99',
  'EUR',
  '\u0000',
  '\u0000\u0001',
  '\ud800',
  '\udfff\ud800',
  '\u202e\u2028',
  '𝒳́',
  "'; drop table objects; --",
  '%',
  '_',
  '\\',
  '$1',
  '{{name}}',
  '#{x}',
  '=1+1',
  'eyJhIjoxfQ',
  'W10=',
  '00000000-0000-0000-0000-000000000000',
  'x'.repeat(64),
  'x'.repeat(10_000),
  'ß'.repeat(300_000),
];
const NUMBERS = [
  0, -0, 1, -1, 2, 100, 500, 501, 0.1, -0.5, 1e-320, 2_147_483_647, 2_147_483_648, -2_147_483_649,
  9_007_199_254_740_991, 9_007_199_254_740_992, 1e21, 1e308, -1e308,
];
const KEYS = [
  'kind',
  'name',
  'metadata',
  'spec',
  '__proto__',
  'constructor',
  'toString',
  'length',
  '',
  'a b',
  '/',
  '~0',
];

const json = fc.letrec<{ json: unknown }>((tie) => ({
  json: fc.oneof(
    { maxDepth: 4, withCrossShrink: true },
    fc.constantFrom<unknown>(...TEXTS.slice(0, -1), ...NUMBERS, null, true, false),
    fc.array(tie('json'), { maxLength: 3 }),
    // Of own properties, whatever their names: `{}` as a literal would set the prototype.
    fc
      .array(fc.tuple(fc.constantFrom(...KEYS), tie('json')), { maxLength: 4 })
      .map((entries) => Object.fromEntries(entries)),
  ),
})).json;
const words = fc.oneof(fc.constantFrom(...TEXTS), fc.string({ unit: 'binary', maxLength: 20 }));
const number = fc.oneof(fc.constantFrom(...NUMBERS), fc.integer(), fc.double({ noNaN: true, noDefaultInfinity: true }));

const DEPTH = 3;

/** A document that asks for one field of the root, with arbitrary arguments: most of the right shape, and some of none. */
export function arbitraryQuestion(
  draw: Draw,
  operation: 'query' | 'mutation',
  field: GraphQLField<unknown, unknown>,
): { query: string; variables: Record<string, unknown> } {
  const used = field.args.filter(({ type }) => isNonNullType(type) || draw(fc.boolean));
  const declared = used.map(({ name, type }) => `$${name}: ${type}`).join(', ');
  const passed = used.map(({ name }) => `${name}: $${name}`).join(', ');
  const call = `${field.name}${passed === '' ? '' : `(${passed})`}`;
  return {
    query: `${operation}${declared === '' ? '' : ` (${declared})`} { ${call}${selection(draw, field.type, DEPTH)} }`,
    variables: Object.fromEntries(used.map(({ name, type }) => [name, argumentOf(draw, type, 0)])),
  };
}

function argumentOf(draw: Draw, type: GraphQLInputType, depth: number): unknown {
  if (draw(fc.integer, { min: 0, max: 24 }) === 0) return draw(() => json);
  if (isNonNullType(type)) return argumentOf(draw, type.ofType, depth);
  if (isListType(type))
    return Array.from({ length: draw(fc.integer, { min: 0, max: 2 }) }, () => argumentOf(draw, type.ofType, depth + 1));
  if (isEnumType(type)) return draw(() => fc.constantFrom(...type.getValues().map(({ name }) => name)));
  if (isInputObjectType(type)) {
    const fields = Object.values(type.getFields());
    const wanted = fields.filter(
      (one) => isNonNullType(one.type) || (depth < 4 && draw(fc.integer, { min: 0, max: 3 }) === 0),
    );
    return Object.fromEntries(wanted.map((one) => [one.name, argumentOf(draw, one.type, depth + 1)]));
  }
  switch (type.name) {
    case 'Int':
    case 'Float':
    case 'SafeInt':
      return draw(() => number);
    case 'Boolean':
      return draw(fc.boolean);
    case 'JSON':
      return draw(() => json);
    default:
      return draw(() => words);
  }
}

/** Some of what can be selected, with arbitrary arguments where the language asks for none. */
function selection(draw: Draw, type: GraphQLOutputType, depth: number): string {
  const named = getNamedType(type);
  if (!isObjectType(named)) return 'getFields' in named || 'getTypes' in named ? ' { __typename }' : '';
  const fields = Object.values(named.getFields()).filter(
    ({ args, type: inner }) =>
      args.every((arg) => !isNonNullType(arg.type)) && (depth > 0 || !('getFields' in getNamedType(inner))),
  );
  const chosen = draw(() => fc.subarray(fields, { maxLength: Math.min(6, fields.length) }));
  const parts = chosen.map((field) => `${field.name}${selection(draw, field.type, depth - 1)}`);
  return ` { ${['__typename', ...parts].join(' ')} }`;
}
