import { describeStore } from '../../test/contracts/store.ts';
import { createMemoryStore } from './store.ts';

describeStore('the store in memory', async (registry) => {
  const clock = { time: Date.UTC(2026, 0, 2), now: () => clock.time };
  const store = createMemoryStore({ clock, registry });
  return {
    store,
    advance: async (ms) => {
      clock.time += ms;
    },
    forgetChanges: async () => store.forgetChanges(),
    coverage: async (place) =>
      store
        .coverage()
        .filter((interval) => interval.place === place)
        .map(({ from, to }) => ({ from, to })),
    close: async () => {},
  };
});
