import { FOREVER, type Instant } from '../calendar/interval.ts';
import type { Books } from '../settle/books.ts';
import { cyclesOf, periodOf } from '../settle/cycles.ts';
import { desiredLines } from '../settle/desired.ts';
import { asOf, contextOf } from '../settle/settle.ts';
import { chargesOf } from '../settle/subscription.ts';
import { horizonOf } from './cost.ts';

/** The first period of a fee in a calendar that is to come: from where the old one's ends, and so mostly a part of a period. */
export interface Bridge {
  subscription: string;
  charge: string;
  from: Instant;
  to: Instant;
  amount: bigint;
}

/** More are not worth a line each. */
const BRIDGES_MAX = 50;

/** What another zone or billing day means for each fee, in the order of time. Empty where no calendar is on its way. */
export function bridgesOf(books: Books, now: Instant): Bridge[] {
  const context = contextOf(asOf(books, now), horizonOf(books, now));
  const { lines } = desiredLines(context);
  const found = context.timelines.flatMap((timeline) =>
    chargesOf(timeline, context.catalog.bundles).flatMap((charge): Bridge[] => {
      if (charge.type !== 'RECURRING') return [];
      const starts = cyclesOf(timeline, charge.every, context).map(({ from }) => from);
      const next = starts.at(-1) ?? FOREVER;
      if (next < now || starts.length < 2) return [];
      const { from, to } = periodOf(timeline, charge.every, context, next);
      const { id } = timeline.subscription;
      return lines
        .filter((line) => line.subscription === id && line.charge === charge.name && line.period.from === from)
        .map(({ amount }) => ({ subscription: id, charge: charge.name, from, to, amount }));
    }),
  );
  return found.toSorted((a, b) => a.from - b.from).slice(0, BRIDGES_MAX);
}
