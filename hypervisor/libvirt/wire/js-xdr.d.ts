/** The part of @stellar/js-xdr that the codec's tests compare with; the package has no declarations. */
declare module '@stellar/js-xdr' {
  interface Writer {
    finalize(): Buffer;
  }
  export interface XdrType {
    write(value: unknown, writer: Writer): void;
  }
  interface Builder {
    struct(name: string, fields: [string, XdrType][]): void;
    union(
      name: string,
      shape: { switchOn: XdrType; switches: [number, string][]; arms: Record<string, XdrType> },
    ): void;
  }
  type StructClass = XdrType & (new (fields: Record<string, unknown>) => unknown);
  type UnionClass = XdrType & (new (tag: number, value: unknown) => unknown);
  const xdr: {
    XdrWriter: new () => Writer;
    Int: XdrType;
    UnsignedInt: XdrType;
    Hyper: XdrType & { fromString(text: string): unknown };
    UnsignedHyper: XdrType & { fromString(text: string): unknown };
    Double: XdrType;
    String: new (maxBytes: number) => XdrType;
    VarOpaque: new (maxBytes: number) => XdrType;
    Array: new (item: XdrType, count: number) => XdrType;
    VarArray: new (item: XdrType, maxItems: number) => XdrType;
    Option: new (item: XdrType) => XdrType;
    config(build: (xdr: Builder) => void): Record<string, StructClass & UnionClass>;
  };
  export default xdr;
}
