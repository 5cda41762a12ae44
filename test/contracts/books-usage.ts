import { describe, expect, it } from '@jest/globals';
import type { UsageEvent } from '../../billing/loop/books-store.ts';
import { compacted } from '../../billing/loop/compaction.ts';
import { rational } from '../../billing/money/rational.ts';
import { type BooksUnderTest, HOUR, loaded, RULES, usage } from './books-fixture.ts';

export function describeUsage(under: () => BooksUnderTest): void {
  const event = (window: UsageEvent['window'], account = 'acme'): UsageEvent => ({ source: 'meterd', account, window });
  const ingest = (...events: UsageEvent[]) => under().store.ingest(events, RULES);
  const base = async () => Math.floor((await under().store.now()) / HOUR) * HOUR - 10 * HOUR;

  describe('usage from outside', () => {
    it('is taken once, however often it comes, and wakes its account', async () => {
      const { store } = under();
      const t = await base();
      const one = event(
        usage('u1', { from: t, to: t + HOUR, quantity: rational(5n, 4n), attributes: { size: '12n' } }),
      );
      expect(await ingest(one)).toEqual([{ outcome: 'accepted' }]);
      expect(await ingest(one, one)).toEqual([{ outcome: 'deduplicated' }, { outcome: 'deduplicated' }]);
      const kept = await loaded(store, 'acme');
      expect(kept.usage).toMatchObject([
        { id: 'meterd:u1', quantity: { num: 5n, den: 4n }, attributes: { size: '12n' } },
      ]);
      expect(await store.claim({ limit: 1, leaseMs: HOUR })).toEqual(['acme']);
    });

    it('tells an equal event of the same batch from another one under its name', async () => {
      const t = await base();
      const window = usage('u1', { from: t, to: t + HOUR });
      const other = { ...window, quantity: rational(9n) };
      expect(await ingest(event(window), event({ ...window }), event(other))).toEqual([
        { outcome: 'accepted' },
        { outcome: 'deduplicated' },
        { outcome: 'rejected', code: 'ConflictingDuplicate' },
      ]);
      expect(await ingest(event(window, 'umbrella'))).toEqual([{ outcome: 'rejected', code: 'ConflictingDuplicate' }]);
      expect(await under().deadLetters('acme')).toEqual([{ id: 'u1', code: 'ConflictingDuplicate' }]);
    });

    it('refuses what overlaps, runs backwards, is negative, unknown, too old or in the future; everything else goes on', async () => {
      const t = await base();
      const from = t + HOUR / 2;
      const results = await ingest(
        event(usage('ok', { from: t, to: t + HOUR })),
        event(usage('overlaps', { from, to: from + HOUR })),
        event(usage('backwards', { from: t, to: t - 1 })),
        event(usage('negative', { from: t + HOUR, to: t + 2 * HOUR, quantity: rational(-1n) })),
        event(usage('unknown', { from: t, to: t + HOUR, meter: 'what.ever' })),
        event(usage('old', { from: 0, to: 1 })),
        event(usage('future', { from: t, to: t + 1000 * HOUR })),
        event(usage('beside', { from: t + HOUR, to: t + 2 * HOUR })),
        event(usage('another', { from: t, to: t + HOUR, resource: 'vm-2' })),
      );
      expect(results.map((each) => (each.outcome === 'rejected' ? each.code : each.outcome))).toEqual([
        'accepted',
        'OverlappingWindow',
        'BackwardWindow',
        'NegativeQuantity',
        'UnknownMeter',
        'UsageTooOld',
        'FutureUsage',
        'accepted',
        'accepted',
      ]);
      expect(await under().deadLetters('acme')).toHaveLength(6);
    });

    it('lets single instants meet', async () => {
      const t = await base();
      const results = await ingest(event(usage('i1', { from: t, to: t })), event(usage('i2', { from: t, to: t })));
      expect(results).toEqual([{ outcome: 'accepted' }, { outcome: 'accepted' }]);
    });

    it('is corrected by what supersedes it, and by nothing else', async () => {
      const { store } = under();
      const t = await base();
      const second = usage('u2', { from: t, to: t + 2 * HOUR, supersedes: 'u1' });
      expect(await ingest(event(second))).toEqual([{ outcome: 'rejected', code: 'UnknownSuperseded' }]);
      expect(await ingest(event(usage('u1', { from: t, to: t + HOUR })), event(second))).toEqual([
        { outcome: 'accepted' },
        { outcome: 'accepted' },
      ]);
      expect(await ingest(event(second))).toEqual([{ outcome: 'deduplicated' }]);
      expect((await loaded(store, 'acme')).usage.map(({ id }) => id)).toEqual(['meterd:u2']);
    });

    it('keeps the old window where what would replace it overlaps another', async () => {
      const { store } = under();
      const t = await base();
      await ingest(
        event(usage('u1', { from: t, to: t + HOUR })),
        event(usage('u2', { from: t + HOUR, to: t + 2 * HOUR })),
      );
      const wider = event(usage('u3', { from: t, to: t + 2 * HOUR, supersedes: 'u1' }));
      const beside = event(usage('u4', { from: t + 2 * HOUR, to: t + 3 * HOUR }));
      expect(await ingest(wider, beside)).toEqual([
        { outcome: 'rejected', code: 'OverlappingWindow' },
        { outcome: 'accepted' },
      ]);
      const { usage: windows } = await loaded(store, 'acme');
      expect(windows.map(({ id }) => id).toSorted()).toEqual(['meterd:u1', 'meterd:u2', 'meterd:u4']);
    });

    it('is read added up where it bills alike, and everything else as it is', async () => {
      const { store } = under();
      const t = await base();
      const all = [0, 1, 2, 3, 4, 5, 6, 7].map((hour) =>
        event(
          usage(`u${hour}`, {
            from: t + hour * HOUR,
            to: t + (hour + 1) * HOUR,
            quantity: rational(BigInt(hour + 1), 8n),
            attributes: { size: hour % 3 === 0 ? 'large' : 'small' },
          }),
        ),
      );
      await ingest(...all, event(usage('point', { from: t + HOUR, to: t + HOUR })));
      const now = await store.now();
      const parts = { cuts: [0, t + 2.5 * HOUR, t + 5 * HOUR], knownBy: now + 1 };
      for (const compaction of [
        { levels: ['extern.hours'], sums: [], ...parts },
        { levels: [], sums: ['extern.hours'], ...parts },
        { levels: ['extern.hours'], sums: [], ...parts, knownBy: 0 },
      ]) {
        const sorted = (windows: readonly { id: string }[]) => windows.toSorted((a, b) => (a.id < b.id ? -1 : 1));
        const expected = compacted((await loaded(store, 'acme')).usage, compaction);
        const found = await store.usage('acme', compaction);
        expect(sorted(found)).toEqual(sorted(expected));
        expect(found.length < 9).toBe(compaction.knownBy > 0);
      }
    });
  });
}
