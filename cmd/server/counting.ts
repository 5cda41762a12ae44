import type { CounterReading, CounterStore } from '../../billing/usage/counters/counter-store.ts';
import { bookSlots, createSampler, type PlaceReading } from '../../billing/usage/counters/sample.ts';
import { shardOf } from '../../reconciler/shard.ts';
import type { ObjectStore } from '../../reconciler/store.ts';
import { machineReadings } from '../../resources/compute/virtual-machine/counters.ts';
import type { Ports } from '../../resources/ports.ts';
import { all } from './books-wishes.ts';
import { systemClock } from './environment.ts';

export interface CountingOptions {
  /** How often counters are read; 0: never, and what was counted before is booked still. */
  readMs: number;
  /** What moved in one such slot of time is one row of usage. */
  bookMs: number;
}

export interface CountingParts {
  store: Pick<ObjectStore, 'getByUid' | 'getValue' | 'list'>;
  counters: CounterStore;
  hypervisors: Ports['hypervisors'];
  /** Shards that this instance holds: each host is read by one. */
  shards(): readonly number[];
  onError(error: unknown): void;
}

/** Hosts that are read at once. */
const AT_ONCE = 4;
/** The longest that a host may take; what it could not tell is told the next time. */
const READ_TIMEOUT_MS = 60_000;
/** Uids that are asked for at once. */
const PAGE = 500;

/** Reads the counters of all hosts of this instance, again and again, and books what they moved. */
export async function keepCounting(parts: CountingParts, options: CountingOptions, stop: AbortSignal): Promise<void> {
  const { readMs, bookMs } = options;
  const count = createCounting(readMs > 0 ? parts : { ...parts, shards: () => [] });
  while (!stop.aborted) {
    await systemClock.sleep(readMs > 0 ? readMs : bookMs, stop);
    if (!stop.aborted) await count(bookMs, stop);
  }
}

/** One round: what was counted in slots that are over is booked, then everything is read. Whatever goes wrong is told, and found the next time. */
export function createCounting({ store, counters, hypervisors, shards, onError }: CountingParts) {
  const sample = createSampler({
    store: counters,
    read: (place) => readPlace({ store, hypervisors }, place),
  });
  const attempt = (work: Promise<unknown>) => work.then(() => undefined, onError);
  return async (bookMs: number, stop?: AbortSignal): Promise<void> => {
    await attempt(bookSlots(counters, bookMs));
    const held = new Set(shards());
    const hosts = await all(store, 'Host').catch((error: unknown) => {
      onError(error);
      return [];
    });
    const waiting = hosts.map(({ metadata }) => metadata.uid).filter((uid) => held.has(shardOf(uid)));
    const work = async () => {
      for (let next = waiting.shift(); next !== undefined && !stop?.aborted; next = waiting.shift())
        await attempt(sample(next));
    };
    await Promise.all(Array.from({ length: AT_ONCE }, work));
  };
}

async function readPlace(
  { store, hypervisors }: Pick<CountingParts, 'store' | 'hypervisors'>,
  place: string,
): Promise<PlaceReading | null> {
  const host = await hypervisors.at(place);
  if (!host.ok || !host.value.capabilities.stats) return null;
  const read = await host.value.machines.counters({ timeoutMs: READ_TIMEOUT_MS });
  if (!read.ok) return null;
  const since = Number((await store.getValue('counters'))?.since ?? 0);
  const readings: CounterReading[] = [];
  const uids: string[] = [];
  const begun = new Set<string>();
  for (let from = 0; from < read.value.length; from += PAGE) {
    const page = read.value.slice(from, from + PAGE);
    const objects = await store.getByUid(page.map(({ uid }) => uid));
    for (const [index, counted] of page.entries()) {
      const object = objects[index];
      // The engine has seen it, or will: what nobody wishes for is nobody's to pay.
      if (object?.kind !== 'VirtualMachine') continue;
      uids.push(counted.uid);
      // A machine that moves is at two places for a while: each counts for itself, so that neither is taken for the other begun anew.
      const own = machineReadings(counted, object);
      readings.push(...own.map((reading) => ({ ...reading, device: `${reading.device}@${place}` })));
      const { adopt, createdAt } = object.metadata;
      if (adopt === null && Date.parse(createdAt) >= since) begun.add(counted.uid);
    }
  }
  return { readings, uids, begun };
}
