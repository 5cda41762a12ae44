import type { CoverageRow } from '../store.ts';

interface Interval {
  place: string;
  from: number;
  to: number;
}

/** From when to when each place was inventoried, as half-open intervals. */
export class Coverage {
  readonly #intervals: Interval[] = [];
  readonly #latest = new Map<string, Interval>();
  readonly #kept: number;

  constructor(kept: number) {
    this.#kept = kept;
  }

  add(row: CoverageRow): void {
    const last = this.#latest.get(row.place);
    if (last && row.from <= last.to + row.bridgeMs && row.to >= last.from) {
      last.from = Math.min(last.from, row.from);
      last.to = Math.max(last.to, row.to);
      return;
    }
    const interval = { place: row.place, from: row.from, to: row.to };
    this.#latest.set(row.place, interval);
    this.#intervals.push(interval);
    if (this.#intervals.length > this.#kept) this.#intervals.shift();
  }

  all(): Interval[] {
    return this.#intervals.map((interval) => ({ ...interval }));
  }
}
