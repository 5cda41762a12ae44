const known = new WeakSet<object>();
const NO_ITEMS: readonly never[] = Object.freeze([]);
const NO_FIELDS: object = Object.freeze({});
/** Values are known by their upper levels (object, spec, status, …): what is deeper is cheaper to copy than to remember. */
const REMEMBERED_LEVELS = 2;

/**
 * A deep-frozen copy: what crosses the store's border is shared by nobody who could change it. A value that came out of here is
 * passed through as it is, so that reading and writing back costs nothing.
 */
export function frozen<T>(value: T): T {
  return frozenAt(value, 0) as T;
}

function frozenAt(value: unknown, level: number): unknown {
  if (typeof value !== 'object' || value === null || known.has(value)) return value;
  const copy = Array.isArray(value) ? frozenItems(value, level + 1) : frozenFields(value, level + 1);
  if (level < REMEMBERED_LEVELS) known.add(copy);
  return copy;
}

function frozenItems(items: readonly unknown[], level: number): object {
  return items.length === 0 ? NO_ITEMS : Object.freeze(items.map((item) => frozenAt(item, level)));
}

function frozenFields(value: object, level: number): object {
  const copy: Record<string, unknown> = {};
  let empty = true;
  for (const key of Object.keys(value)) {
    const item = (value as Record<string, unknown>)[key];
    if (item === undefined) continue;
    empty = false;
    if (key === '__proto__') defineField(copy, key, frozenAt(item, level));
    else copy[key] = frozenAt(item, level);
  }
  return empty ? NO_FIELDS : Object.freeze(copy);
}

/** A key named `__proto__` is data like any other. */
function defineField(target: object, key: string, value: unknown): void {
  Object.defineProperty(target, key, { value, enumerable: true, configurable: true, writable: true });
}
