import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { billed, CATALOG, DAY, HOUR, SUBSCRIPTION, usage, wish } from '../../test/contracts/books-fixture.ts';
import { rational } from '../money/rational.ts';
import type { Books } from '../settle/books.ts';
import { settle } from '../settle/settle.ts';
import { applyAll } from '../wish/apply.ts';
import { asBooks, noBooks } from './books-store.ts';
import { compacted, compactionOf } from './compaction.ts';

const START = Date.UTC(2026, 0, 10);

/** Books with two prices, a change in the middle of a period, and whatever usage. */
function booksWith(windows: Books['usage']): Books {
  const bare = asBooks(noBooks('acme'), {
    account: billed('acme'),
    budgets: [],
    catalog: {
      bundles: new Map(),
      meters: [],
      card: { name: 'list', currency: 'EUR', revisions: [] },
      campaigns: new Map(),
      taxRules: [],
    },
  });
  const card = wish('RateCard', 'list', {
    revisions: [
      { from: '2020-01-01', prices: { fee: '30.00', hours: '0.10' } },
      { from: '2026-02-20', prices: { fee: '30.00', hours: '0.17' } },
    ],
  });
  const catalog = [...CATALOG.filter(({ kind }) => kind !== 'RateCard'), card];
  const begun = applyAll(applyAll(bare, catalog, 0), SUBSCRIPTION, START);
  const paused = wish('Subscription', 'web', { bundle: 'starter', resources: ['vm-1'], paused: true });
  const stopped = applyAll(begun, [paused], START + 50 * DAY);
  const again = applyAll(stopped, SUBSCRIPTION, START + 53 * DAY);
  return { ...again, usage: windows };
}

const event = fc.record({
  hour: fc.integer({ min: 0, max: 90 * 24 }),
  length: fc.integer({ min: 1, max: 30 }),
  level: fc.integer({ min: 1, max: 7 }),
  late: fc.oneof(fc.constant(0), fc.integer({ min: 0, max: 40 * 24 })),
  resource: fc.constantFrom('vm-1', 'vm-2'),
  size: fc.constantFrom('small', 'large'),
});

describe('windows that are read as one', () => {
  it('bill exactly as they do by themselves, late or not, over every change', () => {
    fc.assert(
      fc.property(fc.array(event, { maxLength: 60 }), (events) => {
        const windows = events.map(({ hour, length, level, late, resource, size }, index) => {
          const from = START + hour * HOUR;
          const to = from + length * HOUR;
          const recordedAt = to + late * HOUR;
          const rest = { resource, quantity: rational(BigInt(level), 3n), attributes: { size }, recordedAt };
          return usage(`u${index}`, { from, to, ...rest });
        });
        for (const day of [40, 75, 100, 160]) {
          const now = START + day * DAY;
          const raw = booksWith(windows);
          const few = compacted(raw.usage, compactionOf(raw, { settledAt: now, now }));
          expect(few.length).toBeLessThanOrEqual(windows.length);
          const text = (books: Books) =>
            settle(books, now).books.invoices.flatMap(({ lines }) =>
              lines.map(({ key, amount }) => [key, `${amount}`]),
            );
          expect(text({ ...raw, usage: few })).toEqual(text(raw));
        }
      }),
      { numRuns: 60 },
    );
  });

  it('are few where much was recorded', () => {
    const windows = Array.from({ length: 24 * 30 }, (_, hour) => {
      const from = START + hour * HOUR;
      return usage(`u${hour}`, { from, to: from + HOUR, recordedAt: from + HOUR });
    });
    const now = START + 60 * DAY;
    const raw = booksWith(windows);
    expect(compacted(raw.usage, compactionOf(raw, { settledAt: now, now })).length).toBeLessThanOrEqual(4);
  });
});
