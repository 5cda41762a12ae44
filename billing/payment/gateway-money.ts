import type { Instant } from '../calendar/interval.ts';
import { type Books, balanceOf } from '../settle/books.ts';
import { record } from '../settle/issue.ts';
import type { Attempt } from './attempt.ts';
import { heardOfHeld, heldEnded } from './authorisations.ts';
import { subjectOf } from './collection.ts';
import { command } from './command.ts';
import { walletBalance } from './wallet.ts';

/** An attempt's outcome, in the books. A second time changes nothing. */
export function booked(books: Books, attempt: Attempt, at: Instant): Books {
  if (attempt.purpose.type === 'SUBSCRIPTION') return heardOfHeld(books, attempt, at);
  return settledBy(heldEnded(books, attempt, at), attempt, at);
}

function settledBy(books: Books, attempt: Attempt, at: Instant): Books {
  if (attempt.state !== 'SUCCEEDED') return failed(books, attempt, at);
  const { purpose, verb, amount, key, externalId: reference } = attempt;
  if (purpose.type === 'NOTE') return record(books, { events: [{ at, code: 'RefundPaid', subject: purpose.note }] });
  if (purpose.type === 'WALLET') return walletPaidBack(books, attempt, at);
  if (purpose.type === 'SUBSCRIPTION') return books;
  if (purpose.type === 'TOP_UP') return toppedUp(books, { wallet: purpose.wallet, amount, key, at });
  const money = { invoice: purpose.invoice, amount, key, reference, at };
  return verb === 'CHARGE' ? received(books, money) : returned(books, { ...money, adjust: purpose.adjust });
}

interface Money {
  invoice: string;
  amount: bigint;
  key: string;
  /** What the gateway calls it. */
  reference: string | null;
  at: Instant;
}

/** Money that came in is never refused: what is not owed any more is the customer's credit, and told if that was all of it. */
function received(books: Books, { invoice: number, amount, key, reference, at }: Money): Books {
  if (isBooked(books, key)) return books;
  const invoice = books.invoices.find((each) => each.number === number);
  const due = invoice === undefined ? 0n : balanceOf(invoice, books);
  const owed = due <= 0n ? 0n : due < amount ? due : amount;
  const rest = amount - owed;
  const paid = { invoice: number, at, amount: owed };
  return record(books, {
    settlements:
      owed > 0n ? [{ ...paid, id: `${number}/${books.settlements.length}`, kind: 'PAYMENT', via: null }] : [],
    payments: owed > 0n ? [{ ...paid, id: `payment/${books.payments.length}`, key, reference, kind: 'PAYMENT' }] : [],
    credits: rest > 0n ? [{ id: overpaidId(key), at, amount: rest, kind: 'OVERPAYMENT', cause: number }] : [],
    events: [{ at, code: owed === 0n ? 'PaidTwice' : 'PaymentReceived', subject: number }],
  });
}

/** Where the rules would have refused it the money still went: the invoice is owed again. */
function returned(books: Books, { invoice, amount, key, reference, at, adjust }: Money & { adjust: boolean }): Books {
  if (isBooked(books, key)) return books;
  const result = command(books, { type: 'refund', invoice, amount, adjust, key, reference }, at);
  if (result.outcome === 'done')
    return record(result.books, { events: [{ at, code: 'RefundPaid', subject: invoice }] });
  const id = `${invoice}/${books.settlements.length}`;
  return record(books, {
    settlements: [{ id, invoice, at, kind: 'REFUND', amount: -amount, via: null }],
    payments: [{ id: `payment/${books.payments.length}`, key, reference, invoice, at, kind: 'REFUND', amount }],
    events: [{ at, code: 'RefundBeyondPaid', subject: invoice }],
  });
}

function toppedUp(
  books: Books,
  { wallet, amount, key, at }: { wallet: string; amount: bigint; key: string; at: Instant },
): Books {
  if (books.walletMoves.some(({ id }) => id === key)) return books;
  return record(books, {
    walletMoves: [{ id: key, wallet, at, amount, kind: 'TOP_UP' }],
    events: [{ at, code: 'WalletToppedUp', subject: wallet }],
  });
}

/** The money left the wallet when it was asked for. If it had come back since, because the gateway had said no, it leaves again. */
function walletPaidBack(books: Books, { purpose, key, amount }: Attempt, at: Instant): Books {
  const wallet = subjectOf(purpose);
  const again = `${key}/again`;
  const isBack = books.walletMoves.some(({ id }) => id === returnedId(key));
  if (!isBack || books.walletMoves.some(({ id }) => id === again))
    return record(books, { events: [{ at, code: 'RefundPaid', subject: wallet }] });
  const balance = walletBalance(wallet, books.walletMoves);
  const left = balance < amount ? balance : amount;
  return record(books, {
    walletMoves: left > 0n ? [{ id: again, wallet, at, amount: -left, kind: 'REFUNDED', reference: key }] : [],
    events: [{ at, code: left < amount ? 'RefundBeyondPaid' : 'RefundPaid', subject: wallet }],
  });
}

/** What did not go is in the wallet again; where its time is over meanwhile, it is the customer's credit. */
function walletRefundFailed(books: Books, { purpose, key, amount }: Attempt, at: Instant): Books {
  const wallet = subjectOf(purpose);
  const id = returnedId(key);
  if ([...books.walletMoves, ...books.credits].some((each) => each.id === id)) return books;
  const found = books.wallets.find(({ name }) => name === wallet);
  const isOver = found === undefined || (found.expiresAt !== null && found.expiresAt <= at);
  const events = [{ at, code: 'RefundFailed', subject: wallet }];
  if (isOver) return record(books, { credits: [{ id, at, amount, kind: 'OVERPAYMENT', cause: wallet }], events });
  return record(books, { walletMoves: [{ id, wallet, at, amount, kind: 'RETURNED' }], events });
}

const returnedId = (key: string): string => `${key}/returned`;

function failed(books: Books, attempt: Attempt, at: Instant): Books {
  const { verb, state, purpose } = attempt;
  if (purpose.type === 'WALLET') return walletRefundFailed(books, attempt, at);
  const subject = purpose.type === 'NOTE' ? purpose.note : subjectOf(purpose);
  const code = verb === 'REFUND' ? 'RefundFailed' : state === 'LAPSED' ? 'PaymentLapsed' : 'PaymentDeclined';
  return record(books, { events: [{ at, code, subject }] });
}

export interface Dispute {
  /** The gateway's name and its id of the dispute. */
  id: string;
  invoice: string;
  state: 'opened' | 'won' | 'lost';
  amount: bigint;
}

/** The money went when the dispute was opened; winning it brings it back. In whichever order that is heard. */
export function disputed(books: Books, { id, invoice, state, amount }: Dispute, at: Instant): Books {
  const opened = `${id}/opened`;
  const won = `${id}/won`;
  let after = books;
  if (!isBooked(after, opened))
    after = forced(after, { kind: 'CHARGEBACK', invoice, amount, key: opened, reference: id, at });
  if (state === 'won' && !isBooked(after, won))
    after = forced(after, { kind: 'CHARGEBACK_REVERSED', invoice, amount, key: won, reference: id, at });
  return after;
}

function forced(
  books: Books,
  { kind, invoice, amount, key, reference, at }: Money & { kind: 'CHARGEBACK' | 'CHARGEBACK_REVERSED' },
): Books {
  const id = `${invoice}/${books.settlements.length}`;
  const change = kind === 'CHARGEBACK' ? -amount : amount;
  return record(books, {
    settlements: [{ id, invoice, at, kind, amount: change, via: null }],
    payments: [{ id: `payment/${books.payments.length}`, key, reference, invoice, at, kind, amount }],
    events: [{ at, code: kind === 'CHARGEBACK' ? 'ChargedBack' : 'ChargebackReversed', subject: invoice }],
  });
}

function isBooked({ payments, credits }: Books, key: string): boolean {
  return payments.some((payment) => payment.key === key) || credits.some(({ id }) => id === overpaidId(key));
}

const overpaidId = (key: string): string => `overpaid/${key}`;
