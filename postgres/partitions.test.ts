import { describe, expect, it } from '@jest/globals';
import { keptFor, outlivedPartitions, PARTITIONED, type Partitioned, wantedPartitions } from './partitions.ts';

const DAY = 86_400_000;
const weekly: Partitioned = { table: 'events', sliceMs: 7 * DAY, keptMs: 30 * DAY };

describe('partitions', () => {
  it('cover now and a time ahead without a gap', () => {
    const now = 20_000.5 * DAY;
    const wanted = wantedPartitions(weekly, now);
    expect(wanted[0]?.from).toBeLessThanOrEqual(now);
    expect(wanted[0]?.to).toBeGreaterThan(now);
    for (const [index, { from }] of wanted.slice(1).entries()) expect(from).toBe(wanted[index]?.to);
  });

  it('are kept for as many days as is wished, the others as usual', () => {
    const kept = (tables: readonly Partitioned[]) => Object.fromEntries(tables.map((one) => [one.table, one.keptMs]));
    expect(kept(keptFor({ events: 7, journal: 10_000 }))).toEqual({
      ...kept(PARTITIONED),
      events: 7 * DAY,
      journal: 10_000 * DAY,
    });
    expect(keptFor({})).toEqual(PARTITIONED);
  });

  it('have outlived their time when their last instant has', () => {
    const names = ['events_from_19950', 'events_from_19957', 'events_from_19964', 'events_rest', 'steps_from_1'];
    const old = (now: number) => outlivedPartitions(weekly, names, now).map(({ name }) => name);
    expect(old((19_957 + 30) * DAY - 1)).toEqual([]);
    expect(old((19_957 + 30) * DAY)).toEqual(['events_from_19950']);
    expect(old(30_000 * DAY)).toEqual(['events_from_19950', 'events_from_19957', 'events_from_19964']);
  });
});
