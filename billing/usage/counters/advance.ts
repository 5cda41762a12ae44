import type { CounterKey, CounterMove, CounterReading, CounterState } from './counter-store.ts';

/**
 * What a reading adds to a counter. Within an epoch that is the difference; a new epoch began at zero, and so did a counter that shows less
 * than before. What moved after the last reading of an epoch is nobody's: it is never guessed. Undefined: nothing to write.
 *
 * A counter that is seen for the first time counts from zero only if its resource was never without metering (`isWhole`); else counting
 * begins with what it shows.
 */
export function advance(
  reading: CounterReading,
  { known, isWhole }: { known: CounterState | undefined; isWhole: boolean },
): CounterMove | undefined {
  if (known === undefined) {
    if (!isWhole) return { ...reading, expected: 0, quantity: 0n };
    return reading.value === 0n ? undefined : { ...reading, expected: 0, quantity: reading.value };
  }
  // What waits is another account's: it is booked first, and the counter goes on counting meanwhile.
  if (known.waitsFor !== null && known.waitsFor !== reading.account) return undefined;
  const goesOn = known.epoch === reading.epoch && reading.value >= known.value;
  const quantity = goesOn ? reading.value - known.value : reading.value;
  return quantity === 0n ? undefined : { ...reading, expected: known.moves, quantity };
}

/** What the readings of some resources add to where their counters stood before they were read. Resources in `begun` were metered from their start. */
export function advances(
  readings: readonly CounterReading[],
  { known, begun }: { known: readonly CounterState[]; begun: ReadonlySet<string> },
): CounterMove[] {
  const states = new Map(known.map((state) => [counterKey(state), state]));
  const metered = new Set(known.map(({ uid }) => uid));
  return readings.flatMap((reading) => {
    const isWhole = begun.has(reading.uid) || metered.has(reading.uid);
    return advance(reading, { known: states.get(counterKey(reading)), isWhole }) ?? [];
  });
}

export const counterKey = ({ uid, meter, device }: CounterKey): string => JSON.stringify([uid, meter, device]);
