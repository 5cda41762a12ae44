import { describe, expect, it } from '@jest/globals';
import { metered, movesFor } from '../../billing/loop/metering.ts';
import { rational } from '../../billing/money/rational.ts';
import type { LevelRow } from '../../billing/usage/journal.ts';
import { type BooksUnderTest, DAY, HOUR, loaded } from './books-fixture.ts';

export function describeJournal(under: () => BooksUnderTest): void {
  const level = (seq: number, at: number, amount: bigint): LevelRow => ({
    uid: 'vm-1',
    meter: 'vm.running',
    seq,
    at,
    recordedAt: at,
    level: rational(amount),
    attributes: { offering: 'small' },
    place: 'host-1',
    runId: null,
  });
  const covered = (from: number, to: number) => ({ place: 'host-1', from, to, recordedAt: to });

  /** Observed until now becomes windows; answers whether this worker did it. */
  async function meter(): Promise<boolean> {
    const { store } = under();
    const observed = await store.observed('acme');
    const windows = metered(observed, { now: await store.now(), zones: ['UTC'], gaps: 'FREE' });
    return store.meter('acme', windows, movesFor(windows, observed));
  }

  describe('the journal', () => {
    it('becomes windows once: what was covered, from where the last ones ended', async () => {
      const { store, observe, advance } = under();
      const t = Math.floor((await store.now()) / DAY) * DAY - 2 * DAY;
      await observe('acme', { levels: [level(1, t, 2n)], coverage: [covered(t, t + DAY + HOUR)] });
      expect(await meter()).toBe(true);
      const first = (await loaded(store, 'acme')).usage;
      expect(first.map(({ from, to }) => [from - t, to - t])).toEqual([
        [0, DAY],
        [DAY, DAY + HOUR],
      ]);
      expect(first[0]).toMatchObject({
        resource: 'vm-1',
        quantity: { num: 2n, den: 1n },
        attributes: { offering: 'small' },
      });
      await meter();
      expect((await loaded(store, 'acme')).usage).toHaveLength(2);
      await advance(HOUR);
      // Half an hour that nobody saw, then another level: the hole is not charged.
      await observe('acme', {
        levels: [level(2, t + DAY + 3 * HOUR, 0n)],
        coverage: [covered(t + DAY + 1.5 * HOUR, t + DAY + 4 * HOUR)],
      });
      await meter();
      const all = (await loaded(store, 'acme')).usage;
      expect(all.slice(2).map(({ from, to }) => [from - t - DAY, to - t - DAY])).toEqual([[1.5 * HOUR, 3 * HOUR]]);
    });

    it('is written down by one of many workers', async () => {
      const { store, observe } = under();
      const t = Math.floor((await store.now()) / DAY) * DAY - DAY;
      await observe('acme', { levels: [level(1, t, 1n)], coverage: [covered(t, t + HOUR)] });
      const observed = await store.observed('acme');
      const windows = metered(observed, { now: await store.now(), zones: ['UTC'], gaps: 'FREE' });
      const moves = movesFor(windows, observed);
      const done = await Promise.all(Array.from({ length: 8 }, () => store.meter('acme', windows, moves)));
      expect(done.filter(Boolean)).toHaveLength(1);
      expect((await loaded(store, 'acme')).usage).toHaveLength(1);
    });
  });
}
