import type { Json, JsonObject } from '../reconciler/json.ts';
import { escapePointer } from '../reconciler/refs.ts';
import type { Limits } from './yaml-options.ts';

export type PlainResult = { ok: true; value: Json } | { ok: false; path: string; message: string };

interface Budget {
  values: number;
  characters: number;
  limits: Limits;
}

class NotPlain extends Error {
  path: string;
  constructor(path: string, message: string) {
    super(message);
    this.path = path;
  }
}

/**
 * Copies what the parser made into plain JSON, counting as it goes: parsed aliases share their target, so a small text can stand for
 * a huge value, and everything behind this point walks values without counting.
 */
export function plainJson(value: unknown, limits: Limits): PlainResult {
  const budget = { values: limits.documentValues, characters: limits.documentCharacters, limits };
  try {
    return { ok: true, value: copy({ value, path: '', depth: 0 }, budget) };
  } catch (error) {
    if (error instanceof NotPlain) return { ok: false, path: error.path, message: error.message };
    throw error;
  }
}

function copy(at: { value: unknown; path: string; depth: number }, budget: Budget): Json {
  const { value, path, depth } = at;
  if (--budget.values < 0)
    throw new NotPlain(path, `the document stands for more than ${budget.limits.documentValues} values; split it`);
  if (depth > budget.limits.depth) throw new NotPlain(path, `nested deeper than ${budget.limits.depth} levels`);
  if (value === null || value === undefined) return null;
  if (typeof value === 'boolean') return value;
  if (typeof value === 'string') return spend(value, path, budget);
  if (typeof value === 'number') return checkedNumber(value, path);
  if (Array.isArray(value)) return value.map((item, i) => copy(inside(at, item, String(i)), budget));
  if (typeof value === 'object') return copyMap(at, value, budget);
  throw new NotPlain(path, `is a ${typeof value}, which JSON does not have`);
}

function copyMap(at: { path: string; depth: number }, value: object, budget: Budget): JsonObject {
  const result: JsonObject = {};
  for (const [key, item] of Object.entries(value)) {
    if (key === '__proto__') throw new NotPlain(at.path, 'has a field named "__proto__", which is not allowed');
    spend(key, at.path, budget);
    result[key] = copy(inside(at, item, key), budget);
  }
  return result;
}

function inside(at: { path: string; depth: number }, value: unknown, key: string) {
  return { value, path: `${at.path}/${escapePointer(key)}`, depth: at.depth + 1 };
}

function spend(text: string, path: string, budget: Budget): string {
  budget.characters -= text.length;
  if (budget.characters < 0)
    throw new NotPlain(
      path,
      `the document stands for more than ${budget.limits.documentCharacters} characters; split it`,
    );
  return text;
}

function checkedNumber(value: number, path: string): number {
  if (!Number.isFinite(value))
    throw new NotPlain(path, 'is not a finite number; write a number or put quotes around text');
  if (Number.isInteger(value) && !Number.isSafeInteger(value))
    throw new NotPlain(path, 'is too large for a whole number; put quotes around it if it is text');
  return value;
}
