import type { BooksChange, Mail } from './books-store.ts';

/** Which facts are told by letter, and with which template. */
const TEMPLATES: Readonly<Record<string, string>> = {
  InvoiceIssued: 'INVOICE_EMAIL',
  CreditNoteIssued: 'CREDIT_NOTE_EMAIL',
  BudgetAlert: 'SPEND_BUDGET_WARNING',
  CreditLimitReached: 'CREDIT_LIMIT_WARNING',
  CreditLimitExceeded: 'CREDIT_LIMIT_BREACH_ALERT',
  RefundRequested: 'REFUND_REQUESTED',
};

/** A dunning step names its template: `EMAIL(PAYMENT_REMINDER)`; a bare `EMAIL` is the usual one. */
const DUNNING_LETTER = /^EMAIL(?:\(([A-Za-z0-9_-]+)\))?$/;

/** The letters of a change: for each event that is told, one to every recipient, in the commit that the event is in. */
export function lettersFor({ facts, problems }: BooksChange, recipients: readonly string[]): Mail[] {
  return [...(facts.events ?? []), ...problems].flatMap(({ at, code, subject }) => {
    const template = templateOf(code);
    if (template === undefined) return [];
    const event = `${code}/${subject}/${at}`;
    return recipients.map((recipient) => ({ event, recipient, template, params: { subject, at: `${at}` } }));
  });
}

function templateOf(code: string): string | undefined {
  const dunning = DUNNING_LETTER.exec(code);
  return dunning === null ? TEMPLATES[code] : (dunning[1] ?? 'PAYMENT_REMINDER');
}
