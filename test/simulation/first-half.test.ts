import { describe, expect, it } from '@jest/globals';
import { range, runSeeds, wantedSeed } from './seeds.ts';
import { simulate } from './simulation.ts';

const TIMEOUT_MS = 2_400_000;

describe('the engine in trouble', () => {
  it(
    'keeps its promises for the first thousand seeds, or for the one in SEED',
    async () => {
      const seed = wantedSeed();
      const { failures, runs } = await runSeeds(seed === null ? range(1, 1_000) : [seed]);
      expect(failures.join('\n')).toBe('');
      expect(runs).toBe(seed === null ? 1_000 : 1);
    },
    TIMEOUT_MS,
  );

  it('does the same again for the same seed, and something else for another', async () => {
    const [first, again, other] = [await simulate(7), await simulate(7), await simulate(8)];
    expect(again.traceHash).toBe(first.traceHash);
    expect(again.trace).toEqual(first.trace);
    expect(other.traceHash).not.toBe(first.traceHash);
  });
});
