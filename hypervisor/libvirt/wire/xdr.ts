/**
 * XDR (RFC 4506) as libvirt uses it: big endian, every item padded to four bytes. A codec is a value that both writes
 * and reads one type; codecs are combined into bigger ones, and the TypeScript type follows.
 */
import { XdrError } from './errors.ts';
import type { XdrReader, XdrWriter } from './xdr-cursor.ts';

/** Writes and reads one type. Both directions throw XdrError, naming the field, when a limit is broken. */
export interface Codec<T> {
  write(writer: XdrWriter, value: T): void;
  read(reader: XdrReader): T;
}

/** The type of the values that a codec carries. */
export type ValueOf<C> = C extends Codec<infer T> ? T : never;

/** libvirt's own limit on one string, in bytes. */
const stringMaxBytes = 4_194_304;

/** A signed 32-bit integer. XDR's char, short and enum are this on the wire as well. */
export const int: Codec<number> = {
  write: (writer, value) => writer.int32(value),
  read: (reader) => reader.int32(),
};

/** An unsigned 32-bit integer. */
export const uint: Codec<number> = {
  write: (writer, value) => writer.uint32(value),
  read: (reader) => reader.uint32(),
};

/** A truth value, which libvirt carries as an int. Anything but 0 reads as true. */
export const flag: Codec<boolean> = {
  write: (writer, value) => writer.int32(value ? 1 : 0),
  read: (reader) => reader.int32() !== 0,
};

/**
 * A signed 64-bit integer as a number. Writing is exact or refused. Reading above 2^53 gives the nearest double: a counter
 * of nanoseconds or bytes loses its last digit there, which is worth far less than a listing that fails as a whole.
 */
export const int64: Codec<number> = {
  write: (writer, value) => writer.int64(value),
  read: (reader) => reader.int64(),
};

/** An unsigned 64-bit integer as a number; the same rule above 2^53 as int64. */
export const uint64: Codec<number> = {
  write: (writer, value) => writer.uint64(value),
  read: (reader) => reader.uint64(),
};

/** An IEEE 754 double. */
export const double: Codec<number> = {
  write: (writer, value) => writer.double(value),
  read: (reader) => reader.double(),
};

/** UTF-8 text of at most maxBytes. Text with a NUL is refused: the other end is C and would silently cut it there. */
export function string(maxBytes: number = stringMaxBytes): Codec<string> {
  return {
    write: (writer, value) => writer.string(value, maxBytes),
    read: (reader) => reader.string(maxBytes),
  };
}

/** Bytes of any length up to maxBytes. What is read is a view into the packet, not a copy. */
export function opaque(maxBytes: number): Codec<Uint8Array> {
  return {
    write: (writer, value) => writer.opaque(value, maxBytes),
    read: (reader) => reader.opaque(maxBytes),
  };
}

/** A list of at most maxItems. Nothing is allocated ahead of the items that really arrive. */
export function array<T>(item: Codec<T>, maxItems: number): Codec<readonly T[]> {
  return {
    write(writer, values) {
      if (values.length > maxItems)
        throw new XdrError(`a list of ${values.length} items; at most ${maxItems} are allowed`);
      writer.uint32(values.length);
      values.forEach((value, index) => {
        within(`[${index}]`, () => item.write(writer, value));
      });
    },
    read(reader) {
      const count = reader.uint32();
      if (count > maxItems) throw new XdrError(`a list of ${count} items; at most ${maxItems} are allowed`);
      return readItems(reader, item, count);
    },
  };
}

/** Exactly `count` items without a length word. */
export function fixedArray<T>(item: Codec<T>, count: number): Codec<readonly T[]> {
  return {
    write(writer, values) {
      if (values.length !== count) throw new XdrError(`a list of ${values.length} items; exactly ${count} are needed`);
      for (const value of values) item.write(writer, value);
    },
    read: (reader) => readItems(reader, item, count),
  };
}

/** XDR's optional pointer: null when absent. */
export function nullable<T>(item: Codec<T>): Codec<T | null> {
  return {
    write(writer, value) {
      writer.int32(value === null ? 0 : 1);
      if (value !== null) item.write(writer, value);
    },
    read(reader) {
      const present = reader.uint32();
      if (present > 1) throw new XdrError(`an optional value is marked ${present}; 0 or 1 is allowed`);
      return present === 0 ? null : item.read(reader);
    },
  };
}

type Fields = Record<string, Codec<unknown>>;
type StructOf<F extends Fields> = { readonly [K in keyof F]: ValueOf<F[K]> };

/** Named fields, written in the order in which they are given. */
export function struct<F extends Fields>(fields: F): Codec<StructOf<F>> {
  const names = Object.keys(fields);
  const codecs = Object.values(fields);
  return {
    write(writer, value) {
      const values = value as Record<string, unknown>;
      let index = 0;
      try {
        for (; index < names.length; index++) codecs[index]!.write(writer, values[names[index]!]);
      } catch (error) {
        throw inside(`.${names[index]}`, error);
      }
    },
    read(reader) {
      const value: Record<string, unknown> = {};
      let index = 0;
      try {
        for (; index < names.length; index++) value[names[index]!] = codecs[index]!.read(reader);
      } catch (error) {
        throw inside(`.${names[index]}`, error);
      }
      return value as StructOf<F>;
    },
  };
}

/** One arm of a union: its discriminant on the wire and the codec of what follows. */
export interface Arm<T> {
  readonly tag: number;
  readonly codec: Codec<T>;
}
type Arms = Record<string, Arm<unknown>>;
type ArmValue<A> = A extends Arm<infer T> ? T : never;
export type UnionOf<A extends Arms> = { [K in keyof A]: { readonly type: K; readonly value: ArmValue<A[K]> } }[keyof A];

/** A discriminated union: an int on the wire, a name in `type`. */
export function union<A extends Arms>(arms: A): Codec<UnionOf<A>> {
  const byTag = new Map(Object.entries(arms).map(([type, arm]) => [arm.tag, { type, codec: arm.codec }]));
  return {
    write(writer, value) {
      const arm = arms[value.type as string];
      if (!arm)
        throw new XdrError(`a value of unknown type ${String(value.type)}; known: ${Object.keys(arms).join(', ')}`);
      writer.int32(arm.tag);
      arm.codec.write(writer, value.value);
    },
    read(reader) {
      const tag = reader.int32();
      const arm = byTag.get(tag);
      if (!arm) throw new XdrError(`a union with unknown discriminant ${tag}; known: ${[...byTag.keys()].join(', ')}`);
      return { type: arm.type, value: arm.codec.read(reader) } as UnionOf<A>;
    },
  };
}

/** The same bytes under another type, as a UUID is sixteen bytes on the wire and text everywhere else. */
export function mapped<W, T>(wire: Codec<W>, toWire: (value: T) => W, fromWire: (value: W) => T): Codec<T> {
  return {
    write: (writer, value) => wire.write(writer, toWire(value)),
    read: (reader) => fromWire(wire.read(reader)),
  };
}

function readItems<T>(reader: XdrReader, item: Codec<T>, count: number): T[] {
  const items: T[] = [];
  let index = 0;
  try {
    for (; index < count; index++) items.push(item.read(reader));
  } catch (error) {
    throw inside(`[${index}]`, error);
  }
  return items;
}

function within(place: string, work: () => void): void {
  try {
    work();
  } catch (error) {
    throw inside(place, error);
  }
}

function inside(place: string, error: unknown): unknown {
  return error instanceof XdrError ? error.inside(place) : error;
}
