import { describe, expect, it } from '@jest/globals';
import { FAULT_KINDS } from './faults.ts';
import { range, runSeeds, wantedSeed } from './seeds.ts';

const TIMEOUT_MS = 2_400_000;

describe('the engine in more trouble', () => {
  it(
    'keeps its promises for the second thousand seeds, and every kind of fault was among them',
    async () => {
      if (wantedSeed() !== null) return;
      const { failures, runs, counts } = await runSeeds(range(1_001, 2_000));
      expect(failures.join('\n')).toBe('');
      expect(runs).toBe(1_000);
      expect(FAULT_KINDS.filter((kind) => counts[kind] < 20)).toEqual([]);
    },
    TIMEOUT_MS,
  );
});
