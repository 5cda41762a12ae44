import type { AnyKind } from './kind.ts';

/** All kinds of an installation. Look-ups by any spelling a person might use. */
export interface Registry<Ports = unknown> {
  kinds: readonly AnyKind<Ports>[];
  kind(name: string): AnyKind<Ports> | undefined;
  /** `vm`, `virtualmachine`, `VirtualMachines`, … → the kind. */
  find(spelling: string): AnyKind<Ports> | undefined;
}

export function createRegistry<Ports>(kinds: readonly AnyKind<Ports>[]): Registry<Ports> {
  const byKind = new Map(kinds.map((kind) => [kind.kind, kind]));
  const bySpelling = new Map<string, AnyKind<Ports>>();
  for (const kind of kinds) {
    for (const spelling of [kind.kind, kind.plural, ...kind.shortNames]) {
      const lower = spelling.toLowerCase();
      if (bySpelling.has(lower))
        throw new Error(`Two kinds answer to "${lower}": ${kind.kind} and ${bySpelling.get(lower)?.kind}.`);
      bySpelling.set(lower, kind);
    }
  }
  return {
    kinds,
    kind: (name) => byKind.get(name),
    find: (spelling) => bySpelling.get(spelling.toLowerCase()),
  };
}
