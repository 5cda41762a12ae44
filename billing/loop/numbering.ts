import { type NumberSeries, nextNumber } from '../document/number-series.ts';
import type { Books } from '../settle/books.ts';
import type { NumbersNeeded } from './books-store.ts';
import { decodeFacts, encodeFacts } from './fact-json.ts';

/** A series whose numbers only stand for themselves until the commit: nobody holds a counter while he computes. */
export function draftSeries({ name, yearly }: NumberSeries): NumberSeries {
  return { name, yearly, format: `§${name}:{year}:{n:9}§` };
}

const DRAFT = /§([^§]+):(\d+):(\d+)§/g;

/** How many numbers of which series were taken, always in the same order: so two commits never wait for each other's counters. */
export function numbersNeeded({ counters }: Pick<Books, 'counters'>, series: readonly NumberSeries[]): NumbersNeeded[] {
  const newest = new Map<string, NumbersNeeded>();
  for (const { series: name, year, last } of counters.toReversed()) {
    const own = series.find((each) => each.name === name);
    if (own !== undefined) newest.set(`${name}/${year}`, { series: own, year, count: last });
  }
  return [...newest].toSorted(([a], [b]) => (a < b ? -1 : 1)).map(([, needed]) => needed);
}

/** Where the counter of a needed series stood before. */
export interface CountersTaken extends NumbersNeeded {
  last: number;
}

export interface Numbered<Value> {
  facts: Value;
  /** Draft → real number. */
  numbers: Map<string, string>;
  /** Real number → where it stands in its series. */
  places: Map<string, Place>;
}

export interface Place {
  series: string;
  /** 0 for a series that never begins anew. */
  year: number;
  n: number;
}

/** The facts with their real numbers, wherever a draft stands in them: in lines' ids, causes, subjects. */
export function numbered<Value>(facts: Value, taken: readonly CountersTaken[]): Numbered<Value> {
  const found: Omit<Numbered<Value>, 'facts'> = { numbers: new Map(), places: new Map() };
  if (taken.length === 0) return { facts, ...found };
  const text = encodeFacts(facts).replace(DRAFT, (draft, name: string, year: string, n: string) => {
    const known = found.numbers.get(draft) ?? number(draft, { name, year: Number(year), n: Number(n) });
    return known === undefined ? draft : JSON.stringify(known).slice(1, -1);
  });
  return { facts: decodeFacts(text) as Value, ...found };

  function number(draft: string, { name, year, n }: { name: string; year: number; n: number }): string | undefined {
    const own = taken.find(
      ({ series, year: counted }) => series.name === name && counted === (series.yearly ? year : 0),
    );
    if (own === undefined) return undefined;
    // In the middle of a year every zone agrees which one it is.
    const at = Date.UTC(year, 6, 1);
    const last = own.last + n - 1;
    const real = nextNumber(own.series, [{ series: name, year: own.year, last }], { at, zone: 'UTC' }).number;
    found.numbers.set(draft, real);
    found.places.set(real, { series: name, year: own.year, n: last + 1 });
    return real;
  }
}
