import type { Instant, Interval } from '../calendar/interval.ts';
import type { CreditNote, Invoice } from '../document/document.ts';
import type { LedgerTransaction } from '../ledger/posting.ts';
import type { Payment } from '../payment/payment.ts';
import type { BillingEvent } from '../settle/books.ts';
import type { BookedSpend } from '../settle/spend.ts';

/** Reads for people and programs: pages, newest first. */
export interface BooksReader {
  invoices(query: PageQuery): Promise<Page<Invoice>>;
  creditNotes(query: PageQuery): Promise<Page<CreditNote>>;
  payments(query: PageQuery): Promise<Page<Payment>>;
  events(query: PageQuery): Promise<Page<BillingEvent>>;
  ledger(query: PageQuery): Promise<Page<LedgerTransaction>>;
  /** The account's ledger as `statementOf` wants it: what came before the interval may be one transaction. */
  ledgerOf(account: string, within: Interval): Promise<LedgerTransaction[]>;
  /** What was used in an interval, by meter and resource; windows that reach beyond it count with their part. */
  usage(account: string, within: Interval): Promise<UsageSum[]>;
  /** Documents by number; undefined where the account has none of it. */
  invoice(account: string, number: string): Promise<Invoice | undefined>;
  /** What is still owed on an invoice. */
  balanceOf(account: string, number: string): Promise<bigint>;
  /** What was billed by month and user, as kept beside the lines; `asOf`: all that was due by then is in it. */
  spend(account: string): Promise<{ asOf: Instant | null; months: BookedSpend[] }>;
  /** Undefined: nothing was ever booked for such an account. */
  currencyOf(account: string): Promise<string | undefined>;
  /** Names of accounts that the books know, in order. */
  accounts(query: { after: string | null; limit: number }): Promise<string[]>;
  /** Those of them whose next pass is due: what it will book is not missing yet. */
  waiting(accounts: readonly string[], now: Instant): Promise<string[]>;
  /** BR-37, as far as SQL can see it by itself: everything that does not add up, each as a sentence. Empty when all is well. */
  audit(now: Instant): Promise<AuditFinding[]>;
}

export interface PageQuery {
  account: string;
  /** Cursor of the last item of the page before. */
  after?: string;
  limit: number;
}

export interface Page<Row> {
  items: { row: Row; cursor: string }[];
  hasMore: boolean;
}

/** Exact decimals as texts. */
export interface UsageSum {
  meter: string;
  resource: string;
  windows: number;
  /** Sum of the quantities. */
  quantity: string;
  /** Sum of quantity × hours: what a level comes to. */
  levelHours: string;
}

export interface AuditFinding {
  check: string;
  /** Null: of the installation. */
  account: string | null;
  detail: string;
}
