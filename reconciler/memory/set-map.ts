/** A map of sets that keeps no empty set. */
export class SetMap<Item> {
  readonly #sets = new Map<string, Set<Item>>();

  get(key: string): ReadonlySet<Item> {
    return this.#sets.get(key) ?? new Set();
  }

  add(key: string, item: Item): void {
    const set = this.#sets.get(key);
    if (set) set.add(item);
    else this.#sets.set(key, new Set([item]));
  }

  delete(key: string, item: Item): void {
    const set = this.#sets.get(key);
    set?.delete(item);
    if (set?.size === 0) this.#sets.delete(key);
  }

  sizes(): [string, number][] {
    return [...this.#sets].map(([key, set]) => [key, set.size]);
  }
}
