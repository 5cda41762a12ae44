/** Values that were asked for not long ago. */
export interface Recent<V> {
  get(key: string): V | undefined;
  put(key: string, value: V): void;
}

/**
 * Two generations: what is asked for moves to the young one; when that weighs half of the bound, the old one goes as a whole. Cheaper
 * than to keep an order, and as good where most of what is asked for is asked for again.
 */
export function createRecent<V>({ max, weigh = () => 1 }: { max: number; weigh?(value: V): number }): Recent<V> {
  let young = new Map<string, V>();
  let old = new Map<string, V>();
  let weight = 0;
  const put = (key: string, value: V) => {
    if (weight >= max / 2) {
      old = young;
      young = new Map();
      weight = 0;
    }
    young.set(key, value);
    weight += weigh(value);
  };
  return {
    get: (key) => {
      const known = young.get(key);
      if (known !== undefined) return known;
      const older = old.get(key);
      if (older !== undefined) put(key, older);
      return older;
    },
    put,
  };
}
