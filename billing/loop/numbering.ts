import { type NumberSeries, nextNumber } from '../document/number-series.ts';
import type { Books } from '../settle/books.ts';
import type { NumbersNeeded } from './books-store.ts';
import { decodeFacts, encodeFacts } from './fact-json.ts';

/** A series whose numbers only stand for themselves until the commit: nobody holds a counter while he computes. */
export function draftSeries({ name, yearly }: NumberSeries): NumberSeries {
  return { name, yearly, format: `§${name}:{year}:{n:9}§` };
}

const DRAFT = /§([^§]+):(\d+):(\d+)§/g;
const DRAFT_ALONE = new RegExp(DRAFT.source);

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

export interface Place {
  series: string;
  /** 0 for a series that never begins anew. */
  year: number;
  n: number;
}

/** The facts with their real numbers, wherever a draft stands in them: in lines' ids, causes, subjects. */
export function numbered<Value>(
  facts: Value,
  taken: readonly CountersTaken[],
): { facts: Value; numbers: Map<string, string> } {
  if (taken.length === 0) return { facts, numbers: new Map() };
  const { text, numbers } = numberedText(encodeFacts(facts), taken);
  return { facts: decodeFacts(text) as Value, numbers };
}

/** The same in JSON, with the real number of each draft. */
export function numberedText(
  json: string,
  taken: readonly CountersTaken[],
): { text: string; numbers: Map<string, string> } {
  const numbers = new Map<string, string>();
  if (taken.length === 0) return { text: json, numbers };
  const text = json.replace(DRAFT, (draft) => {
    const known = numbers.get(draft) ?? realNumber(draft, taken);
    if (known === undefined) return draft;
    numbers.set(draft, known);
    return JSON.stringify(known).slice(1, -1);
  });
  return { text, numbers };
}

/** Where a draft number will stand in its series; undefined where it is of none that numbers were taken of. */
export function placeOf(draft: string, taken: readonly CountersTaken[]): Place | undefined {
  const [, name = '', year = '', n = ''] = DRAFT_ALONE.exec(draft) ?? [];
  const own = taken.find(
    ({ series, year: counted }) => series.name === name && counted === (series.yearly ? Number(year) : 0),
  );
  return own === undefined ? undefined : { series: name, year: own.year, n: own.last + Number(n) };
}

function realNumber(draft: string, taken: readonly CountersTaken[]): string | undefined {
  const place = placeOf(draft, taken);
  const own = taken.find(({ series, year }) => series.name === place?.series && year === place.year);
  if (place === undefined || own === undefined) return undefined;
  const { series, year, n } = place;
  // In the middle of a year every zone agrees which one it is.
  const at = Date.UTC(Number(DRAFT_ALONE.exec(draft)?.[2]), 6, 1);
  return nextNumber(own.series, [{ series, year, last: n - 1 }], { at, zone: 'UTC' }).number;
}
