/** Chance that a seed decides. The same seed gives the same numbers for ever. */
export interface Prng {
  /** In [0, 1). */
  next(): number;
  /** From `low` to `high`, both included. */
  int(low: number, high: number): number;
  chance(probability: number): boolean;
  pick<T>(items: readonly T[]): T;
  /** Picks one, or undefined out of none. */
  some<T>(items: readonly T[]): T | undefined;
  /** A stream of its own, so that one more draw here changes nothing there. */
  fork(name: string): Prng;
}

/** Mulberry32 over a mixed seed. */
export function createPrng(seed: number): Prng {
  let state = mix(seed);
  const next = () => {
    state = (state + 0x6d2b79f5) | 0;
    let t = Math.imul(state ^ (state >>> 15), 1 | state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 4_294_967_296;
  };
  const int = (low: number, high: number) => low + Math.floor(next() * (high - low + 1));
  const some = <T>(items: readonly T[]) => (items.length === 0 ? undefined : items[int(0, items.length - 1)]);
  return {
    next,
    int,
    chance: (probability) => probability > 0 && next() < probability,
    some,
    pick: (items) => {
      if (items.length === 0) throw new Error('There is nothing to pick from.');
      return items[int(0, items.length - 1)] as (typeof items)[number];
    },
    fork: (name) => createPrng(mix(seed ^ hashText(name))),
  };
}

function mix(seed: number): number {
  let x = seed | 0;
  x = Math.imul(x ^ (x >>> 16), 0x45d9f3b);
  x = Math.imul(x ^ (x >>> 16), 0x45d9f3b);
  return x ^ (x >>> 16);
}

/** FNV-1a, 32 bits. */
export function hashText(text: string, seed = 0x811c9dc5): number {
  let hash = seed;
  for (let i = 0; i < text.length; i++) hash = Math.imul(hash ^ text.charCodeAt(i), 0x01000193);
  return hash >>> 0;
}
