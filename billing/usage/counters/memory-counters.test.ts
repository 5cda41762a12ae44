import { describe } from '@jest/globals';
import { describeCounterStore } from '../../../test/contracts/counters.ts';
import type { UsageWindow } from '../window.ts';
import { createMemoryCounters } from './memory-counters.ts';

describe('in memory', () => {
  let now = Date.UTC(2026, 10, 22, 10);
  const usage: { account: string; window: UsageWindow }[] = [];
  const store = createMemoryCounters({
    now: () => now,
    book: (account, window) => void usage.push({ account, window }),
  });
  const under = {
    store,
    usage: async (account: string) => usage.filter((each) => each.account === account).map(({ window }) => window),
    advance: async (ms: number) => {
      now += ms;
    },
  };
  describeCounterStore(() => under, { runs: 500 });
});
