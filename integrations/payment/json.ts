/** What somebody else sent, taken apart without believing it. */
export type JsonValue = null | boolean | number | string | JsonValue[] | { [name: string]: JsonValue };

/** Undefined where it is no JSON. A byte order mark in front, which some gateways send, is not looked at. */
export function parseJson(text: string): JsonValue | undefined {
  try {
    return JSON.parse(text.startsWith('\uFEFF') ? text.slice(1) : text) as JsonValue;
  } catch {
    return undefined;
  }
}

/** The value at a path of names and places, or undefined. */
export function at(value: JsonValue | undefined, ...path: (string | number)[]): JsonValue | undefined {
  let found = value;
  for (const step of path) {
    if (typeof found !== 'object' || found === null) return undefined;
    if (Array.isArray(found)) found = typeof step === 'number' ? found[step] : undefined;
    else found = typeof step === 'string' && Object.hasOwn(found, step) ? found[step] : undefined;
  }
  return found;
}

export function textAt(value: JsonValue | undefined, ...path: (string | number)[]): string | null {
  const found = at(value, ...path);
  return typeof found === 'string' && found !== '' ? found : null;
}

export function numberAt(value: JsonValue | undefined, ...path: (string | number)[]): number | null {
  const found = at(value, ...path);
  return typeof found === 'number' && Number.isFinite(found) ? found : null;
}

export function listAt(value: JsonValue | undefined, ...path: (string | number)[]): JsonValue[] {
  const found = at(value, ...path);
  return Array.isArray(found) ? found : [];
}
