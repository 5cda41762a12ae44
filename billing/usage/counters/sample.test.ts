import { describe, expect, it } from '@jest/globals';
import type { UsageWindow } from '../window.ts';
import { createMemoryCounters } from './memory-counters.ts';
import { bookSlots, createSampler, type PlaceReading } from './sample.ts';

const reading = (uid: string, value: bigint): PlaceReading => ({
  readings: [
    { uid, meter: 'disk.bytes.read', device: 'root', epoch: '1', value, account: 'acme', attributes: { disk: 'root' } },
  ],
  uids: [uid],
  begun: new Set([uid]),
});

describe('a reading', () => {
  const opened = () => {
    let now = 0;
    const usage: UsageWindow[] = [];
    const store = createMemoryCounters({ now: () => now, book: (_, window) => void usage.push(window) });
    const total = async () => {
      now += 3_600_000;
      await bookSlots(store, 3_600_000);
      return usage.reduce((sum, { quantity }) => sum + quantity.num, 0n);
    };
    return { store, total };
  };

  it('that took so long that another has overtaken it is not taken for a counter that began anew', async () => {
    const { store, total } = opened();
    let value = 50n;
    const quick = createSampler({ store, read: async () => reading('vm-1', value) });
    const slow = createSampler({
      store,
      read: async () => {
        const seen = value;
        if (seen === 100n) {
          value = 150n;
          await quick('host');
        }
        return reading('vm-1', seen);
      },
    });
    await quick('host');
    await slow('host');
    value = 100n;
    expect(await slow('host')).toBe(0);
    expect(await total()).toBe(150n);
  });

  it('of a machine that has come since the last one is compared with where its counters stood elsewhere', async () => {
    const { store, total } = opened();
    const here = createSampler({ store, read: async () => reading('vm-1', 70n) });
    await here('host');
    // Another server takes over: it has never seen the machine, and knows what was counted all the same.
    const successor = createSampler({ store, read: async () => reading('vm-1', 90n) });
    expect(await successor('host')).toBe(1);
    expect(await total()).toBe(90n);
  });

  it('of a silent place changes nothing', async () => {
    const { store, total } = opened();
    let answer: PlaceReading | null = reading('vm-1', 10n);
    const sample = createSampler({ store, read: async () => answer });
    await sample('host');
    answer = null;
    expect(await sample('host')).toBe(0);
    answer = reading('vm-1', 30n);
    expect(await sample('host')).toBe(1);
    expect(await total()).toBe(30n);
  });
});
