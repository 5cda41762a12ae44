import { describe, expect, it } from '@jest/globals';
import { activeHolds, type DunningInput, dunning, type Hold } from './dunning.ts';

const DAY = 86_400_000;

/** An invoice that fell due on day 0 and is owed; the only step suspends at once. */
function story() {
  const input: DunningInput = {
    policy: {
      minAmount: 0n,
      steps: [{ after: 'P0D', actions: ['EMAIL'], hold: 'SUSPEND', requiresApproval: false }],
      requests: null,
    },
    open: [{ number: 'INV-1', dueAt: 0, balance: 100n }],
    done: [],
    holds: [],
    zone: 'UTC',
  };
  /** The facts after a look at the account on a day. */
  const looked = (before: DunningInput, day: number, balance: bigint) => {
    const now = { ...before, open: [{ number: 'INV-1', dueAt: 0, balance }] };
    const { done, holds, actions } = dunning(now, day * DAY);
    const after = { ...now, done: [...now.done, ...done], holds: [...now.holds, ...holds] };
    return { after, actions, isHeld: activeHolds(after.holds, day * DAY).length > 0 };
  };
  return { input, looked };
}

describe('an invoice that is paid, and whose payment is taken back', () => {
  it('holds its account again, each time, without another letter', () => {
    const { input, looked } = story();
    let facts = input;
    const seen = [100n, 0n, 100n, 100n, 0n, 100n].map((balance, day) => {
      const { after, actions, isHeld } = looked(facts, day, balance);
      facts = after;
      return { isHeld, letters: actions.length };
    });
    expect(seen.map(({ isHeld }) => isHeld)).toEqual([true, false, true, true, false, true]);
    expect(seen.map(({ letters }) => letters)).toEqual([1, 0, 0, 0, 0, 0]);
    expect(new Set(facts.holds.map(({ id }) => id)).size).toBe(3);
  });

  it('leaves alone what a person has lifted', () => {
    const { input, looked } = story();
    const { after } = looked(input, 0, 100n);
    const lifted = after.holds.map(
      (hold): Hold => ({
        ...hold,
        to: DAY,
        why: { by: 'user:anna', reason: 'Goodwill', memo: 'They will pay on Monday.' },
      }),
    );
    expect(looked({ ...after, holds: [...after.holds, ...lifted] }, 2, 100n).isHeld).toBe(false);
  });
});
