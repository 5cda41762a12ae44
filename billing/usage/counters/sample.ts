import { advances } from './advance.ts';
import type { CounterReading, CounterStore } from './counter-store.ts';

export interface SamplePorts {
  store: CounterStore;
  /** What runs at a place: its counters as they are now. Null: the place is silent, and another time will do. */
  read(place: string): Promise<PlaceReading | null>;
}

export interface PlaceReading {
  readings: readonly CounterReading[];
  /** Resources that are there, with and without anything that counts. */
  uids: readonly string[];
  /** Those of which nothing was ever left unmetered: their counters count from zero. */
  begun: ReadonlySet<string>;
}

export type Sampler = (place: string) => Promise<number>;

/**
 * Reads the counters of a place and writes down what moved; answers how many counters did. Loading comes before reading: so a reading is
 * never older than what it is compared with, and of two who read, the one that comes too late is refused. What is lost on the way is in
 * the counters still, and found the next time.
 */
export function createSampler({ store, read }: SamplePorts): Sampler {
  // What was at each place when it was last read: whose counters to load before it is read again.
  const lastThere = new Map<string, readonly string[]>();
  return async (place) => {
    let uids = lastThere.get(place) ?? [];
    let known = await store.load(uids);
    let found = await read(place);
    const asked = new Set(uids);
    if (found?.uids.some((uid) => !asked.has(uid))) {
      // Somebody has come: its counters are loaded, and then everything is read again.
      uids = found.uids;
      known = await store.load(uids);
      found = await read(place);
    }
    if (found === null) return 0;
    lastThere.set(place, found.uids);
    const loaded = new Set(uids);
    const readings = found.readings.filter(({ uid }) => loaded.has(uid));
    const moves = advances(readings, { known, begun: found.begun });
    let moved = 0;
    for (let from = 0; from < moves.length; from += MOVES_AT_ONCE)
      moved += await store.move(moves.slice(from, from + MOVES_AT_ONCE));
    return moved;
  };
}

/** Counters that one call moves at most. */
const MOVES_AT_ONCE = 2_000;
/** Counters that one call books at most, and calls in a row. */
const BATCH = 500;
const BATCHES_MAX = 200;

/** Books what was counted before the slot of time that runs now, so that what a counter moved in a slot is one row. */
export async function bookSlots(store: CounterStore, slotMs: number): Promise<number> {
  const before = Math.floor((await store.now()) / slotMs) * slotMs;
  let booked = 0;
  for (let batch = 0; batch < BATCHES_MAX; batch += 1) {
    const found = await store.book({ before, limit: BATCH });
    booked += found;
    if (found < BATCH) break;
  }
  return booked;
}
