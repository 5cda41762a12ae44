import type { Instant } from '../calendar/interval.ts';
import { command } from '../payment/command.ts';
import type { Books } from '../settle/books.ts';
import type { AdjustmentWish } from '../wish/adjustment.ts';
import type { AdjustmentDone } from './books-store.ts';

/** A correction that somebody asked for. */
export interface AdjustmentRequest extends AdjustmentWish {
  uid: string;
}

/** Books what was asked for and not decided yet. A refusal is a decision too: who wants something else asks for something else. */
export function adjusted(
  books: Books,
  requests: readonly AdjustmentRequest[],
  { done, now }: { done: readonly AdjustmentDone[]; now: Instant },
): { books: Books; done: AdjustmentDone[] } {
  const known = new Set(done.map(({ uid }) => uid));
  const decided: AdjustmentDone[] = [];
  let after = books;
  for (const { uid, command: wish } of requests.filter((each) => !known.has(each.uid))) {
    const result = command(after, wish, now);
    if (result.outcome === 'refused') decided.push({ uid, at: now, document: null, refusal: result.code });
    else {
      decided.push({ uid, at: now, document: documentOf(after, result.books), refusal: null });
      after = result.books;
    }
  }
  return { books: after, done: decided };
}

/** The credit note that it made; else the credit, else the settlement. */
function documentOf(before: Books, after: Books): string | null {
  const note = after.creditNotes.slice(before.creditNotes.length)[0]?.number;
  const credit = after.credits.slice(before.credits.length)[0]?.id;
  return note ?? credit ?? after.settlements.slice(before.settlements.length)[0]?.id ?? null;
}
