import type { Instant } from '../../calendar/interval.ts';
import { rational } from '../../money/rational.ts';
import type { UsageWindow } from '../window.ts';
import { counterKey } from './advance.ts';
import { bookingId, type CounterMove, type CounterState, type CounterStore } from './counter-store.ts';

interface Kept extends Omit<CounterState, 'waitsFor'> {
  account: string;
  attributes: Readonly<Record<string, string>>;
  waiting: bigint;
  waitingSince: Instant;
  readAt: Instant;
  bookings: number;
}

/** Counters that end with the process. Each call runs to its end without a pause: that is its transaction. */
export function createMemoryCounters({
  now,
  book,
}: {
  now(): Instant;
  /** Takes the usage in, all of it, before it answers. */
  book(account: string, window: UsageWindow): void;
}): CounterStore {
  const counters = new Map<string, Kept>();
  return {
    load: async (uids) => {
      const asked = new Set(uids);
      return [...counters.values()].filter(({ uid }) => asked.has(uid)).map(stateOf);
    },
    move: async (moves) => moves.filter((move) => moved(counters, move, now())).length,
    book: async ({ before, limit }) => {
      const due = [...counters.values()]
        .filter(({ waiting, waitingSince }) => waiting > 0n && waitingSince < before)
        .toSorted((a, b) => a.waitingSince - b.waitingSince)
        .slice(0, limit);
      for (const each of due) {
        each.bookings += 1;
        book(each.account, windowOf(each, now()));
        each.waiting = 0n;
      }
      return due.length;
    },
    now: async () => now(),
  };
}

function stateOf({ uid, meter, device, epoch, value, moves, account, waiting }: Kept): CounterState {
  return { uid, meter, device, epoch, value, moves, waitsFor: waiting > 0n ? account : null };
}

function moved(counters: Map<string, Kept>, move: CounterMove, now: Instant): boolean {
  const { expected, quantity, ...reading } = move;
  const known = counters.get(counterKey(move));
  if ((known?.moves ?? 0) !== expected) return false;
  if (known !== undefined && known.waiting > 0n && known.account !== move.account) return false;
  const before = known ?? { waiting: 0n, waitingSince: now, bookings: 0 };
  const waitingSince = before.waiting > 0n ? before.waitingSince : now;
  const waiting = before.waiting + quantity;
  counters.set(counterKey(move), {
    ...reading,
    moves: expected + 1,
    waiting,
    waitingSince,
    readAt: now,
    bookings: before.bookings,
  });
  return true;
}

/** What was counted is a fact of the instant at which it was last read. */
function windowOf(
  { uid, meter, device, bookings, waiting, attributes, readAt, ...key }: Kept,
  now: Instant,
): UsageWindow {
  return {
    id: bookingId({ ...key, uid, meter, device }, bookings),
    meter,
    resource: uid,
    from: readAt,
    to: readAt,
    quantity: rational(waiting),
    attributes,
    recordedAt: now,
    supersedes: null,
  };
}
