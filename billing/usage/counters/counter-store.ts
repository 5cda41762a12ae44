import type { Instant } from '../../calendar/interval.ts';
import type { CounterMeter } from './meters.ts';

/**
 * Where counters stand, and the one way from there into the usage. Readings move a counter by compare-and-set, so that of two who counted
 * the same only one has done it; what was counted and not yet booked becomes usage in the very transaction that takes it away here.
 */
export interface CounterStore {
  /** Where the counters of these resources stand. Ask before reading the hypervisor: a reading that is older than its state would be a lie. */
  load(uids: readonly string[]): Promise<CounterState[]>;
  /** Moves those that still stand where they stood; answers how many. The others were moved by somebody else, and are for the next time. */
  move(moves: readonly CounterMove[]): Promise<number>;
  /** Books what has waited since before the instant, at most `limit` counters; answers how many. */
  book(request: { before: Instant; limit: number }): Promise<number>;
  /** The clock that both go by, epoch ms. */
  now(): Promise<Instant>;
}

/** One counter: a meter of a device of a resource. */
export interface CounterKey {
  uid: string;
  meter: CounterMeter;
  /** Name of the NIC or disk, and where it is counted. */
  device: string;
}

export interface CounterState extends CounterKey {
  /** Within it the device's own counter only grows. */
  epoch: string;
  value: bigint;
  /** How often it was moved. */
  moves: number;
  /** Whose the usage is that waits to be booked; null: none waits. */
  waitsFor: string | null;
}

/** A device's counter as the hypervisor shows it. */
export interface CounterReading extends CounterKey {
  epoch: string;
  value: bigint;
  /** Who pays. */
  account: string;
  attributes: Readonly<Record<string, string>>;
}

export interface CounterMove extends CounterReading {
  /** How often it had been moved; 0: it is new. */
  expected: number;
  /** What is to be charged of it; 0 where counting begins. */
  quantity: bigint;
}

/** With the source, forever unique: each booking of a counter has the next number. */
export function bookingId({ uid, meter, device }: CounterKey, number: number): string {
  return `${uid}/${meter}/${device}/${number}`;
}

/** Who tells of usage that was counted here. */
export const COUNTERS_SOURCE = 'counters';
