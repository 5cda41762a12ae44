const known = new WeakSet<object>();

/**
 * A deep-frozen copy: what crosses the store's border is shared by nobody who could change it. A value that came out of here is
 * passed through as it is, so that reading and writing back costs nothing.
 */
export function frozen<T>(value: T): T {
  if (typeof value !== 'object' || value === null || known.has(value)) return value;
  const copy = Array.isArray(value) ? value.map((item) => frozen(item)) : frozenFields(value);
  Object.freeze(copy);
  known.add(copy);
  return copy as T;
}

function frozenFields(value: object): object {
  const copy: Record<string, unknown> = {};
  for (const [key, item] of Object.entries(value)) {
    if (item !== undefined) define(copy, key, frozen(item));
  }
  return copy;
}

/** A key named `__proto__` is data like any other. */
function define(target: Record<string, unknown>, key: string, value: unknown) {
  if (key === '__proto__') {
    Object.defineProperty(target, key, { value, enumerable: true, configurable: true, writable: true });
  } else {
    target[key] = value;
  }
}
