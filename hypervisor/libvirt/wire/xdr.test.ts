import { describe, expect, it } from '@jest/globals';
import oracle, { type XdrType } from '@stellar/js-xdr';
import fc from 'fast-check';
import { XdrError } from './errors.ts';
import {
  array,
  type Codec,
  double,
  fixedArray,
  flag,
  int,
  int64,
  nullable,
  opaque,
  string,
  struct,
  uint,
  uint64,
  union,
} from './xdr.ts';
import { XdrReader, XdrWriter } from './xdr-cursor.ts';

/** One type in both libraries: ours, the other one's, values of it, and how the other one wants to be given them. */
interface Pair {
  readonly codec: Codec<unknown>;
  readonly other: XdrType;
  readonly values: fc.Arbitrary<unknown>;
  readonly give: (value: unknown) => unknown;
}

const same = (value: unknown) => value;
const pair = <T>(
  codec: Codec<T>,
  other: XdrType,
  values: fc.Arbitrary<T>,
  give: (value: T) => unknown = same,
): Pair => ({ codec: codec as Codec<unknown>, other, values, give: give as (value: unknown) => unknown });

const leaves: Pair[] = [
  pair(int, oracle.Int, fc.integer()),
  pair(uint, oracle.UnsignedInt, fc.nat({ max: 0xffff_ffff })),
  pair(int64, oracle.Hyper, fc.maxSafeInteger(), (value) => oracle.Hyper.fromString(String(value))),
  pair(uint64, oracle.UnsignedHyper, fc.maxSafeNat(), (value) => oracle.UnsignedHyper.fromString(String(value))),
  pair(double, oracle.Double, fc.double({ noNaN: true })),
  pair(
    string(200),
    new oracle.String(200),
    fc.string({ unit: 'grapheme', maxLength: 20 }).filter((text) => !text.includes('\0')),
  ),
  pair(
    opaque(64),
    new oracle.VarOpaque(64),
    fc.uint8Array({ maxLength: 64 }).map((bytes) => Buffer.from(bytes)),
  ),
];

/** Types of any shape, three levels deep. */
const types = fc.letrec<{ type: Pair }>((tie) => ({
  type: fc.oneof(
    { depthSize: 'small', maxDepth: 3, withCrossShrink: true },
    fc.constantFrom(...leaves),
    tie('type').map(listOf),
    tie('type').map(optionOf),
    fc.array(tie('type'), { minLength: 1, maxLength: 4 }).map(structOf),
    fc.array(tie('type'), { minLength: 1, maxLength: 4 }).map(unionOf),
  ),
})).type;

describe('XDR', () => {
  it('writes and reads every type as an independent implementation does', () => {
    const typeAndValue = types.chain((type) => fc.tuple(fc.constant(type), type.values));
    fc.assert(
      fc.property(typeAndValue, ([type, value]) => {
        const theirs = writtenByOther(type.other, type.give(value));
        const ours = written(type.codec, value);
        expect(ours.toString('hex')).toBe(theirs.toString('hex'));
        expect(read(type.codec, theirs)).toEqual(value);
      }),
      { numRuns: 500 },
    );
  });

  it('never reads past the end nor allocates what is only promised, whatever the bytes', () => {
    fc.assert(
      fc.property(types, fc.uint8Array({ maxLength: 200 }), (type, bytes) => {
        try {
          read(type.codec, Buffer.from(bytes));
        } catch (error) {
          expect(error).toBeInstanceOf(XdrError);
        }
      }),
      { numRuns: 500 },
    );
  });

  it('refuses every truncation of a value', () => {
    const codec = struct({ a: string(), b: array(nullable(uint64), 10), c: double });
    const whole = written(codec, { a: 'hello', b: [1, null, 3], c: 0.5 });
    for (let length = 0; length < whole.length; length++) {
      expect(() => read(codec, whole.subarray(0, length))).toThrow(XdrError);
    }
  });

  it('names the field, the value and the limit', () => {
    const codec = struct({ list: array(struct({ size: int }), 3), name: string(4) });
    const refusal = (value: unknown) => () => written(codec as Codec<unknown>, value);
    expect(refusal({ list: [{ size: 1 }, { size: 2 ** 31 }], name: '' })).toThrow(
      'list[1].size: 2147483648 is not a signed 32-bit integer',
    );
    expect(refusal({ list: Array(4).fill({ size: 1 }), name: '' })).toThrow('list: a list of 4 items; at most 3');
    expect(refusal({ list: [], name: 'fünf' })).toThrow('name: a string of 5 bytes; at most 4 are allowed');
    expect(refusal({ list: [] })).toThrow('name: a value of type undefined is not a string');
  });

  it('never shows a text in an error, which may be a secret', () => {
    const secret = 'correct-horse';
    expect(() => written(int as Codec<unknown>, secret)).toThrow(/^a value of type string is not/);
  });

  it('is exact up to 2^53 and gives the nearest number above', () => {
    const bytes = (value: bigint) => {
      const buffer = Buffer.alloc(8);
      buffer.writeBigUInt64BE(value);
      return buffer;
    };
    fc.assert(
      fc.property(fc.bigInt({ min: 0n, max: 2n ** 64n - 1n }), (value) => {
        expect(read(uint64, bytes(value))).toBe(Number(value));
        expect(read(int64, bytes(value))).toBe(Number(BigInt.asIntN(64, value)));
      }),
    );
    expect(() => written(uint64, 2 ** 53)).toThrow('is not an integer between 0 and 2^53-1');
    expect(() => written(uint64, -1)).toThrow(XdrError);
    expect(() => written(int64, 0.5)).toThrow(XdrError);
  });

  it('refuses what is not canonical: dirty padding, strange booleans of presence, unknown discriminants', () => {
    expect(() => read(string(), Buffer.from('0000000161000001', 'hex'))).toThrow('padding');
    expect(() => read(nullable(int), Buffer.from('0000000200000001', 'hex'))).toThrow('marked 2');
    const choice = union({ small: { tag: 1, codec: int } });
    expect(() => read(choice, Buffer.from('0000000900000001', 'hex'))).toThrow('unknown discriminant 9; known: 1');
  });

  it('reads any int but 0 as true', () => {
    expect(read(flag, Buffer.from('00000002', 'hex'))).toBe(true);
    expect(written(flag, true).toString('hex')).toBe('00000001');
    expect(read(flag, written(flag, false))).toBe(false);
  });

  it('keeps fixed lists fixed', () => {
    const three = fixedArray(int, 3);
    expect(written(three, [1, 2, 3]).equals(writtenByOther(new oracle.Array(oracle.Int, 3), [1, 2, 3]))).toBe(true);
    expect(() => written(three, [1, 2])).toThrow('exactly 3');
  });
});

function listOf(item: Pair): Pair {
  return {
    codec: array(item.codec, 8) as Codec<unknown>,
    other: new oracle.VarArray(item.other, 8),
    values: fc.array(item.values, { maxLength: 8 }),
    give: (values) => (values as unknown[]).map(item.give),
  };
}

function optionOf(item: Pair): Pair {
  // An optional of an optional cannot be told apart in values where null stands for absence.
  const values = item.values.filter((value) => value !== null);
  return {
    codec: nullable(item.codec),
    other: new oracle.Option(item.other),
    values: fc.option(values, { nil: null }),
    give: (value) => (value === null ? undefined : item.give(value)),
  };
}

function structOf(fields: Pair[]): Pair {
  const named = fields.map((field, index): [string, Pair] => [`f${index}`, field]);
  const { T } = oracle.config((xdr) =>
    xdr.struct(
      'T',
      named.map(([name, field]) => [name, field.other]),
    ),
  );
  if (!T) throw new Error('the other library made no struct');
  return {
    codec: struct(Object.fromEntries(named.map(([name, field]) => [name, field.codec]))) as Codec<unknown>,
    other: T,
    values: fc.record(Object.fromEntries(named.map(([name, field]) => [name, field.values])), {
      noNullPrototype: true,
    }),
    give: (value) =>
      new T(
        Object.fromEntries(named.map(([name, field]) => [name, field.give((value as Record<string, unknown>)[name])])),
      ),
  };
}

function unionOf(arms: Pair[]): Pair {
  const named = arms.map((arm, index) => ({ name: `a${index}`, tag: index * 3 - 1, arm }));
  const { T } = oracle.config((xdr) =>
    xdr.union('T', {
      switchOn: oracle.Int,
      switches: named.map(({ name, tag }) => [tag, name]),
      arms: Object.fromEntries(named.map(({ name, arm }) => [name, arm.other])),
    }),
  );
  if (!T) throw new Error('the other library made no union');
  const armOf = (type: string) => named.find(({ name }) => name === type) ?? named[0];
  return {
    codec: union(
      Object.fromEntries(named.map(({ name, tag, arm }) => [name, { tag, codec: arm.codec }])),
    ) as Codec<unknown>,
    other: T,
    values: fc.oneof(
      ...named.map(({ name, arm }) =>
        fc.record({ type: fc.constant(name), value: arm.values }, { noNullPrototype: true }),
      ),
    ),
    give: (value) => {
      const { type, value: inner } = value as { type: string; value: unknown };
      const found = armOf(type);
      return new T(found?.tag ?? 0, found?.arm.give(inner));
    },
  };
}

function written<T>(codec: Codec<T>, value: T): Buffer {
  const writer = new XdrWriter(1);
  codec.write(writer, value);
  return writer.take();
}

function writtenByOther(type: XdrType, value: unknown): Buffer {
  const writer = new oracle.XdrWriter();
  type.write(value, writer);
  return writer.finalize();
}

function read<T>(codec: Codec<T>, bytes: Buffer): T {
  return codec.read(new XdrReader(bytes));
}
