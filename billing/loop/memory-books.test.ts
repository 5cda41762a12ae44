import { describe, expect, it } from '@jest/globals';
import { describeBooks } from '../../test/contracts/books.ts';
import { rational } from '../money/rational.ts';
import { chargeable, type LevelRow } from '../usage/journal.ts';
import { createMemoryBooks } from './memory-books.ts';
import { metered, movesFor } from './metering.ts';

describeBooks('books in memory', async () => {
  let now = Date.UTC(2026, 4, 15, 10);
  const store = createMemoryBooks({ now: () => now });
  return {
    store,
    advance: async (ms) => {
      now += ms;
    },
    observe: async (account, rows) => store.observe(account, rows),
    events: async (account) =>
      store.records.events.filter((each) => each.account === account).map(({ code, subject }) => ({ code, subject })),
    mail: async (account) => store.records.mail.filter((each) => each.account === account),
    deadLetters: async (account) =>
      store.records.deadLetters
        .filter((each) => each.account === account)
        .map(({ window, code }) => ({ id: window.id, code })),
    close: async () => undefined,
  };
});

describe('a long journal in memory', () => {
  it('is let go of as far as it has been metered, and metered on as if it were whole', async () => {
    const MINUTE = 60_000;
    const begin = Date.UTC(2026, 4, 15);
    let now = begin;
    const store = createMemoryBooks({ now: () => now });
    const coverage = [{ place: 'host-1', from: begin, to: begin + 20_000 * MINUTE, recordedAt: begin }];
    const all: LevelRow[] = [];
    const observe = (count: number) => {
      const rows = Array.from({ length: count }, (_, index): LevelRow => {
        const seq = all.length + index + 1;
        const at = begin + seq * MINUTE;
        const level = rational(BigInt(seq % 3));
        return {
          uid: 'vm-1',
          meter: 'vm.cpus',
          seq,
          at,
          recordedAt: at,
          level,
          attributes: {},
          place: 'host-1',
          runId: '1',
        };
      });
      all.push(...rows);
      store.observe('acme', { levels: rows });
      now = begin + all.length * MINUTE;
    };
    const meter = async () => {
      const observed = { ...(await store.observed('acme')), coverage };
      const windows = metered(observed, { now, zones: ['UTC'], gaps: 'FREE' });
      expect(await store.meter('acme', windows, movesFor(windows, observed))).toBe(true);
    };
    observe(9_002);
    await meter();
    observe(2_001);
    expect((await store.observed('acme')).levels.length).toBeLessThan(2_100);
    await meter();
    const [kept] = await store.load(['acme']);
    const levelMs = (windows: readonly { from: number; to: number; quantity: { num: bigint } }[]) =>
      windows.reduce((sum, { from, to, quantity }) => sum + quantity.num * BigInt(to - from), 0n);
    const whole = chargeable(all, coverage, 'FREE').map((window) => ({ ...window, to: Math.min(window.to, now) }));
    expect(levelMs(kept?.usage ?? [])).toBe(levelMs(whole));
  });
});
