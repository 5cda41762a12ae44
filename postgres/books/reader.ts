import type { Invoice } from '../../billing/document/document.ts';
import type { LedgerEntry, LedgerTransaction } from '../../billing/ledger/posting.ts';
import type { BooksReader, Page, PageQuery, UsageSum } from '../../billing/loop/books-reader.ts';
import { decoded } from '../../billing/loop/fact-json.ts';
import { decodeCursor, encodeCursor } from '../cursor.ts';
import type { Database } from '../database.ts';
import { audit } from './audit.ts';
import {
  ACCOUNT_CURRENCY,
  ACCOUNT_NAMES,
  INVOICE_BALANCE,
  LEDGER_BEFORE,
  LEDGER_WITHIN,
  type Paged,
  pageOf,
  READ_INVOICE,
  SETTLED_AT,
  SPEND_COUNTERS,
  USAGE_SUMS,
  WAITING_ACCOUNTS,
} from './statements/read.ts';

/** What people and programs read of the books. */
export function createBooksReader(database: Database): BooksReader {
  const pages =
    <Row>(record: Paged) =>
    (query: PageQuery) =>
      page<Row>(database, record, query);
  return {
    invoices: pages('invoices'),
    creditNotes: pages('creditNotes'),
    payments: pages('payments'),
    events: pages('events'),
    ledger: pages('ledger'),
    invoice: async (account, number) => {
      const [row] = await database.run<{ body: unknown }>(READ_INVOICE, [account, number]);
      return row === undefined ? undefined : (decoded(row.body) as Invoice);
    },
    balanceOf: async (account, number) => {
      const [row] = await database.run<{ balance: string }>(INVOICE_BALANCE, [account, number]);
      return BigInt(row?.balance ?? '0');
    },
    currencyOf: async (account) => (await database.run<{ currency: string }>(ACCOUNT_CURRENCY, [account]))[0]?.currency,
    accounts: async ({ after, limit }) => {
      const rows = await database.run<{ account: string }>(ACCOUNT_NAMES, [after, limit]);
      return rows.map(({ account }) => account);
    },
    waiting: async (accounts, now) => {
      const rows = await database.run<{ account: string }>(WAITING_ACCOUNTS, [accounts, now]);
      return rows.map(({ account }) => account);
    },
    ledgerOf: async (account, { from, to }) => {
      const before = await database.run<{ ledger_account: string; debit: string }>(LEDGER_BEFORE, [account, from]);
      const rows = await database.run<{ row: unknown }>(LEDGER_WITHIN, [account, from, to]);
      return [opening(before, from), ...rows.map(({ row }) => decoded(row) as LedgerTransaction)];
    },
    usage: (account, { from, to }) => database.run<UsageSum>(USAGE_SUMS, [account, from, to]),
    spend: async (account) => {
      const [state] = await database.run<{ settled_at: number | null }>(SETTLED_AT, [account]);
      const rows = await database.run<{ user: string | null; month: string; amount: string }>(SPEND_COUNTERS, [
        account,
      ]);
      const months = rows.map(({ amount, ...rest }) => ({ ...rest, amount: BigInt(amount) }));
      return { asOf: state?.settled_at ?? null, months };
    },
    audit: (now) => audit(database, now),
  };
}

async function page<Row>(database: Database, record: Paged, query: PageQuery): Promise<Page<Row>> {
  const after = query.after === undefined ? [null, null, null] : placeOf(query.after);
  const rows = await database.run<{ row: unknown; at: number; version: number; position: number }>(pageOf(record), [
    query.account,
    query.limit + 1,
    ...after,
  ]);
  const items = rows.slice(0, query.limit).map(({ row, at, version, position }) => ({
    row: decoded(row) as Row,
    cursor: encodeCursor([at, `${version}/${position}`]),
  }));
  return { items, hasMore: rows.length > query.limit };
}

function placeOf(cursor: string): [number, number, number] {
  const [at, place] = decodeCursor(cursor, ['number', 'string']);
  const [version = 0, position = 0] = place.split('/').map(Number);
  return [at, version, position];
}

/** Everything before an instant, as one transaction. */
function opening(sums: readonly { ledger_account: string; debit: string }[], from: number): LedgerTransaction {
  const entries = sums.flatMap(({ ledger_account: account, debit }): LedgerEntry[] => {
    const minor = BigInt(debit);
    if (minor === 0n) return [];
    return [{ account, side: minor > 0n ? 'DEBIT' : 'CREDIT', minor: minor > 0n ? minor : -minor }];
  });
  return { id: 'opening', bookedAt: from - 1, entries };
}
