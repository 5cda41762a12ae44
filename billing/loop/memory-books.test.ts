import { describeBooks } from '../../test/contracts/books.ts';
import { createMemoryBooks } from './memory-books.ts';

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
