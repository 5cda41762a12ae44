/** Keeps answers for a short while, for what every reconcile asks. Failures are not kept. At most `max` answers. */
export function briefly<V>(
  options: { forMs: number; max: number; now(): number },
  load: (key: string) => Promise<V>,
): ((key: string) => Promise<V>) & { forget(): void } {
  const cache = new Map<string, { until: number; value: Promise<V> }>();
  const ask = (key: string) => {
    const known = cache.get(key);
    if (known && known.until > options.now()) return known.value;
    if (cache.size >= options.max) cache.clear();
    const value = load(key);
    cache.set(key, { until: options.now() + options.forMs, value });
    value.catch(() => cache.delete(key));
    return value;
  };
  return Object.assign(ask, { forget: () => cache.clear() });
}
