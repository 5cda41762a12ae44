import type { Instant } from '../calendar/interval.ts';
import { netLeft } from '../document/credit-note.ts';
import { discountOf, type Invoice, type InvoiceLine } from '../document/document.ts';
import { activeHolds, type Hold, type HoldSeverity, type HoldWhy } from '../dunning/dunning.ts';
import { total } from '../group.ts';
import { allocate } from '../money/allocate.ts';
import { type Books, balanceOf, creditOf, paidOn, type SettlementKind } from '../settle/books.ts';
import { issueCreditNotes, record } from '../settle/issue.ts';
import type { Payment } from './payment.ts';
import { sentAway, type Transfer } from './transfer.ts';
import { type WalletRefund, walletRefunded } from './wallet-refund.ts';

/** What somebody decides about money. Each is refused whole, with a code, or becomes facts; it never changes one. */
export type MoneyCommand =
  | { type: 'pay'; invoice: string; amount: bigint | null; key: string | null; reference?: string | null }
  /** `adjust`: the invoice is lowered by as much, so that it is not owed again. */
  | { type: 'refund'; invoice: string; amount: bigint; adjust: boolean; key?: string; reference?: string | null }
  | {
      type: 'chargeback' | 'reverse';
      invoice: string;
      amount: bigint | null;
      key?: string | null;
      reference?: string | null;
    }
  | { type: 'credit'; amount: bigint; key?: string; reason?: string }
  | ({ type: 'refundWallet' } & WalletRefund)
  | ({ type: 'transfer' } & Transfer)
  | { type: 'adjust'; line: string; amount: bigint }
  | { type: 'writeOff' | 'void'; invoice: string }
  | { type: 'hold'; id: string; severity: HoldSeverity; source?: Hold['source']; why?: HoldWhy }
  | { type: 'lift'; id: string; why?: HoldWhy };

export type CommandResult = { outcome: 'done'; books: Books } | { outcome: 'refused'; code: RefusalCode };

export type RefusalCode =
  | 'AmountNotPositive'
  | 'UnknownInvoice'
  | 'UnknownLine'
  | 'UnknownHold'
  | 'DuplicatePayment'
  | 'NothingDue'
  | 'RefundExceedsPaid'
  | 'ChargebackExceedsPaid'
  | 'NoChargeback'
  | 'UnknownWallet'
  | 'WalletPromotional'
  | 'WalletNotRefundable'
  | 'RefundExceedsWallet'
  | 'SameAccount'
  | 'TransferExceedsCredit'
  | 'AdjustmentExceedsLine'
  | 'InvoiceNotVoidable';

export function command(books: Books, wish: MoneyCommand, at: Instant): CommandResult {
  if ('amount' in wish && wish.amount !== null && wish.amount <= 0n) return refused('AmountNotPositive');
  switch (wish.type) {
    case 'credit':
      return granted(books, wish, at);
    case 'refundWallet':
      return walletRefunded(books, wish, at);
    case 'transfer':
      return sentAway(books, wish, at);
    case 'adjust':
      return adjust(books, wish, at);
    case 'hold':
    case 'lift':
      return heldOrLifted(books, wish, at);
    default: {
      const invoice = books.invoices.find(({ number }) => number === wish.invoice);
      return invoice === undefined ? refused('UnknownInvoice') : onInvoice(books, invoice, { wish, at });
    }
  }
}

function heldOrLifted(
  books: Books,
  wish: Extract<MoneyCommand, { type: 'hold' | 'lift' }>,
  at: Instant,
): CommandResult {
  const why = wish.why === undefined ? {} : { why: wish.why };
  if (wish.type === 'hold') {
    const { id, severity, source = 'admin' } = wish;
    return done(record(books, { holds: [{ id, source, severity, from: at, to: null, ...why }] }));
  }
  const hold = activeHolds(books.holds, at).find(({ id }) => id === wish.id);
  if (hold === undefined) return refused('UnknownHold');
  const { why: _set, ...rest } = hold;
  return done(record(books, { holds: [{ ...rest, to: at, ...why }] }));
}

function granted(
  books: Books,
  { amount, key, reason }: { amount: bigint; key?: string | undefined; reason?: string | undefined },
  at: Instant,
): CommandResult {
  const id = `grant/${key ?? books.credits.length}`;
  if (books.credits.some((credit) => credit.id === id)) return refused('DuplicatePayment');
  const why = reason === undefined ? {} : { reason };
  return done(record(books, { credits: [{ id, at, amount, kind: 'GRANT', cause: 'grant', ...why }] }));
}

type InvoiceCommand = Extract<MoneyCommand, { invoice: string }>;

function onInvoice(books: Books, invoice: Invoice, { wish, at }: { wish: InvoiceCommand; at: Instant }): CommandResult {
  switch (wish.type) {
    case 'pay':
      return pay(books, invoice, { ...wish, at });
    case 'refund':
      return refund(books, invoice, { ...wish, at });
    case 'chargeback': {
      if (isKnown(books, wish.key)) return refused('DuplicatePayment');
      const paid = paidOn(invoice.number, books);
      const amount = wish.amount ?? paid;
      if (amount > paid || amount === 0n) return refused('ChargebackExceedsPaid');
      return done(moved(books, invoice, { ...tracked(wish), kind: 'CHARGEBACK', amount: -amount, at }));
    }
    case 'reverse': {
      if (isKnown(books, wish.key)) return refused('DuplicatePayment');
      const open = chargedBack(books, invoice);
      const amount = wish.amount ?? open;
      if (amount > open || amount === 0n) return refused('NoChargeback');
      return done(moved(books, invoice, { ...tracked(wish), kind: 'CHARGEBACK_REVERSED', amount, at }));
    }
    case 'writeOff': {
      const amount = balanceOf(invoice, books);
      if (amount <= 0n) return refused('NothingDue');
      return done(settled(books, invoice, { kind: 'WRITE_OFF', amount, at }));
    }
    case 'void':
      return voided(books, invoice, at);
  }
}

function isKnown({ payments }: Books, key: string | null | undefined): boolean {
  return key != null && payments.some((payment) => payment.key === key);
}

interface PayInput {
  amount: bigint | null;
  key: string | null;
  reference?: string | null;
  at: Instant;
}

/** What is paid beyond the balance is the customer's credit: money that arrived is never refused, nor lost. */
function pay(books: Books, invoice: Invoice, { amount, key, reference, at }: PayInput): CommandResult {
  if (key !== null && books.payments.some((payment) => payment.key === key)) return refused('DuplicatePayment');
  const due = balanceOf(invoice, books);
  if (due <= 0n) return refused('NothingDue');
  const paid = amount ?? due;
  const owed = paid < due ? paid : due;
  const after = moved(books, invoice, { ...tracked({ key, reference }), kind: 'PAYMENT', amount: owed, at });
  if (paid === owed) return done(after);
  const id = `overpaid/${books.payments.length}`;
  return done(
    record(after, { credits: [{ id, at, amount: paid - owed, kind: 'OVERPAYMENT', cause: invoice.number }] }),
  );
}

function refund(
  books: Books,
  invoice: Invoice,
  { amount, adjust: lower, key = null, reference, at }: Tracked & { amount: bigint; adjust: boolean; at: Instant },
): CommandResult {
  if (key !== null && books.payments.some((payment) => payment.key === key)) return refused('DuplicatePayment');
  if (amount > paidOn(invoice.number, books)) return refused('RefundExceedsPaid');
  if (!lower)
    return done(moved(books, invoice, { ...tracked({ key, reference }), kind: 'REFUND', amount: -amount, at }));
  const notes = books.creditNotes.filter((note) => note.invoice === invoice.number);
  const left = invoice.lines.map((line) => ({
    line,
    net: netLeft(
      line,
      notes.flatMap(({ lines }) => lines),
    ),
  }));
  const whole = invoice.total - total(notes, (note) => note.total);
  if (amount > whole) return refused('RefundExceedsPaid');
  const parts = allocate(
    (amount * total(left, ({ net }) => net)) / whole,
    left.map(({ line, net }) => ({ id: line.id, weight: net })),
  );
  const wishes = left.map(({ line }) => ({
    line,
    gross: grossOf(line, parts.get(line.id) ?? 0n),
    kind: 'ADJUSTMENT' as const,
  }));
  const noted = issueCreditNotes(
    books,
    wishes.filter(({ gross }) => gross > 0n),
    { at, reason: 'Refund' },
  );
  const given = creditOf(noted) - creditOf(books);
  const back = given < amount ? given : amount;
  const id = `refund/${books.payments.length}`;
  const after = record(noted, {
    credits: [{ id, at, amount: -back, kind: 'REFUNDED', cause: invoice.number }],
    payments: [{ ...tracked({ key, reference }), id, invoice: invoice.number, at, kind: 'REFUND', amount }],
  });
  return done(amount === back ? after : settled(after, invoice, { kind: 'REFUND', amount: back - amount, at }));
}

/** First the line's own invoice gets what is still owed on it; the rest is credit. */
function adjust(books: Books, { line: id, amount }: { line: string; amount: bigint }, at: Instant): CommandResult {
  const invoice = books.invoices.find(({ lines }) => lines.some((line) => line.id === id));
  const line = invoice?.lines.find((each) => each.id === id);
  if (invoice === undefined || line === undefined) return refused('UnknownLine');
  const left = netLeft(
    line,
    books.creditNotes.flatMap(({ lines }) => lines),
  );
  if (amount > left) return refused('AdjustmentExceedsLine');
  const noted = issueCreditNotes(books, [{ line, gross: grossOf(line, amount), kind: 'ADJUSTMENT' }], {
    at,
    reason: 'Adjustment',
  });
  return done(applied(noted, invoice, { upTo: creditOf(noted) - creditOf(books), at }));
}

/** A number that nobody paid and nothing depends on is credited whole; it and its document stay. */
function voided(books: Books, invoice: Invoice, at: Instant): CommandResult {
  const touched = [...books.settlements, ...books.creditNotes].some((each) => each.invoice === invoice.number);
  if (touched) return refused('InvoiceNotVoidable');
  const wishes = invoice.lines.flatMap((line) =>
    line.amount > 0n ? [{ line, gross: line.amount, kind: 'ADJUSTMENT' as const }] : [],
  );
  const noted = issueCreditNotes(books, wishes, { at, reason: 'Void' });
  return done(applied(noted, invoice, { upTo: invoice.total, at }));
}

function applied(books: Books, invoice: Invoice, { upTo, at }: { upTo: bigint; at: Instant }): Books {
  const due = balanceOf(invoice, books);
  const amount = due < upTo ? due : upTo;
  if (amount <= 0n) return books;
  const id = `${invoice.number}/applied/${books.settlements.length}`;
  const credits = [{ id, at, amount: -amount, kind: 'APPLIED' as const, cause: invoice.number }];
  return record(settled(books, invoice, { kind: 'CREDIT', amount, at }), { credits });
}

/** What a movement is told from others by, and what it is known by outside. */
interface Tracked {
  key?: string | null | undefined;
  reference?: string | null | undefined;
}

function tracked({ key = null, reference = null }: Tracked): Pick<Payment, 'key' | 'reference'> {
  return { key, reference };
}

interface Movement extends Pick<Payment, 'key' | 'reference'> {
  kind: SettlementKind & Payment['kind'];
  amount: bigint;
  at: Instant;
}

function moved(books: Books, invoice: Invoice, { kind, amount, at, ...track }: Movement): Books {
  const id = `payment/${books.payments.length}`;
  const payment = { ...track, id, invoice: invoice.number, at, kind, amount: amount < 0n ? -amount : amount };
  return record(settled(books, invoice, { kind, amount, at }), { payments: [payment] });
}

function settled(
  books: Books,
  { number }: Invoice,
  { kind, amount, at }: { kind: SettlementKind; amount: bigint; at: Instant },
): Books {
  const id = `${number}/${books.settlements.length}`;
  return record(books, { settlements: [{ id, invoice: number, at, kind, amount, via: null }] });
}

function chargedBack({ payments }: Books, { number }: Invoice): bigint {
  return total(
    payments.filter(({ invoice }) => invoice === number),
    ({ kind, amount }) => (kind === 'CHARGEBACK' ? amount : kind === 'CHARGEBACK_REVERSED' ? -amount : 0n),
  );
}

/** How much of the line before discounts a net amount is. */
function grossOf(line: InvoiceLine, net: bigint): bigint {
  const whole = line.amount - discountOf(line);
  return whole === 0n ? 0n : (net * line.amount + whole / 2n) / whole;
}

const done = (books: Books): CommandResult => ({ outcome: 'done', books });
const refused = (code: RefusalCode): CommandResult => ({ outcome: 'refused', code });
