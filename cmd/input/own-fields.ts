import { leavesOf } from '../../reconciler/admission/ownership.ts';
import { jsonEqual } from '../../reconciler/equal.ts';
import type { JsonObject } from '../../reconciler/json.ts';
import { tokensOf } from '../../reconciler/refs.ts';

export type OwnFields = { spec: JsonObject } | { refused: string };

/**
 * Of an edited spec only what the editing source owns already, and what was changed: sending all of it would take every field from
 * its owner. A field of another source cannot be taken out this way.
 */
export function ownFields(input: {
  before: JsonObject;
  after: JsonObject;
  managed: Readonly<Record<string, readonly string[]>>;
  source: string;
}): OwnFields {
  const before = leavesOf(input.before);
  const after = leavesOf(input.after);
  const mine = new Set(input.managed[input.source] ?? []);
  const others = Object.entries(input.managed).filter(([owner]) => owner !== input.source);
  for (const path of before.keys()) {
    const owner = others.find(([, paths]) => paths.includes(path))?.[0];
    if (!after.has(path) && !mine.has(path) && owner !== undefined)
      return { refused: `${path} belongs to "${owner}"; take it out there, or edit with --take-over.` };
  }
  const kept = [...after].filter(([path, value]) => mine.has(path) || !jsonEqual(before.get(path), value));
  return { spec: assembled(kept) };
}

function assembled(leaves: readonly (readonly [string, JsonObject[string]])[]): JsonObject {
  const root: JsonObject = {};
  for (const [path, value] of leaves) {
    const tokens = tokensOf(path);
    const last = tokens.pop() ?? '';
    let at = root;
    for (const token of tokens) {
      if (!Object.hasOwn(at, token)) at[token] = {};
      at = at[token] as JsonObject;
    }
    at[last] = value;
  }
  return root;
}
