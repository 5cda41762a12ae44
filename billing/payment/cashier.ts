import type { Instant } from '../calendar/interval.ts';
import { parseMoney } from '../money/currency.ts';
import { type Books, balanceOf, creditOf, paidOn } from '../settle/books.ts';
import { type Attempt, isOpen, type Purpose } from './attempt.ts';
import { chargesFor, generationAfter, type Payer } from './collection.ts';
import { attempt, type CollectorPorts, concluded, type NewAttempt, refundOf, sendGivenBack } from './collector.ts';
import { command, type MoneyCommand, type RefusalCode } from './command.ts';
import { refundableOf, splitOver, unsentOf } from './refunds.ts';
import { deliver } from './transfer.ts';
import { walletBalance } from './wallet.ts';
import { walletRefundId } from './wallet-refund.ts';

export type CashierPorts = CollectorPorts;

/** Who asks, and the caller's own key: the same key is the same request, which whoever calls this has made sure of. */
export interface Asked {
  principal: string;
  key: string;
}

/** `attempt`: id of the row that tells how a movement through a gateway goes. */
export type CashierAnswer = { ok: true; attempt: string | null } | { ok: false; code: CashierRefusal };

export type CashierRefusal =
  | RefusalCode
  | 'AmountUnreadable'
  | 'AmountBeyondDue'
  | 'NoPaymentMethod'
  | 'PaymentUnderWay'
  | 'NoSuchCharge'
  | 'RefundBeyondCharge'
  | 'UnknownAttempt'
  | 'NotUnresolved'
  | 'WalletTopsUp';

interface Wish {
  account: string;
  /** In the account's currency, such as `12.50`; null: all of it. */
  amount: string | null;
}

/** Charges an invoice to a stored method, now. */
export function payInvoice(
  ports: CashierPorts,
  wish: Wish & { invoice: string; method: string | null },
  asked: Asked,
): Promise<CashierAnswer> {
  return once(ports, asked, async (id) => {
    const payer = await ports.methodOf(wish.account, wish.method);
    if (payer === null) return refused('NoPaymentMethod');
    const { attempts, books } = await read(ports, wish.account);
    const invoice = books.invoices.find(({ number }) => number === wish.invoice);
    if (invoice === undefined) return refused('UnknownInvoice');
    const due = balanceOf(invoice, books);
    const amount = amountOf(wish, books, due);
    if (due <= 0n) return refused('NothingDue');
    if (amount === null || amount <= 0n) return refused('AmountUnreadable');
    if (amount > due) return refused('AmountBeyondDue');
    return charge(ports, {
      payer,
      attempts,
      purpose: { type: 'INVOICE', invoice: wish.invoice, adjust: false },
      amount,
      books,
      id,
    });
  });
}

/** Buys prepaid money with a stored method. */
export function topUpWallet(
  ports: CashierPorts,
  wish: Wish & { wallet: string; method: string | null },
  asked: Asked,
): Promise<CashierAnswer> {
  return once(ports, asked, async (id) => {
    const payer = await ports.methodOf(wish.account, wish.method);
    if (payer === null) return refused('NoPaymentMethod');
    const { attempts, books } = await read(ports, wish.account);
    if (!books.wallets.some(({ name }) => name === wish.wallet)) return refused('UnknownWallet');
    const amount = amountOf(wish, books, 0n);
    if (amount === null || amount <= 0n) return refused('AmountUnreadable');
    return charge(ports, { payer, attempts, purpose: { type: 'TOP_UP', wallet: wish.wallet }, amount, books, id });
  });
}

/** Gives money back to where it came from. `adjust`: the invoice is lowered by as much, so that it is not owed again. */
export function refundPayment(
  ports: CashierPorts,
  wish: Wish & { invoice: string; adjust: boolean },
  asked: Asked,
): Promise<CashierAnswer> {
  return once(ports, asked, async (id) => {
    const { account, invoice, adjust } = wish;
    const { attempts, books } = await read(ports, account);
    const refunds = attempts.filter((each) => each.verb === 'REFUND' && isFor(each, invoice));
    const pending = refunds.filter((each) => each.verb === 'REFUND' && isOpen(each));
    const left = paidOn(invoice, books) - pending.reduce((sum, each) => sum + each.amount, 0n) - unsentOf(refunds);
    const amount = amountOf(wish, books, left);
    if (amount === null || amount <= 0n) return refused(left <= 0n ? 'RefundExceedsPaid' : 'AmountUnreadable');
    if (amount > left) return refused('RefundExceedsPaid');
    const charges = attempts.filter(
      (each) => each.verb === 'CHARGE' && each.state === 'SUCCEEDED' && isFor(each, invoice),
    );
    if (charges.length === 0) return refused('NoSuchCharge');
    const [first, ...more] = splitOver(charges, attempts, amount) ?? [];
    if (first === undefined) return refused('RefundBeyondCharge');
    const purpose: Purpose = { type: 'INVOICE', invoice, adjust };
    const generation = generationAfter(refunds);
    if (more.length === 0) return begun(ports, { ...refundOf(first.charge, { purpose, amount, generation }), id });
    // The first row says how much it is in all: whoever finds it sends the rest.
    const split = { ...purpose, split: { id, whole: amount } };
    const wished = refundOf(first.charge, { purpose: split, amount: first.amount, generation });
    const answer = await begun(ports, { ...wished, id });
    if (answer.ok) await sendGivenBack(ports, account);
    return answer;
  });
}

/**
 * Pays back what is left in a wallet. It leaves the wallet first, in one commit, and then goes to the cards that it came from: what a
 * gateway refuses comes back into the wallet. With a `reference` it went by hand.
 */
export async function refundWallet(
  ports: CashierPorts,
  wish: Wish & { wallet: string; reference: string | null },
  asked: Asked,
): Promise<CashierAnswer> {
  const { account, wallet, reference } = wish;
  const key = `${asked.principal}/${asked.key}`;
  const move = walletRefundId(key);
  const topUps = (await ports.payerOf(account))?.topUps ?? [];
  const attempts = (await ports.attempts.ofAccount(account)).map((each) => each.attempt);
  const answer = await decided(ports, wish, (amount, books) => {
    const command = { type: 'refundWallet', wallet, amount, key, reference } as const;
    if (books.walletMoves.some(({ id }) => id === move)) return command;
    const balance = walletBalance(wallet, books.walletMoves);
    const back = amount ?? balance;
    if (topUps.some((each) => each.wallet === wallet && balance - back < each.below)) return 'WalletTopsUp';
    const isGood = books.wallets.some(({ name, refundable }) => name === wallet && refundable === true);
    if (reference !== null || !isGood || back > balance || back <= refundableOf(wallet, books, attempts))
      return command;
    return chargesFor(attempts, { type: 'TOP_UP', wallet }).length === 0 ? 'NoSuchCharge' : 'RefundBeyondCharge';
  });
  if (!answer.ok || reference !== null) return answer;
  await sendGivenBack(ports, account);
  const sent = (await ports.attempts.ofAccount(account)).map((each) => each.attempt);
  const own = sent.find(({ purpose }) => purpose.type === 'WALLET' && purpose.move === move);
  return { ok: true, attempt: own?.id ?? null };
}

/** Money that came some other way, such as a transfer. What is more than was owed becomes credit. */
export function recordPayment(
  ports: CashierPorts,
  wish: Wish & { invoice: string; reference: string },
  asked: Asked,
): Promise<CashierAnswer> {
  return once(ports, asked, (id) =>
    decided(ports, wish, (amount) => ({
      type: 'pay',
      invoice: wish.invoice,
      amount,
      key: `offline/${id}`,
      reference: wish.reference,
    })),
  );
}

/** What a bank took back by force, or gave again, where no gateway tells of it. */
export function recordChargeback(
  ports: CashierPorts,
  wish: Wish & { invoice: string; reversed: boolean; reference: string },
  asked: Asked,
): Promise<CashierAnswer> {
  const { invoice, reversed, reference } = wish;
  return once(ports, asked, (id) =>
    decided(ports, wish, (amount) => ({
      type: reversed ? 'reverse' : 'chargeback',
      invoice,
      amount,
      key: `chargeback/${id}`,
      reference,
    })),
  );
}

/**
 * Moves a customer's credit to another account of theirs: it leaves the one in its currency, and arrives at the other in its own. Where
 * the server dies between, the same request sent again delivers it, as does the next pass of the books over the account that it left; and
 * until then the audit names it.
 */
export async function transferCredit(
  ports: Pick<CashierPorts, 'books' | 'now'>,
  { to, received, ...wish }: Wish & { to: string; received: string },
  asked: Asked,
): Promise<CashierAnswer> {
  const key = `${asked.principal}/${asked.key}`;
  const target = await ports.books.load(to);
  const arriving = parseMoney(received, target.account.currency);
  if (arriving === undefined) return refused('AmountUnreadable');
  const answer = await decided(ports, wish, (amount, books) => ({
    type: 'transfer',
    amount: amount ?? creditOf(books),
    to,
    received: arriving,
    key,
  }));
  if (answer.ok) await deliver(ports.books, await ports.books.load(wish.account), ports.now());
  return answer;
}

/** A gift: the next invoices use it up. */
export function grantCredit(
  ports: CashierPorts,
  wish: Wish & { reason: string },
  asked: Asked,
): Promise<CashierAnswer> {
  return once(ports, asked, (id) =>
    decided(ports, wish, (amount) => ({ type: 'credit', amount: amount ?? 0n, key: id, reason: wish.reason })),
  );
}

/** What a person found out about an attempt that nobody could say anything about. */
export async function resolveAttempt(
  ports: CashierPorts,
  { account, id, externalId }: { account: string; id: string; externalId: string | null },
): Promise<CashierAnswer> {
  const kept = await ports.attempts.byId(id);
  if (kept?.attempt.account !== account) return refused('UnknownAttempt');
  if (kept.attempt.state !== 'UNRESOLVED') return refused('NotUnresolved');
  const outcome =
    externalId === null
      ? ({ state: 'declined', code: 'resolved', retryable: true, externalId: null } as const)
      : ({ state: 'succeeded', externalId } as const);
  await concluded(ports, id, { from: 'person', outcome });
  return { ok: true, attempt: id };
}

/** A server may have died after it had begun: what stands under the key's name was done, and is not done again. */
async function once(
  ports: CashierPorts,
  { principal, key }: Asked,
  run: (id: string) => Promise<CashierAnswer>,
): Promise<CashierAnswer> {
  const id = `${principal}/${key}`;
  return (await ports.attempts.byId(id)) === undefined ? run(id) : { ok: true, attempt: id };
}

/** In this order: what was booked since is in the books, what was not is among the attempts. */
async function read({ attempts, books }: CashierPorts, account: string) {
  const kept = await attempts.ofAccount(account);
  return { attempts: kept.map((each) => each.attempt), books: await books.load(account) };
}

interface Charge {
  payer: Payer;
  attempts: readonly Attempt[];
  purpose: Exclude<Purpose, { type: 'NOTE' | 'WALLET' | 'SUBSCRIPTION' }>;
  amount: bigint;
  books: Books;
  id: string;
}

async function charge(
  ports: CashierPorts,
  { payer, attempts, purpose, amount, books, id }: Charge,
): Promise<CashierAnswer> {
  const before = chargesFor(attempts, purpose);
  if (before.some(isOpen)) return refused('PaymentUnderWay');
  const { name: account, currency } = books.account;
  const { gateway, customer, method } = payer;
  const generation = generationAfter(before);
  return begun(ports, {
    id,
    account,
    currency,
    gateway,
    customer,
    method,
    verb: 'CHARGE',
    purpose,
    amount,
    generation,
  });
}

async function begun(ports: CashierPorts, wish: NewAttempt & { id: string }): Promise<CashierAnswer> {
  const row = await attempt(ports, wish);
  return row === null ? refused('PaymentUnderWay') : { ok: true, attempt: row.id };
}

/** A decision that moves nothing through a gateway. Its own key keeps it from being booked twice. */
async function decided(
  ports: Pick<CashierPorts, 'books'>,
  { account, amount: text }: Wish,
  wished: (amount: bigint | null, books: Books) => MoneyCommand | CashierRefusal,
): Promise<CashierAnswer> {
  let answer: CashierAnswer = { ok: true, attempt: null };
  await ports.books.change(account, (books: Books, now: Instant) => {
    const amount = text === null ? null : parseMoney(text, books.account.currency);
    if (amount === undefined) {
      answer = refused('AmountUnreadable');
      return books;
    }
    const wanted = wished(amount, books);
    if (typeof wanted === 'string') {
      answer = refused(wanted);
      return books;
    }
    const result = command(books, wanted, now);
    if (result.outcome === 'done') {
      answer = { ok: true, attempt: null };
      return result.books;
    }
    // It was booked by an earlier call with this key, whose server died before it could say so.
    answer = result.code === 'DuplicatePayment' ? { ok: true, attempt: null } : refused(result.code);
    return books;
  });
  return answer;
}

function amountOf({ amount }: Wish, { account }: Books, all: bigint): bigint | null {
  return amount === null ? all : (parseMoney(amount, account.currency) ?? null);
}

function isFor({ purpose }: Attempt, invoice: string): boolean {
  return purpose.type === 'INVOICE' && purpose.invoice === invoice;
}

function refused(code: CashierRefusal): CashierAnswer {
  return { ok: false, code };
}
