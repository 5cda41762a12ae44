import { jsonEqual } from '../equal.ts';
import type { Json, JsonObject } from '../json.ts';
import { escapePointer } from '../refs.ts';

/** Leaves of a wish: JSON pointer → value. Lists are leaves; an empty object is one. */
export type Leaves = ReadonlyMap<string, Json>;

export interface OwnershipConflict {
  path: string;
  owner: string;
  /** What the owner has there, and what was asked for. */
  has: Json;
  asked: Json;
}

export interface Merged {
  wish: JsonObject;
  managed: Record<string, string[]>;
  conflicts: OwnershipConflict[];
}

/**
 * Merges what `source` wishes now with what other sources own. Leaves that the source owned and no longer wishes go (unless another owns
 * them too). Only a different value on another source's path conflicts; with `takeOver` the path changes hands instead.
 */
export function mergeOwnership(input: {
  current: JsonObject;
  managed: Readonly<Record<string, readonly string[]>>;
  source: string;
  wished: JsonObject;
  /** The wish with the schema's defaults: a list that only leaves defaults out is not another list. Asked only where others own something. */
  filled(): JsonObject;
  takeOver: boolean;
}): Merged {
  const { current, source, takeOver } = input;
  const asked = leavesOf(input.wished);
  const conflicts: OwnershipConflict[] = [];
  const managed: Record<string, string[]> = {};
  const result = new Map<string, Json>();
  for (const [owner, paths] of Object.entries(input.managed)) {
    if (owner === source) continue;
    const kept = paths.filter((path) => {
      const has = valueAt(current, path);
      if (has === undefined) return false;
      const clash = clashing(asked, { path, has, filled: () => valueAt(input.filled(), path) });
      if (clash === undefined) return true;
      if (!takeOver) conflicts.push({ path: clash, owner, has, asked: asked.get(clash) ?? null });
      return !takeOver;
    });
    for (const path of kept) result.set(path, valueAt(current, path) as Json);
    if (kept.length > 0) managed[owner] = kept;
  }
  for (const [path, value] of asked) result.set(path, value);
  managed[source] = [...asked.keys()];
  return { wish: assemble(result), managed, conflicts };
}

/** The asked path that overlaps `path` with another value, if any. */
function clashing(
  asked: Leaves,
  { path, has, filled }: { path: string; has: Json; filled: () => Json | undefined },
): string | undefined {
  const same = asked.get(path);
  if (same !== undefined) return jsonEqual(same, has) || jsonEqual(filled(), has) ? undefined : path;
  for (const other of asked.keys()) {
    if (other.startsWith(`${path}/`) || path.startsWith(`${other}/`)) return other;
  }
  return undefined;
}

export function leavesOf(spec: JsonObject): Leaves {
  const leaves = new Map<string, Json>();
  collect(spec, '', leaves);
  return leaves;
}

function collect(value: JsonObject, path: string, leaves: Map<string, Json>): void {
  for (const [key, member] of Object.entries(value)) {
    const at = `${path}/${escapePointer(key)}`;
    if (isObject(member) && Object.keys(member).length > 0) collect(member, at, leaves);
    else if (member !== undefined) leaves.set(at, member);
  }
}

export function valueAt(value: Json | undefined, path: string): Json | undefined {
  let at: Json | undefined = value;
  for (const key of path.split('/').slice(1)) {
    if (!isObject(at)) return undefined;
    at = at[key.replaceAll('~1', '/').replaceAll('~0', '~')];
  }
  return at;
}

function assemble(leaves: Leaves): JsonObject {
  const root: JsonObject = {};
  for (const [path, value] of leaves) {
    const keys = path
      .split('/')
      .slice(1)
      .map((key) => key.replaceAll('~1', '/').replaceAll('~0', '~'));
    let at = root;
    for (const key of keys.slice(0, -1)) {
      const next = Object.hasOwn(at, key) ? at[key] : undefined;
      const child: JsonObject = isObject(next) ? next : {};
      Object.defineProperty(at, key, { value: child, enumerable: true, configurable: true, writable: true });
      at = child;
    }
    const last = keys.at(-1) as string;
    Object.defineProperty(at, last, { value, enumerable: true, configurable: true, writable: true });
  }
  return root;
}

function isObject(value: Json | undefined): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
