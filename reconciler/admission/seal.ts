import type { Json, JsonObject } from '../json.ts';
import type { AnyKind } from '../kind.ts';
import { secretsIn } from '../refs.ts';
import { valueAt } from './ownership.ts';

/**
 * Seals secrets at the border of the store. A sealed value is `sealed:v1:<fingerprint>:<rest>`: the fingerprint (an HMAC) stands for the
 * value wherever it may be compared or shown.
 */
export interface Sealer {
  seal(plain: string): string;
  fingerprint(plain: string): string;
  /** True for what this sealer sealed. Text that only looks sealed is somebody's plain text. */
  sealed(text: string): boolean;
}

const SEALED = /^sealed:v1:([0-9a-f]+):/;

const SHOWN = /^\(sealed [0-9a-z]+\)$/;

/** Secrets of a wish that only show what stands for a value which is not there: pointers of the spec. */
export function secretsMissing(kind: AnyKind, sealedSpec: JsonObject): string[] {
  return secretsIn(kind, sealedSpec).flatMap(({ path, value }) =>
    typeof value === 'string' && SHOWN.test(value) ? [path] : [],
  );
}

/** What stands for a sealed value in reads, plans, events and exports. */
export function shownSecret(sealed: string): string {
  return `(sealed ${SEALED.exec(sealed)?.[1]?.slice(0, 8) ?? 'value'})`;
}

export function isSealed(value: unknown): boolean {
  return typeof value === 'string' && SEALED.test(value);
}

/** A value as it may leave the store: whatever is sealed in it, at any depth, is only stood for. */
export function withoutSealed(value: Json): Json {
  if (typeof value === 'string') return isSealed(value) ? shownSecret(value) : value;
  if (Array.isArray(value)) return value.map(withoutSealed);
  if (value === null || typeof value !== 'object') return value;
  return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, withoutSealed(item)]));
}

/** Seals every secret of a spec; a value that is the same as before keeps its sealed form, so that nothing seems to change. */
export function sealSecrets(
  kind: AnyKind,
  input: { spec: JsonObject; previous: JsonObject | null; sealer: Sealer },
): JsonObject {
  const secrets = secretsIn(kind, input.spec);
  if (secrets.length === 0) return input.spec;
  const sealed = structuredClone(input.spec);
  for (const { path, value } of secrets) {
    if (typeof value !== 'string' || (isSealed(value) && input.sealer.sealed(value))) continue;
    const before = valueAt(input.previous ?? {}, path);
    // An exported or edited manifest shows what stands for the value: that means "as it is".
    if (typeof before === 'string' && value === shownSecret(before)) {
      replaceAt(sealed, path, before);
      continue;
    }
    if (SHOWN.test(value)) continue;
    const same = typeof before === 'string' && SEALED.exec(before)?.[1] === input.sealer.fingerprint(value);
    replaceAt(sealed, path, same ? before : input.sealer.seal(value));
  }
  return sealed;
}

/** The spec as anybody may see it: secrets replaced by what stands for them. */
export function redactSecrets(kind: AnyKind, spec: JsonObject): JsonObject {
  const secrets = secretsIn(kind, spec);
  if (secrets.length === 0) return spec;
  const shown = structuredClone(spec);
  for (const { path, value } of secrets)
    replaceAt(shown, path, typeof value === 'string' ? shownSecret(value) : '(sealed)');
  return shown;
}

function replaceAt(root: JsonObject, path: string, value: string): void {
  const keys = path
    .split('/')
    .slice(1)
    .map((key) => key.replaceAll('~1', '/').replaceAll('~0', '~'));
  const last = keys.pop() as string;
  const parent = keys.reduce<unknown>((at, key) => (at as JsonObject)[key], root) as JsonObject;
  parent[last] = value;
}
