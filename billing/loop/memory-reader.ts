import { FOREVER } from '../calendar/interval.ts';
import { groupBy, total } from '../group.ts';
import { add, decimalText, multiply, rational, ZERO } from '../money/rational.ts';
import { bookedSpend } from '../settle/spend.ts';
import type { UsageWindow } from '../usage/window.ts';
import type { BooksReader, Page, PageQuery, UsageSum } from './books-reader.ts';
import type { KeptBooks } from './books-store.ts';
import type { MemoryBooks } from './memory-books.ts';

/** Reads of books in memory: the same pages, from lists. */
export function createMemoryReader(store: MemoryBooks): BooksReader {
  const { records } = store;
  const kept = async (account: string): Promise<KeptBooks> => {
    const [found] = await store.load([account]);
    if (found === undefined) throw new Error(`the books answer nothing about ${account}`);
    return found;
  };
  const own = <Row extends { account: string }>(rows: readonly Row[], account: string) =>
    rows.filter((row) => row.account === account);
  return {
    invoices: async (query) => page((await kept(query.account)).invoices, query),
    creditNotes: async (query) => page((await kept(query.account)).creditNotes, query),
    payments: async (query) => page((await kept(query.account)).payments, query),
    events: async (query) => page(own(records.events, query.account), query),
    ledger: async (query) => page(own(records.ledger, query.account), query),
    ledgerOf: async (account, { to }) => own(records.ledger, account).filter(({ bookedAt }) => bookedAt < to),
    usage: async (account, { from, to }) => sums((await kept(account)).usage, { from, to }),
    invoice: async (account, number) => (await kept(account)).invoices.find((each) => each.number === number),
    balanceOf: async (account, number) => {
      const { invoices, settlements } = await kept(account);
      const whole = invoices.find((each) => each.number === number)?.total ?? 0n;
      const paid = settlements.filter(({ invoice }) => invoice === number);
      return whole - total(paid, ({ amount }) => amount);
    },
    spend: async (account) => {
      const found = await kept(account);
      return { asOf: found.settledAt, months: bookedSpend(found) };
    },
    currencyOf: async (account) => store.currencyOf(account),
    accounts: async ({ after, limit }) =>
      store
        .accounts()
        .filter((name) => after === null || name > after)
        .toSorted()
        .slice(0, limit),
    waiting: async (accounts, now) => accounts.filter((name) => store.dueAt(name) <= now),
    audit: async () => [],
  };
}

/** Newest first; the cursor is how many older ones there are. */
function page<Row>(rows: readonly Row[], { after, limit }: PageQuery): Page<Row> {
  const end = after === undefined ? rows.length : Number(after);
  const items = rows.slice(Math.max(0, end - limit), end).map((row, index, all) => ({
    row,
    cursor: `${end - all.length + index}`,
  }));
  return { items: items.toReversed(), hasMore: end > limit };
}

function sums(windows: readonly UsageWindow[], { from, to }: { from: number; to: number }): UsageSum[] {
  const within = windows.filter(
    (each) => each.from < to && (each.to > from || (each.from === each.to && each.from >= from)),
  );
  const groups = groupBy(within, ({ meter, resource }) => JSON.stringify([meter, resource]));
  return [...groups.values()].map((group) => {
    const first = group[0];
    let quantity = ZERO;
    let hours = ZERO;
    for (const each of group) {
      const part = BigInt(Math.min(each.to, to, FOREVER) - Math.max(each.from, from));
      const share = each.from === each.to ? rational(1n) : rational(part, BigInt(each.to - each.from));
      quantity = add(quantity, multiply(each.quantity, share));
      hours = add(hours, multiply(each.quantity, rational(part, 3_600_000n)));
    }
    return {
      meter: first?.meter ?? '',
      resource: first?.resource ?? '',
      windows: group.length,
      quantity: decimalText(quantity),
      levelHours: decimalText(hours),
    };
  });
}
