import type { Instant } from '../calendar/interval.ts';
import { formatLocal } from '../calendar/zone.ts';
import type { CreditNote, Invoice } from '../document/document.ts';
import { activeHolds } from '../dunning/dunning.ts';
import { total } from '../group.ts';
import { balances } from '../ledger/posting.ts';
import { formatMoney } from '../money/currency.ts';
import { decimalText } from '../money/rational.ts';
import { walletBalance } from '../payment/wallet.ts';
import { type Books, balanceOf, creditOf } from '../settle/books.ts';

/** The documents and sums as people and tests read them: decimal texts, local dates, ends exclusive. */
export function printBooks(books: Books, now: Instant) {
  const money = (minor: bigint) => formatMoney(minor, books.account.currency);
  const day = (at: Instant) => formatLocal(at, books.account.zone);
  const open = total(books.invoices, (invoice) => balanceOf(invoice, books));
  return {
    invoices: books.invoices.map((invoice) => printInvoice(invoice, books, { money, day, now })),
    creditNotes: books.creditNotes.map((note) => printCreditNote(note, { money, day })),
    balance: money(open - creditOf(books)),
    credit: money(creditOf(books)),
    wallets: Object.fromEntries(books.wallets.map(({ name }) => [name, money(walletBalance(name, books.walletMoves))])),
    ledger: Object.fromEntries([...balances(books.ledger)].toSorted().map(([name, minor]) => [name, money(minor)])),
    holds: activeHolds(books.holds, now).map(({ source, severity }) => ({ source, severity })),
    events: books.events.map(({ at, code, subject }) => ({ at: day(at), code, subject })),
  };
}

interface Style {
  money: (minor: bigint) => string;
  day: (at: Instant) => string;
}

function printInvoice(invoice: Invoice, books: Books, { money, day, now }: Style & { now: Instant }) {
  const charges = invoice.lines.map(({ from, to, product, quantity, amount, kind, corrects }) => ({
    from: day(from),
    to: day(to),
    product,
    quantity: decimalText(quantity, 6),
    amount: money(amount),
    kind: kind as string,
    ...(corrects === null ? {} : { corrects }),
  }));
  const discounts = invoice.lines.flatMap(({ id, from, to, discounts: given }) =>
    given.map(({ campaign, amount }) => ({
      from: day(from),
      to: day(to),
      product: campaign,
      quantity: '1',
      amount: money(-amount),
      kind: 'DISCOUNT',
      corrects: id,
    })),
  );
  return {
    number: invoice.number,
    status: statusOf(invoice, books, now),
    issuedAt: day(invoice.issuedAt),
    lines: [...charges, ...discounts],
    subtotal: money(invoice.subtotal),
    discount: money(invoice.discount),
    tax: money(invoice.tax),
    credits: money(invoice.credits),
    wallet: money(invoice.wallet),
    total: money(invoice.total),
    due: money(balanceOf(invoice, books)),
  };
}

function printCreditNote(note: CreditNote, { money, day }: Style) {
  return {
    number: note.number,
    invoice: note.invoice,
    issuedAt: day(note.issuedAt),
    lines: note.lines.map(({ from, to, product, quantity, net, kind, corrects }) => ({
      from: day(from),
      to: day(to),
      product,
      quantity: decimalText(quantity, 6),
      amount: money(net),
      kind,
      corrects,
    })),
    subtotal: money(note.subtotal),
    tax: money(note.tax),
    total: money(note.total),
  };
}

function statusOf(invoice: Invoice, books: Books, now: Instant): string {
  const settlements = books.settlements.filter(({ invoice: number }) => number === invoice.number);
  if (books.creditNotes.some((note) => note.invoice === invoice.number && note.reason === 'Void')) return 'VOID';
  if (settlements.some(({ kind }) => kind === 'WRITE_OFF')) return 'UNCOLLECTIBLE';
  const due = balanceOf(invoice, books);
  if (due <= 0n) return 'PAID';
  if (invoice.dueAt <= now) return 'OVERDUE';
  return due < invoice.total ? 'PARTIALLY_PAID' : 'ISSUED';
}
