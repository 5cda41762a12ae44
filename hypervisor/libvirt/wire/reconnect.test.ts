import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { backoffMs } from './reconnect.ts';

describe('the wait before the next attempt', () => {
  const backoff = { firstMs: 250, maxMs: 30_000 };

  it('doubles up to its cap', () => {
    const longest = [0, 1, 2, 3, 6, 7, 8, 1000].map((attempt) => backoffMs(backoff, attempt, 1));
    expect(longest).toEqual([250, 500, 1000, 2000, 16_000, 30_000, 30_000, 30_000]);
  });

  it('lies in the upper half, wherever chance puts it', () => {
    fc.assert(
      fc.property(fc.nat(), fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true }), (attempt, random) => {
        const longest = backoffMs(backoff, attempt, 1);
        const wait = backoffMs(backoff, attempt, random);
        expect(wait).toBeGreaterThanOrEqual(longest / 2);
        expect(wait).toBeLessThanOrEqual(longest);
      }),
    );
  });
});
