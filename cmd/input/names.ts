import { didYouMean } from '../../reconciler/admission/suggest.ts';
import type { AnyKind } from '../../reconciler/kind.ts';
import type { ObjectKey } from '../../reconciler/object.ts';
import type { Registry } from '../../reconciler/registry.ts';
import { CliError, EXIT } from '../exit-codes.ts';

/** A kind in any spelling, or a usage error that knows what was meant. */
export function kindNamed(registry: Pick<Registry, 'kinds' | 'find'>, spelling: string): AnyKind {
  const kind = registry.find(spelling);
  if (kind) return kind;
  const names = registry.kinds.flatMap((k) => [k.kind, k.plural, ...k.shortNames]);
  const hint = didYouMean(spelling, names) || `; the kinds are ${registry.kinds.map((k) => k.kind).join(', ')}`;
  throw new CliError(`"${spelling}" is not a kind${hint}`, EXIT.usage);
}

export interface Named {
  kinds: AnyKind[];
  /** Empty: all of the kinds. */
  keys: ObjectKey[];
}

/**
 * What people write after a verb: `vm`, `vm,net`, `vm web db`, `vm/web net/lan`, `vm/other-project/web`, `all`.
 */
export function parseNames(
  registry: Pick<Registry, 'kinds' | 'find'>,
  words: readonly string[],
  project: string,
): Named {
  const [first = '', ...rest] = words;
  if (first === '')
    throw new CliError('Say which kind, for example "vm", or which object, for example "vm/web".', EXIT.usage);
  if (words.some((word) => word.includes('/'))) {
    const keys = words.map((word) => keyOfWord(registry, word, project));
    return { kinds: [...new Set(keys.map((key) => kindNamed(registry, key.kind)))], keys };
  }
  const kinds = first === 'all' ? [...registry.kinds] : first.split(',').map((word) => kindNamed(registry, word));
  if (rest.length > 0 && kinds.length !== 1)
    throw new CliError('Names belong to one kind: write "vm/web net/lan" for objects of several kinds.', EXIT.usage);
  const keys = rest.map((name) => keyOf(kinds[0] as AnyKind, name, project));
  return { kinds, keys };
}

function keyOfWord(registry: Pick<Registry, 'kinds' | 'find'>, word: string, project: string): ObjectKey {
  const parts = word.split('/');
  const [kind = '', second = '', third] = parts;
  if (parts.length < 2 || parts.length > 3 || parts.includes(''))
    throw new CliError(`"${word}" names no object; write kind/name, or kind/project/name.`, EXIT.usage);
  return keyOf(kindNamed(registry, kind), third ?? second, third === undefined ? project : second);
}

function keyOf(kind: AnyKind, name: string, project: string): ObjectKey {
  return { kind: kind.kind, project: kind.scope === 'project' ? project : null, name };
}
