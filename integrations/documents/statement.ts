import type { Day } from '../../billing/calendar/civil.ts';
import type { Interval } from '../../billing/calendar/interval.ts';
import { dayOf } from '../../billing/calendar/zone.ts';
import { type Statement, statementOf } from '../../billing/ledger/statement.ts';
import { formatMoney } from '../../billing/money/currency.ts';
import type { Books } from '../../billing/settle/books.ts';
import type { PaperContext } from './paper.ts';
import { imprint, letterhead } from './pdf.ts';
import { createSheet } from './sheet.ts';
import { styleOf } from './style.ts';

/** What an account owed, what came and went in some days, and what it owes then. */
export interface StatementPaper extends Statement, PaperContext {
  firstDay: Day;
  lastDay: Day;
  entries: readonly StatementEntry[];
}

export interface StatementEntry {
  day: Day;
  type: 'INVOICE' | 'CREDIT_NOTE' | 'PAYMENT' | 'REFUND' | 'CHARGEBACK' | 'CHARGEBACK_REVERSED';
  /** The document, or the invoice that was paid. */
  number: string;
  /** Of a payment: what it is known by outside, where that was told. */
  reference: string | null;
  /** Above 0: more is owed. */
  amount: bigint;
}

export function statementPaper(
  books: Pick<Books, 'ledger' | 'invoices' | 'creditNotes' | 'payments'>,
  interval: Interval,
  context: PaperContext,
): StatementPaper {
  const { zone } = context;
  const within = ({ at }: { at: number }) => interval.from <= at && at < interval.to;
  const found = [
    ...books.invoices.map(({ number, issuedAt, total }) => ({
      at: issuedAt,
      type: 'INVOICE',
      number,
      reference: null,
      amount: total,
    })),
    ...books.creditNotes.map(({ number, issuedAt, total }) => ({
      at: issuedAt,
      type: 'CREDIT_NOTE',
      number,
      reference: null,
      amount: -total,
    })),
    ...books.payments.map(({ at, kind, invoice, amount, reference }) => ({
      at,
      type: kind,
      number: invoice,
      reference: reference ?? null,
      amount: kind === 'PAYMENT' || kind === 'CHARGEBACK_REVERSED' ? -amount : amount,
    })),
  ] as (Omit<StatementEntry, 'day'> & { at: number })[];
  const entries = found.filter(within).toSorted((a, b) => a.at - b.at);
  return {
    ...context,
    ...statementOf(books.ledger, interval),
    firstDay: dayOf(interval.from, zone),
    lastDay: dayOf(interval.to - 1, zone),
    entries: entries.map(({ at, ...entry }) => ({ ...entry, day: dayOf(at, zone) })),
  };
}

export async function statementPdf(paper: StatementPaper): Promise<Uint8Array> {
  const style = styleOf(paper);
  const { words, money, day, days } = style;
  const names = {
    INVOICE: words.invoice,
    CREDIT_NOTE: words.creditNote,
    PAYMENT: words.payments,
    REFUND: words.payments,
    CHARGEBACK: words.payments,
    CHARGEBACK_REVERSED: words.payments,
  };
  const sheet = createSheet({
    title: words.statement,
    author: paper.seller.name,
    language: paper.language,
    at: new Date(`${paper.lastDay}T00:00:00Z`),
  });
  letterhead(sheet, paper.seller, paper.buyer, [`${words.period}: ${days(paper.firstDay, paper.lastDay)}`]);
  sheet.gap(18);
  sheet.text(words.statement, { size: 16, isBold: true });
  sheet.gap(10);
  sheet.table(
    [
      { title: words.day, share: 20, align: 'left' },
      { title: words.description, share: 55, align: 'left' },
      { title: words.amount, share: 25, align: 'right' },
    ],
    paper.entries.map(({ reference, ...entry }) => [
      day(entry.day),
      `${names[entry.type]} ${entry.number}${reference === null ? '' : ` (${reference})`}`,
      money(entry.amount),
    ]),
  );
  sheet.sums([
    [words.opening, money(paper.opening)],
    [words.charges, money(paper.charges)],
    [words.payments, money(-paper.payments)],
    [words.credits, money(-paper.credits)],
    [words.closing, money(paper.net)],
  ]);
  return sheet.finish(imprint(paper.seller, words), (page, of) => `${words.page} ${page} / ${of}`);
}

/** The same as data: amounts as decimal texts, above 0 where more is owed. */
export function statementJson({ entries, ...paper }: StatementPaper): string {
  const money = (minor: bigint) => formatMoney(minor, paper.currency);
  const document = {
    ...paper,
    opening: money(paper.opening),
    payments: money(paper.payments),
    credits: money(paper.credits),
    charges: money(paper.charges),
    net: money(paper.net),
    entries: entries.map((entry) => ({ ...entry, amount: money(entry.amount) })),
  };
  return `${JSON.stringify(document, null, 2)}\n`;
}
