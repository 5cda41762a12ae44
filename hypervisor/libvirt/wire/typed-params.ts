/** libvirt's typed parameters: named values whose type travels with them. Statistics and migration options are lists of them. */
import { double, flag, int, int64, string, struct, uint, uint64, union, type ValueOf } from './xdr.ts';

const typedValue = union({
  int: { tag: 1, codec: int },
  uint: { tag: 2, codec: uint },
  llong: { tag: 3, codec: int64 },
  ullong: { tag: 4, codec: uint64 },
  double: { tag: 5, codec: double },
  boolean: { tag: 6, codec: flag },
  string: { tag: 7, codec: string() },
});

export const typedParam = struct({ field: string(), value: typedValue });
export type TypedParam = ValueOf<typeof typedParam>;

/** The parameters as name → plain value, for looking up what a statistics call returned. */
export function valuesOf(params: readonly TypedParam[]): Map<string, number | boolean | string> {
  return new Map(params.map(({ field, value }) => [field, value.value]));
}
