import { describe, expect, it } from '@jest/globals';
import { PLANTED_BUGS, type PlantedBug } from './planted-bugs.ts';
import { simulate } from './simulation.ts';

const SEEDS = 2_000;
const TIMEOUT_MS = 2_400_000;

async function firstSeedThatCatches({ bug, options }: PlantedBug): Promise<number | null> {
  for (let seed = 1; seed <= SEEDS; seed++) {
    const { violations } = await simulate(seed, { bug, ...(options ? { options } : {}) });
    if (violations.length > 0) return seed;
  }
  return null;
}

/** What the simulation is worth: it must notice every mistake that one could make here. */
describe('a planted bug is caught:', () => {
  it.each(PLANTED_BUGS.map((planted) => [planted.name, planted] as const))(
    '%s',
    async (_name, planted) => {
      const seed = await firstSeedThatCatches(planted);
      expect(seed).not.toBeNull();
      // The same seed under the same conditions is fine without it.
      const { options } = planted;
      const healthy = await simulate(seed ?? 1, options ? { options } : {});
      expect(healthy.violations).toEqual([]);
    },
    TIMEOUT_MS,
  );
});
