import type { Instant } from '../calendar/interval.ts';
import { type Books, balanceOf } from '../settle/books.ts';
import { record } from '../settle/issue.ts';
import { awaitedBy, endOf } from '../settle/subscription.ts';
import { type Attempt, isOpen } from './attempt.ts';
import { chargesFor, collectable, generationAfter, mayTry, type Payer, type Wanted } from './collection.ts';
import { type Authorisation, isAuthorised } from './pre-authorisation.ts';

/** What is to be set aside for subscriptions that wait for it. */
export function wantedAuthorisations(
  books: Books,
  { attempts, payer, now }: { attempts: readonly Attempt[]; payer: Payer; now: Instant },
): Wanted[] {
  const amount = books.account.preAuthorisation ?? 0n;
  if (amount <= 0n) return [];
  return books.subscriptions.flatMap((subscription) => {
    const { id } = subscription;
    const waits = awaitedBy(subscription).includes('PAYMENT') && !isAuthorised(books, id) && endOf(subscription) > now;
    const before = attempts.filter((each) => each.verb === 'AUTHORISE' && isFor(each, id));
    if (!waits || !mayTry(before, { method: payer.method, retries: [], now })) return [];
    const purpose = { type: 'SUBSCRIPTION' as const, subscription: id };
    return [{ purpose, amount, generation: generationAfter(before) }];
  });
}

/** A call that follows on an authorisation. */
export interface FollowingUp extends Wanted {
  verb: 'CHARGE' | 'VOID';
  /** The authorisation's attempt. */
  held: Attempt;
}

/** Banks keep money set aside for about a week: what was not taken by then is let go, and the invoice is charged like any other. */
const HELD_MS = 6 * 86_400_000;

/** What becomes of money that is set aside: the subscription's first invoice takes it, or it is let go. */
export function wantedOfHeld(
  books: Books,
  { attempts, now }: { attempts: readonly Attempt[]; now: Instant },
): FollowingUp[] {
  return heldBy(books).flatMap((authorisation): FollowingUp[] => {
    const held = attempts.find(({ key }) => key === authorisation.id);
    if (held?.externalId == null || attempts.some((each) => isAbout(each, held) && isOpen(each))) return [];
    const invoice = invoiceFor(books, authorisation.subscription);
    const due = invoice === undefined ? 0n : collectable(books, invoice);
    if (invoice !== undefined && due > 0n) {
      const before = chargesFor(attempts, { type: 'INVOICE', invoice });
      if (before.some(isOpen)) return [];
      const amount = due < authorisation.amount ? due : authorisation.amount;
      const purpose = { type: 'INVOICE' as const, invoice, adjust: false, authorised: authorisation.id };
      return [{ verb: 'CHARGE', held, purpose, amount, generation: generationAfter(before) }];
    }
    const subscription = books.subscriptions.find(({ id }) => id === authorisation.subscription);
    const isOver = subscription === undefined || endOf(subscription) <= now;
    if (!isOver && now < authorisation.at + HELD_MS) return [];
    const before = attempts.filter((each) => each.verb === 'VOID' && isFor(each, authorisation.subscription));
    const purpose = { type: 'SUBSCRIPTION' as const, subscription: authorisation.subscription };
    return [{ verb: 'VOID', held, purpose, amount: authorisation.amount, generation: generationAfter(before) }];
  });
}

/** How an attempt to set money aside, or to let it go, ended. A second time changes nothing. */
export function heardOfHeld(books: Books, attempt: Attempt, at: Instant): Books {
  const { verb, state, key, amount, purpose } = attempt;
  if (purpose.type !== 'SUBSCRIPTION') return books;
  const { subscription } = purpose;
  if (verb === 'VOID') {
    // What a bank does not let go it does not hold any more: it lapses by itself.
    return released(books, { externalId: attempt.method, subscription, at });
  }
  const row: Authorisation['state'] = state === 'SUCCEEDED' ? 'AUTHORISED' : 'DECLINED';
  if (books.authorisations.some((each) => each.id === key && each.state === row)) return books;
  const code = row === 'AUTHORISED' ? 'PreAuthorised' : 'PreAuthorisationDeclined';
  return record(books, {
    authorisations: [{ id: key, subscription, at, state: row, amount, externalId: attempt.externalId }],
    events: [{ at, code, subject: subscription }],
  });
}

/** After a capture: the money is taken; or, where it was declined, it is not there any more. */
export function heldEnded(books: Books, attempt: Attempt, at: Instant): Books {
  const { purpose, state } = attempt;
  if (purpose.type !== 'INVOICE' || purpose.authorised === undefined) return books;
  const held = heldBy(books).find(({ id }) => id === purpose.authorised);
  if (held === undefined) return books;
  const ended = state === 'SUCCEEDED' ? 'CAPTURED' : 'VOIDED';
  return record(books, { authorisations: [{ ...held, at, state: ended }] });
}

function released(
  books: Books,
  { externalId, subscription, at }: { externalId: string; subscription: string; at: Instant },
): Books {
  const held = heldBy(books).find((each) => each.subscription === subscription && each.externalId === externalId);
  return held === undefined ? books : record(books, { authorisations: [{ ...held, at, state: 'VOIDED' }] });
}

/** Set aside, and neither taken nor let go. */
function heldBy({ authorisations }: Pick<Books, 'authorisations'>): Authorisation[] {
  const ended = new Set(authorisations.flatMap(({ id, state }) => (isEnd(state) ? [id] : [])));
  return authorisations.filter(({ id, state }) => state === 'AUTHORISED' && !ended.has(id));
}

const isEnd = (state: Authorisation['state']): boolean => state === 'CAPTURED' || state === 'VOIDED';

/** The first open invoice that charges a subscription. */
function invoiceFor(books: Books, subscription: string): string | undefined {
  const found = books.invoices.find(
    (invoice) => balanceOf(invoice, books) > 0n && invoice.lines.some((line) => line.subscription === subscription),
  );
  return found?.number;
}

function isFor({ purpose }: Attempt, subscription: string): boolean {
  return purpose.type === 'SUBSCRIPTION' && purpose.subscription === subscription;
}

/** Takes it, or lets it go. */
function isAbout({ purpose, verb, method }: Attempt, held: Attempt): boolean {
  if (purpose.type === 'INVOICE') return purpose.authorised === held.key;
  return verb === 'VOID' && method === held.externalId;
}
