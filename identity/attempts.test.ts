import { describe, expect, it } from '@jest/globals';
import { type AttemptPolicy, addressOf, attemptsOf, countAttempt, forgive, nextAttempt, takeBack } from './attempts.ts';
import { createMemoryRecords } from './memory/records.ts';

const POLICY: AttemptPolicy = {
  scope: 'test',
  free: 3,
  firstWaitMs: 1_000,
  longestWaitMs: 60_000,
  forgetMs: 3_600_000,
};

describe('tries', () => {
  it('are free at first, then wait twice as long each time, up to a longest', () => {
    let state: Parameters<typeof nextAttempt>[1];
    const waits: number[] = [];
    let now = 0;
    for (let index = 0; index < 12; index++) {
      const next = nextAttempt(POLICY, state, now);
      expect(next.attempt.allowed).toBe(true);
      state = next.state;
      waits.push(state.blockedUntil - now);
      now = state.blockedUntil;
    }
    expect(waits).toEqual([0, 0, 1_000, 2_000, 4_000, 8_000, 16_000, 32_000, 60_000, 60_000, 60_000, 60_000]);
  });

  it('that have to wait are not counted, and all is forgotten after a time', () => {
    const state = { count: 7, lastAt: 0, blockedUntil: 16_000 };
    expect(nextAttempt(POLICY, state, 15_999)).toEqual({ state, attempt: { allowed: false, waitMs: 1 } });
    expect(nextAttempt(POLICY, state, 3_600_001).state).toEqual({
      count: 1,
      lastAt: 3_600_001,
      blockedUntil: 3_600_001,
    });
  });

  it('at the same time count each: a thousand parallel guesses get no more than the free ones', async () => {
    const records = createMemoryRecords();
    const tries = Array.from({ length: 1_000 }, () => countAttempt(records, POLICY, { whom: 'anna', now: 5 }));
    const allowed = (await Promise.all(tries)).filter((attempt) => attempt.allowed);
    expect(allowed.length).toBeLessThanOrEqual(POLICY.free);
    expect(allowed.length).toBeGreaterThan(0);
  });

  it('that succeeded are taken back one by one, or forgiven at once', async () => {
    const records = createMemoryRecords();
    const whom = { whom: 'anna', now: 5 };
    for (let index = 0; index < 3; index++) await countAttempt(records, POLICY, whom);
    expect(await countAttempt(records, POLICY, whom)).toEqual({ allowed: false, waitMs: 1_000 });
    await takeBack(records, POLICY, whom);
    expect(await attemptsOf(records, POLICY, whom)).toBe(2);
    expect((await countAttempt(records, POLICY, whom)).allowed).toBe(true);
    await forgive(records, POLICY, 'anna');
    expect(await attemptsOf(records, POLICY, whom)).toBe(0);
  });

  it.each([
    ['192.0.2.7', '192.0.2.7'],
    ['::ffff:192.0.2.7', '192.0.2.7'],
    ['2001:db8:1:2:3:4:5:6', '2001:db8:1:2::/64'],
    ['2001:DB8:1::9', '2001:db8:1:0::/64'],
    ['fe80::1%eth0', 'fe80:0:0:0::/64'],
  ])('of %s count for %s', (from, address) => {
    expect(addressOf(from)).toBe(address);
  });
});
