import { dayOf } from '../calendar/zone.ts';
import { formatMoney } from '../money/currency.ts';
import type { BilledAccount } from '../settle/books.ts';
import type { BooksChange, Mail } from './books-store.ts';

/** Which facts are told by letter, and with which template. */
const TEMPLATES: Readonly<Record<string, string>> = {
  InvoiceIssued: 'InvoiceIssued',
  CreditNoteIssued: 'CreditNoteIssued',
  PaymentReceived: 'PaymentReceived',
  PaymentDeclined: 'PaymentDeclined',
  RefundPaid: 'RefundPaid',
  BudgetAlert: 'BudgetReached',
  CreditLimitReached: 'CreditLimitReached',
  CreditLimitExceeded: 'CreditLimitReached',
  HoldSet: 'HoldSet',
  HoldLifted: 'HoldLifted',
};

/** A dunning step names its template: `EMAIL(PaymentReminder)`; a bare `EMAIL` is the usual one. */
const DUNNING_LETTER = /^EMAIL(?:\(([A-Za-z0-9_-]+)\))?$/;

/** Who gets an account's letters. */
export interface Readers {
  account: Pick<BilledAccount, 'name' | 'currency' | 'zone'>;
  recipients: readonly string[];
}

/** The letters of a change: for each event that is told, one to every recipient, in the commit that the event is in. */
export function lettersFor({ facts, problems }: BooksChange, { account, recipients }: Readers): Mail[] {
  return [...(facts.events ?? []), ...problems].flatMap(({ at, code, subject }) => {
    const template = templateOf(code);
    if (template === undefined) return [];
    const event = `${code}/${subject}/${at}`;
    const params = { account: account.name, subject, ...amounts(facts, account, subject) };
    return recipients.map((recipient) => ({ event, recipient, template, params }));
  });
}

function templateOf(code: string): string | undefined {
  const dunning = DUNNING_LETTER.exec(code);
  return dunning === null ? TEMPLATES[code] : (dunning[1] ?? 'PaymentReminder');
}

/** What an invoice that was just issued asks for, and by when, in the account's own calendar. */
function amounts(
  { invoices = [] }: BooksChange['facts'],
  { currency, zone }: Readers['account'],
  subject: string,
): Record<string, string> {
  const invoice = invoices.find(({ number }) => number === subject);
  if (invoice === undefined) return {};
  const { total, credits, wallet, dueAt } = invoice;
  const money = (minor: bigint) => `${formatMoney(minor, currency)} ${currency}`;
  return { total: money(total), due: money(total - credits - wallet), dueOn: dayOf(dueAt, zone) };
}
