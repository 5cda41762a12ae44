import type { Instant } from '../calendar/interval.ts';
import type { Books } from '../settle/books.ts';
import { calendarOf, zonesAround } from '../settle/calendars.ts';
import { standingSince } from '../wish/begin.ts';
import type { AccountWishes, LoopPorts } from './account-loop.ts';
import { booksOf, withUsage } from './account-loop.ts';
import type { KeptBooks, Mail } from './books-store.ts';
import { lettersFor } from './letters.ts';
import { metered } from './metering.ts';
import { numbersNeeded } from './numbering.ts';
import { unchanged } from './parked.ts';
import { added, drafts, wishedAt } from './pass.ts';
import { catalogZoneOf, wishesNext } from './past-wishes.ts';
import { withRedeemed } from './redemptions.ts';

/** One account's books for those who decide about money: payments, refunds, adjustments, reads. */
/** With what became of the corrections that were asked for. */
export type CurrentBooks = Books & Pick<KeptBooks, 'adjustments'>;

export interface AccountBooks {
  /** As they are wished now, with everything that is known of the usage until now, written down or not. Undefined: no such account. */
  current(account: string): Promise<CurrentBooks | undefined>;
  /** As they stand; undefined where nobody wishes such an account. */
  find(account: string): Promise<Books | undefined>;
  /** As they stand. The account must be there. */
  load(account: string): Promise<Books>;
  /**
   * Commits what the function adds; it may be called again where somebody else was faster. Wakes the account. `mail`: letters that wait from
   * that commit on, or never; none where nothing was added.
   */
  change(
    account: string,
    change: (books: Books, now: Instant) => Books,
    mail?: (now: Instant) => readonly Mail[],
  ): Promise<void>;
}

const TRIES_MAX = 20;
/** Wishes of the past that a look takes in turn; the loop books them all. */
const LOOKS_MAX = 100;

export function createAccountBooks({ store, wishes }: Pick<LoopPorts, 'store' | 'wishes'>): AccountBooks {
  const read = async (account: string) => {
    const now = await store.now();
    const [kept] = await store.load([account], { usage: false });
    const wished = kept === undefined ? undefined : await wishes.of(account, now, { catalogZone: catalogZoneOf(kept) });
    if (kept === undefined || wished === undefined) return undefined;
    return { kept, wished, now, books: await booksOf(store, kept, { wishes: wished, now }) };
  };
  const must = async (account: string) => {
    const found = await read(account);
    if (found === undefined) throw new Error(`There is no account "${account}".`);
    return found;
  };
  return {
    find: async (account) => (await read(account))?.books,
    current: async (account) => {
      const found = await read(account);
      if (found === undefined) return undefined;
      const { now, kept } = found;
      const books = await withUsage(store, await withRedeemed(store, found.books, kept), { kept, now });
      const observed = await store.observed(account);
      const windows = metered(observed, {
        now,
        zones: zonesAround(books.account, now),
        gaps: books.account.policy.gaps,
      });
      const standing = standingSince(observed.levels);
      let all: Books = { ...books, usage: [...books.usage, ...windows] };
      let after = kept.settledAt;
      for (let looks = 0; looks < LOOKS_MAX; looks += 1) {
        const next = await wishesNext(wishes, kept, { after, now });
        if (next === undefined) return undefined;
        const calendar = calendarOf(next.isPast ? all.account : next.wishes.account);
        all = wishedAt(all, { own: next.wishes.own, calendar, standing, ended: next.ended }, next.at);
        after = next.at;
        if (!next.isPast) break;
      }
      return { ...all, adjustments: kept.adjustments };
    },
    load: async (account) => (await must(account)).books,
    change: async (account, change, mail = () => []) => {
      for (let tries = 0; tries < TRIES_MAX; tries += 1) {
        const found = await must(account);
        if (await committed({ store }, found, { change, mail })) return;
      }
      throw new Error(`The books of "${account}" changed ${TRIES_MAX} times while one change was computed.`);
    },
  };
}

interface Found {
  kept: KeptBooks;
  wished: AccountWishes;
  books: Books;
  now: Instant;
}

async function committed(
  { store }: Pick<LoopPorts, 'store'>,
  { kept, wished, books, now }: Found,
  { change, mail }: { change: (books: Books, now: Instant) => Books; mail: (now: Instant) => readonly Mail[] },
): Promise<boolean> {
  const before = { ...books, account: { ...books.account, series: drafts(books) } };
  const after = change(before, now);
  if (after === before) return true;
  const made = {
    ...unchanged(kept),
    currency: books.account.currency,
    facts: added(before, after),
    numbers: numbersNeeded(after, Object.values(books.account.series)),
    parked: kept.parked,
    dueAt: now,
  };
  const { outcome } = await store.commit({ ...made, mail: [...lettersFor(made, wished), ...mail(now)] });
  return outcome === 'done';
}
