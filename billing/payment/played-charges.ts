import { FOREVER, type Instant } from '../calendar/interval.ts';
import { type Books, balanceOf } from '../settle/books.ts';
import { type Attempt, called, type Evidence, initiated, isOpen, learned, told } from './attempt.ts';
import { wantedAuthorisations, wantedOfHeld } from './authorisations.ts';
import { chargesFor, subjectOf } from './collection.ts';
import type { GatewayCapabilities, GatewayOutcome } from './gateway.ts';
import { booked } from './gateway-money.ts';

/** How a pretended gateway treats a charge. `…_LOST`: its answer does not arrive; the money moved, or did not. */
export const GATEWAY_ANSWERS = ['SUCCEEDED', 'DECLINED_SOFT', 'DECLINED_HARD', 'DONE_LOST', 'UNDONE_LOST'] as const;
export type GatewayAnswer = (typeof GATEWAY_ANSWERS)[number];

export interface ChargeWish {
  invoice: string;
  answer: GatewayAnswer;
  /** The subscription for which money is set aside, instead. */
  authorise: string | null;
}

/** Attempts of a scenario, and the keys for which its gateway has the money. */
export interface PlayedCharges {
  attempts: readonly Attempt[];
  moved: ReadonlySet<string>;
}

export interface Played {
  books: Books;
  charges: PlayedCharges;
}

export const NO_CHARGES: PlayedCharges = { attempts: [], moved: new Set() };

const CAPABILITIES: GatewayCapabilities = { deadlineMs: 30_000, keyLifetimeMs: 86_400_000, lookupLagMs: 0 };

/** Charges what an invoice owes, first from what was set aside for it. While another attempt for it stands, nothing happens. */
export function charge(played: Played, wish: ChargeWish, at: Instant): Played {
  const { books, charges } = played;
  const { invoice, answer, authorise } = wish;
  const { attempts } = charges;
  if (authorise !== null) return authorised(played, { subscription: authorise, answer }, at);
  const held = wantedOfHeld(books, { attempts, now: at }).find(
    ({ purpose }) => purpose.type === 'INVOICE' && purpose.invoice === invoice,
  );
  if (held !== undefined) {
    const { verb, purpose, amount, held: from } = held;
    return added(played, { verb, purpose, amount, method: from.externalId ?? '' }, { answer, at });
  }
  const found = books.invoices.find(({ number }) => number === invoice);
  const amount = found === undefined ? 0n : balanceOf(found, books);
  const before = chargesFor(charges.attempts, { type: 'INVOICE', invoice });
  if (amount <= 0n || before.some(isOpen)) return { books, charges };
  const purpose = { type: 'INVOICE' as const, invoice, adjust: false };
  return added(played, { verb: 'CHARGE', purpose, amount, method: '' }, { answer, at });
}

function authorised(
  played: Played,
  { subscription, answer }: { subscription: string; answer: GatewayAnswer },
  at: Instant,
): Played {
  const { books, charges } = played;
  const payer = { gateway: 'scenario', customer: '', method: '', topUps: [] };
  const wanted = wantedAuthorisations(books, { attempts: charges.attempts, payer, now: at }).find(
    ({ purpose }) => subjectOf(purpose) === subscription,
  );
  return wanted === undefined ? played : added(played, { ...wanted, verb: 'AUTHORISE', method: '' }, { answer, at });
}

function added(
  { books, charges }: Played,
  wish: Pick<Attempt, 'verb' | 'purpose' | 'amount' | 'method'>,
  { answer, at }: { answer: GatewayAnswer; at: Instant },
): Played {
  const subject = subjectOf(wish.purpose);
  const before = charges.attempts.filter(({ purpose }) => subjectOf(purpose) === subject);
  const key = `scenario/${subject}/${before.length + 1}/${wish.verb.toLowerCase()}`;
  const { name: account, currency } = books.account;
  const attempt = initiated({ ...wish, id: key, account, gateway: 'scenario', key, currency, customer: '' }, at);
  return sent({ books, charges: { ...charges, attempts: [...charges.attempts, attempt] } }, { attempt, answer, at });
}

/** When a pretended process next asks its gateway for an outcome. */
export function nextLook({ attempts }: PlayedCharges): Instant {
  return Math.min(FOREVER, ...attempts.map(({ dueAt }) => dueAt));
}

/** Asks after everything that is due. */
export function look(played: Played, at: Instant): Played {
  return played.charges.attempts
    .filter(({ dueAt }) => dueAt <= at)
    .reduce<Played>((after, attempt) => {
      const found: GatewayOutcome | { state: 'absent' } = after.charges.moved.has(attempt.key)
        ? { state: 'succeeded', externalId: attempt.key }
        : { state: 'absent' };
      return concluded(after, { attempt, evidence: { from: 'lookup', outcome: found }, at });
    }, played);
}

function sent(
  played: Played,
  { attempt, answer, at }: { attempt: Attempt; answer: GatewayAnswer; at: Instant },
): Played {
  const isMoved = answer === 'SUCCEEDED' || answer === 'DONE_LOST';
  const moved = isMoved ? new Set([...played.charges.moved, attempt.key]) : played.charges.moved;
  const row = called(attempt, at, CAPABILITIES);
  const outcome = outcomeOf(answer, attempt.key);
  return concluded(
    { ...played, charges: { ...played.charges, moved } },
    { attempt: row, evidence: { from: 'call', outcome }, at },
  );
}

function concluded(
  played: Played,
  { attempt, evidence, at }: { attempt: Attempt; evidence: Evidence; at: Instant },
): Played {
  const { attempt: after, repeat } = learned(attempt, evidence, { now: at, capabilities: CAPABILITIES });
  if (repeat) return sent(played, { attempt: after, answer: 'SUCCEEDED', at });
  const isOver = after.state !== 'UNKNOWN' && after.state !== 'INITIATED';
  const row = isOver ? told(after) : after;
  const attempts = played.charges.attempts.map((each) => (each.id === row.id ? row : each));
  return { books: isOver ? booked(played.books, after, at) : played.books, charges: { ...played.charges, attempts } };
}

function outcomeOf(answer: GatewayAnswer, key: string): GatewayOutcome {
  if (answer === 'SUCCEEDED') return { state: 'succeeded', externalId: key };
  if (answer === 'DECLINED_SOFT' || answer === 'DECLINED_HARD')
    return { state: 'declined', code: 'declined', retryable: answer === 'DECLINED_SOFT', externalId: null };
  return { state: 'unknown', code: 'lost', externalId: null };
}
