import {
  COUNTERS_SOURCE,
  type CounterMove,
  type CounterState,
  type CounterStore,
} from '../../billing/usage/counters/counter-store.ts';
import type { Database } from '../database.ts';
import { json } from '../statement.ts';
import { BOOK_COUNTERS, FORGET_COUNTERS, LOAD_COUNTERS, MOVE_COUNTERS } from './statements/counters.ts';
import { clockOf } from './store.ts';

/** Counters of production: each call is one statement, which happens whole or not at all. */
export function createCounterStore(database: Database): CounterStore {
  return {
    load: async (uids) => {
      if (uids.length === 0) return [];
      const rows = await database.run<Omit<CounterState, 'value'> & { value: string }>(LOAD_COUNTERS, [uids]);
      return rows.map((row) => ({ ...row, value: BigInt(row.value) }));
    },
    move: async (moves) => {
      if (moves.length === 0) return 0;
      const [done] = await database.run<{ count: number }>(MOVE_COUNTERS, [json(moves.map(rowOf))]);
      return done?.count ?? 0;
    },
    book: async ({ before, limit }) => {
      const [done] = await database.run<{ count: number }>(BOOK_COUNTERS, [before, limit, COUNTERS_SOURCE]);
      if (done?.count === 0) await database.run(FORGET_COUNTERS, []);
      return done?.count ?? 0;
    },
    now: () => clockOf(database),
  };
}

function rowOf({ value, quantity, ...move }: CounterMove) {
  return { ...move, value: value.toString(), quantity: quantity.toString() };
}
