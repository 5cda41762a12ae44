import type { Instant } from '../calendar/interval.ts';
import { includedTaxes } from '../document/credit-note.ts';
import { type CreditNote, discountOf, type Invoice } from '../document/document.ts';
import { includedIn } from '../document/tax.ts';
import { groupBy, total } from '../group.ts';
import type { Authorisation } from '../payment/pre-authorisation.ts';
import type { Wallet, WalletMove } from '../payment/wallet.ts';
import type { CreditEntry, Facts, Settlement } from '../settle/books.ts';
import type { Recognition } from './recognition.ts';

/** Double entry. A transaction is never changed; what corrects it is another one. */
export interface LedgerTransaction {
  /** Also the cause: a cause is posted once. */
  id: string;
  bookedAt: Instant;
  entries: readonly LedgerEntry[];
}

export interface LedgerEntry {
  account: string;
  side: 'DEBIT' | 'CREDIT';
  /** Above 0. */
  minor: bigint;
}

/** The transactions of new facts. */
export function postings(
  facts: Partial<Facts>,
  wallets: readonly Wallet[],
  invoices: readonly Invoice[],
): LedgerTransaction[] {
  const bucket = new Map(wallets.map(({ name, bucket: kind }) => [name, kind]));
  return [
    ...(facts.invoices ?? []).map(invoicePosting),
    ...(facts.creditNotes ?? []).map((note) => creditNotePosting(note, invoices)),
    ...(facts.settlements ?? []).map((each) => settlementPosting(each, bucket)),
    ...(facts.credits ?? []).flatMap(creditPosting),
    ...(facts.walletMoves ?? []).flatMap((move) => walletPosting(move, bucket)),
    ...(facts.recognitions ?? []).map(recognitionPosting),
    ...(facts.authorisations ?? []).map(authorisationPosting),
  ].filter(({ entries }) => entries.length > 0);
}

/** 0 for every transaction that may be written. */
export function imbalanceOf({ entries }: LedgerTransaction): bigint {
  return total(entries, ({ side, minor }) => (side === 'DEBIT' ? minor : -minor));
}

/** Debits less credits, by account. */
export function balances(ledger: readonly LedgerTransaction[]): Map<string, bigint> {
  const found = new Map<string, bigint>();
  for (const { account, side, minor } of ledger.flatMap(({ entries }) => entries))
    found.set(account, (found.get(account) ?? 0n) + (side === 'DEBIT' ? minor : -minor));
  return found;
}

function invoicePosting(invoice: Invoice): LedgerTransaction {
  const revenue = groupBy(invoice.lines, ({ kind }) => kind);
  return transaction(`invoice/${invoice.number}`, invoice.issuedAt, [
    debit('receivable', invoice.total),
    ...[...revenue].map(([kind, lines]) =>
      credit(
        `revenue:${kind.toLowerCase()}`,
        total(
          lines,
          (line) => line.amount - discountOf(line) - includedIn(line, invoice.taxes) - (line.deferred ?? 0n),
        ),
      ),
    ),
    credit(
      'deferred_revenue',
      total(invoice.lines, ({ deferred = 0n }) => deferred),
    ),
    credit('tax_payable', invoice.tax),
  ]);
}

/** Taxes that the price held are inside the lines' net, and what was not revenue yet is not taken from revenue. */
function creditNotePosting(note: CreditNote, invoices: readonly Invoice[]): LedgerTransaction {
  const invoice = invoices.find(({ number }) => number === note.invoice);
  const included = includedTaxes(note.lines, note.taxes, invoice ?? { taxes: [] });
  const kinds = [...groupBy(note.lines, ({ lineKind }) => lineKind)];
  const revenue = kinds.map(([kind, lines]) =>
    debit(
      `revenue:${kind.toLowerCase()}`,
      total(lines, ({ id, net, undeferred = 0n }) => net - (included.get(id) ?? 0n) - undeferred),
    ),
  );
  return transaction(`credit-note/${note.number}`, note.issuedAt, [
    ...revenue,
    debit(
      'deferred_revenue',
      total(note.lines, ({ undeferred = 0n }) => undeferred),
    ),
    debit('tax_payable', note.tax),
    credit('customer_credit', note.total),
  ]);
}

function recognitionPosting({ id, at, amount }: Recognition): LedgerTransaction {
  return transaction(`recognition/${id}`, at, [debit('deferred_revenue', amount), credit('revenue:recurring', amount)]);
}

function settlementPosting(
  { id, at, kind, amount, via }: Settlement,
  bucket: ReadonlyMap<string, Wallet['bucket']>,
): LedgerTransaction {
  const other = {
    CREDIT: 'customer_credit',
    WALLET: walletAccount(bucket.get(via ?? '')),
    PAYMENT: 'gateway_clearing',
    REFUND: 'gateway_clearing',
    CHARGEBACK: 'gateway_clearing',
    CHARGEBACK_REVERSED: 'gateway_clearing',
    WRITE_OFF: 'bad_debt',
    NOTIONAL: 'internal_chargeback',
  }[kind];
  return transaction(`settlement/${id}`, at, [debit(other, amount), credit('receivable', amount)]);
}

/** Credit notes and applied credits are posted with their document; these have none. */
function creditPosting({ id, at, amount, kind }: CreditEntry): LedgerTransaction[] {
  const from = {
    GRANT: 'promo_contra',
    OVERPAYMENT: 'gateway_clearing',
    REFUNDED: 'gateway_clearing',
    TRANSFERRED: 'fx',
    CREDIT_NOTE: null,
    APPLIED: null,
  };
  const other = from[kind];
  return other === null
    ? []
    : [transaction(`credit/${id}`, at, [debit(other, amount), credit('customer_credit', amount)])];
}

function walletPosting(
  { id, wallet, at, amount, kind }: WalletMove,
  bucket: ReadonlyMap<string, Wallet['bucket']>,
): LedgerTransaction[] {
  const own = walletAccount(bucket.get(wallet));
  if (kind === 'USED') return [];
  const source = bucket.get(wallet) === 'PROMOTIONAL' ? 'promo_contra' : 'gateway_clearing';
  return [
    transaction(`wallet/${id}`, at, [debit(kind === 'EXPIRED' ? 'breakage' : source, amount), credit(own, amount)]),
  ];
}

/**
 * Set aside is not paid: it stands on two accounts of its own until it is taken or let go. Both have the same cause, so that a ledger holds
 * only one of them, once.
 */
function authorisationPosting({ id, at, state, amount }: Authorisation): LedgerTransaction {
  const ended = state === 'AUTHORISED' ? amount : -amount;
  return transaction(
    state === 'AUTHORISED' ? `authorisation/${id}` : `authorisation/${id}/ended`,
    at,
    state === 'DECLINED' ? [] : [debit('gateway_clearing:pending', ended), credit('receivable:pending', ended)],
  );
}

function walletAccount(bucket: Wallet['bucket'] | undefined): string {
  return bucket === 'PROMOTIONAL' ? 'wallet_promo' : 'wallet';
}

function transaction(id: string, bookedAt: Instant, entries: readonly LedgerEntry[]): LedgerTransaction {
  return { id, bookedAt, entries: entries.filter(({ minor }) => minor > 0n) };
}

/** A debit of less than nothing is a credit. */
function debit(account: string, minor: bigint): LedgerEntry {
  return minor < 0n ? { account, side: 'CREDIT', minor: -minor } : { account, side: 'DEBIT', minor };
}

function credit(account: string, minor: bigint): LedgerEntry {
  return debit(account, -minor);
}
