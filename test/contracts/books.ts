import { afterEach, beforeEach, describe } from '@jest/globals';
import { describeCommits } from './books-commit.ts';
import { describeDue } from './books-due.ts';
import type { BooksUnderTest } from './books-fixture.ts';
import { describeJournal } from './books-journal.ts';
import { describeUsage } from './books-usage.ts';

/** The behaviour that all books must have, wherever they are kept. */
export function describeBooks(name: string, makeBooks: () => Promise<BooksUnderTest>): void {
  describe(name, () => {
    let current: BooksUnderTest | undefined;
    beforeEach(async () => {
      current = await makeBooks();
    });
    afterEach(async () => {
      await current?.close();
      current = undefined;
    });
    const under = (): BooksUnderTest => {
      if (!current) throw new Error('The books are there only while a test runs.');
      return current;
    };
    describeCommits(under);
    describeDue(under);
    describeUsage(under);
    describeJournal(under);
  });
}
