import type { Instant } from '../calendar/interval.ts';
import { type CreditWish, creditNote } from '../document/credit-note.ts';
import { assemble } from '../document/invoice.ts';
import { nextNumber } from '../document/number-series.ts';
import { groupBy, total } from '../group.ts';
import { postings } from '../ledger/posting.ts';
import { drawWallets } from '../payment/wallet.ts';
import { type Books, creditOf, type Facts, joinFacts, type Settlement } from './books.ts';
import type { Addition } from './difference.ts';

/** Books with more facts in them, and the ledger transactions that those facts are. */
export function record(books: Books, facts: Partial<Facts>): Books {
  const wallets = [...books.wallets, ...(facts.wallets ?? [])];
  const ledger = postings(facts, wallets, [...books.invoices, ...(facts.invoices ?? [])]);
  return { ...books, ...joinFacts(books, { ...facts, ledger }) };
}

/** Numbers, takes what credit and wallets have, and posts. Nothing that charges nobody becomes a document. Undefined: its taxes are not known. */
export function issueInvoice(books: Books, additions: readonly Addition[], at: Instant): Books | undefined {
  if (additions.every(({ amount }) => amount === 0n)) return books;
  const { account } = books;
  const { number, counter } = nextNumber(account.series.invoice, books.counters, { at, zone: account.zone });
  const draft = assemble(additions, books, { number, at });
  if (draft === undefined) return undefined;
  const credits = smaller(creditOf(books), draft.total);
  const draws = drawWallets(draft.total - credits, books, at);
  const invoice = { ...draft, credits, wallet: total(draws, ({ amount }) => amount) };
  const base = { invoice: number, at };
  const settlements: Settlement[] = [
    ...(credits > 0n ? [{ ...base, id: `${number}/credit`, kind: 'CREDIT' as const, amount: credits, via: null }] : []),
    ...draws.map(({ wallet, amount }) => ({
      ...base,
      id: `${number}/wallet/${wallet.name}`,
      kind: 'WALLET' as const,
      amount,
      via: wallet.name,
    })),
  ];
  return record(books, {
    invoices: [invoice],
    settlements,
    credits: credits > 0n ? [{ id: `${number}/applied`, at, amount: -credits, kind: 'APPLIED', cause: number }] : [],
    walletMoves: draws.map(({ wallet, amount }) => ({
      id: `${number}/wallet/${wallet.name}`,
      wallet: wallet.name,
      at,
      amount: -amount,
      kind: 'USED' as const,
    })),
    counters: [counter],
    events: [{ at, code: 'InvoiceIssued', subject: number }],
  });
}

/** One credit note for each invoice that the wishes touch. What they give becomes the account's credit. */
export function issueCreditNotes(
  books: Books,
  wishes: readonly CreditWish[],
  { at, reason }: { at: Instant; reason: string },
): Books {
  let after = books;
  for (const [number, own] of groupBy(wishes, ({ line }) => line.id.slice(0, line.id.lastIndexOf('/')))) {
    const invoice = books.invoices.find((each) => each.number === number);
    if (invoice === undefined) throw new Error(`the line ${own[0]?.line.id} is on no invoice`);
    const next = nextNumber(books.account.series.creditNote, after.counters, { at, zone: books.account.zone });
    const note = creditNote({
      number: next.number,
      invoice,
      wishes: own,
      before: after.creditNotes.filter((each) => each.invoice === number),
      at,
      reason,
    });
    after = record(after, {
      creditNotes: [note],
      credits: [{ id: note.number, at, amount: note.total, kind: 'CREDIT_NOTE', cause: note.number }],
      counters: [next.counter],
      events: [{ at, code: 'CreditNoteIssued', subject: note.number }],
    });
  }
  return after;
}

function smaller(a: bigint, b: bigint): bigint {
  return a < b ? a : b;
}
