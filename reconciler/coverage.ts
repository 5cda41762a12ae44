import type { CoverageRow } from './store.ts';

/** Collects which places answered from when to when, until somebody writes it down: one row a place and tick, not one an object. */
export interface Coverage {
  answered(places: readonly string[], at: number): void;
  /** What was collected since the last take. */
  take(): CoverageRow[];
  /** Rows that could not be written. */
  putBack(rows: readonly CoverageRow[]): void;
}

export function createCoverage({ bridgeMs }: { bridgeMs: number }): Coverage {
  let intervals = new Map<string, { from: number; to: number }>();
  const extend = (place: string, { from, to }: { from: number; to: number }) => {
    const known = intervals.get(place);
    intervals.set(place, known ? { from: Math.min(known.from, from), to: Math.max(known.to, to) } : { from, to });
  };
  return {
    answered: (places, at) => {
      for (const place of places) extend(place, { from: at, to: at });
    },
    take: () => {
      const rows = [...intervals].map(([place, { from, to }]) => ({ place, from, to, bridgeMs }));
      intervals = new Map();
      return rows;
    },
    putBack: (rows) => {
      for (const { place, from, to } of rows) extend(place, { from, to });
    },
  };
}
