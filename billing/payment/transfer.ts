import type { Instant } from '../calendar/interval.ts';
import type { AccountBooks } from '../loop/account-books.ts';
import type { Books, CreditEntry } from '../settle/books.ts';
import { creditOf } from '../settle/books.ts';
import { record } from '../settle/issue.ts';
import type { CommandResult, RefusalCode } from './command.ts';

/** Credit that goes to another account, whose currency may be another one: somebody says how much arrives there. */
export interface Transfer {
  /** What left: minor units of the account that it leaves. */
  amount: bigint;
  to: string;
  /** What arrives: minor units of the other account. */
  received: bigint;
  key: string;
}

/**
 * The first leg: it leaves the customer's credit for the `fx` account of its own currency, and says there what has to arrive. Each leg
 * balances in its currency; that neither is without the other is what the second leg's level-triggered repetition, and the audit, are for.
 */
export function sentAway(books: Books, { amount, to, received, key }: Transfer, at: Instant): CommandResult {
  const id = `transfer/${key}/out`;
  if (books.credits.some((credit) => credit.id === id)) return refused('DuplicatePayment');
  if (amount <= 0n || received <= 0n) return refused('AmountNotPositive');
  if (to === books.account.name) return refused('SameAccount');
  if (amount > creditOf(books)) return refused('TransferExceedsCredit');
  const leg: CreditEntry = { id, at, amount: -amount, kind: 'TRANSFERRED', cause: to, arrives: received };
  return {
    outcome: 'done',
    books: record(books, { credits: [leg], events: [{ at, code: 'CreditSent', subject: to }] }),
  };
}

/** The second leg, once for a key, however often it is told. */
export function arrived(
  books: Books,
  { key, from, received }: { key: string; from: string; received: bigint },
  at: Instant,
): Books {
  const id = `transfer/${key}/in`;
  if (books.credits.some((credit) => credit.id === id)) return books;
  return record(books, {
    credits: [{ id, at, amount: received, kind: 'TRANSFERRED', cause: from }],
    events: [{ at, code: 'CreditArrived', subject: from }],
  });
}

/** Whoever sent it may have died before it arrived. What did not arrive by then somebody has to look at: the audit says so all the time. */
const LOOKED_AFTER_MS = 7 * 86_400_000;

/** Credit that left an account arrives at the other one, once, however often this is done. */
export async function deliver(accounts: Pick<AccountBooks, 'change'>, books: Books, now: Instant): Promise<void> {
  const from = books.account.name;
  for (const { to, ...leg } of owedElsewhere(books, now - LOOKED_AFTER_MS))
    await accounts.change(to, (other, at) => arrived(other, { ...leg, from }, at));
}

/** Second legs that some account's credit waits for: all that left it since an instant. */
function owedElsewhere(
  { credits }: Pick<Books, 'credits'>,
  since: Instant,
): { to: string; key: string; received: bigint }[] {
  return credits.flatMap(({ id, at, cause, arrives }) => {
    const key = /^transfer\/(.+)\/out$/.exec(id)?.[1];
    return key === undefined || arrives === undefined || at < since ? [] : [{ to: cause, key, received: arrives }];
  });
}

const refused = (code: RefusalCode): CommandResult => ({ outcome: 'refused', code });
