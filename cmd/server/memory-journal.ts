import type { BooksStore } from '../../billing/loop/books-store.ts';
import type { MemoryBooks } from '../../billing/loop/memory-books.ts';
import { rational } from '../../billing/money/rational.ts';
import type { Tables } from '../../reconciler/memory/tables.ts';

/** The journal that the engine writes, as books in memory read it: each level with its account, as PostgreSQL has it in one table. */
export function journalInto(books: Pick<MemoryBooks, 'observe'>): Tables['journaled'] {
  return ({ account, uid, meter, seq, at, level, attributes, place, runId }) => {
    if (account === null) return;
    const row = { uid, meter, seq, at, recordedAt: at, level: rational(BigInt(level)), attributes, place, runId };
    books.observe(account, { levels: [row] });
  };
}

/** Books with the coverage that the engine wrote down. */
export function observing(
  books: BooksStore,
  coverage: () => readonly { place: string; from: number; to: number }[],
): BooksStore {
  return {
    ...books,
    observed: async (account) => ({
      ...(await books.observed(account)),
      coverage: coverage().map((each) => ({ ...each, recordedAt: each.to })),
    }),
  };
}
