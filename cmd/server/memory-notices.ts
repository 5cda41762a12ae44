import type { BooksStore } from '../../billing/loop/books-store.ts';
import { bookNotice, problemNotice } from '../../letters/notices.ts';
import type { Notifications } from '../../letters/notification.ts';

/** Books in memory that tell what they commit, as those of PostgreSQL do in their transaction. */
export function noticing<Books extends Pick<BooksStore, 'commit'>>(
  books: Books,
  notifications: Pick<Notifications, 'put'>,
): Books {
  return {
    ...books,
    commit: async (change) => {
      const result = await books.commit(change);
      if (result.outcome !== 'done') return result;
      const numbered = ({ subject, ...event }: { at: number; code: string; subject: string }) => ({
        ...event,
        subject: result.numbers.get(subject) ?? subject,
      });
      const { account, facts, problems } = change;
      await notifications.put([
        ...(facts.events ?? []).flatMap((event) => bookNotice(account, numbered(event)) ?? []),
        ...problems.map((problem) => problemNotice(account, problem)),
      ]);
      return result;
    },
  };
}
