import { total } from '../group.ts';
import type { Books } from '../settle/books.ts';
import { type Attempt, isOpen, type Purpose } from './attempt.ts';
import { chargesFor, generationAfter, subjectOf } from './collection.ts';

export interface WantedRefund {
  purpose: Exclude<Purpose, { type: 'TOP_UP' | 'SUBSCRIPTION' }>;
  amount: bigint;
  /** The charge that it goes back to. */
  charge: Attempt;
  generation: number;
}

/** A part of a refund, and the charge that it goes back to. */
export interface RefundPart {
  charge: Attempt;
  amount: bigint;
}

/**
 * What the books gave back and no gateway has heard of yet: with a credit note, from a wallet, or the rest of a refund that several charges
 * bear. What a gateway never took, a person sends back: the books' event tells of it.
 */
export function wantedRefunds(books: Books, attempts: readonly Attempt[]): WantedRefund[] {
  return [...ofNotes(books, attempts), ...ofWallets(books, attempts), ...ofSplits(attempts)];
}

/** The newest charge that bears all of it, or else several, the newest first. Undefined where all together do not. */
export function splitOver(
  charges: readonly Attempt[],
  attempts: readonly Attempt[],
  amount: bigint,
): RefundPart[] | undefined {
  const taken = charges.filter(({ state }) => state === 'SUCCEEDED').toReversed();
  const one = taken.find((charge) => leftOf(charge, attempts) >= amount);
  if (one !== undefined) return [{ charge: one, amount }];
  let open = amount;
  const parts = taken.flatMap((charge): RefundPart[] => {
    const left = leftOf(charge, attempts);
    const part = left < open ? left : open;
    open -= part > 0n ? part : 0n;
    return part > 0n ? [{ charge, amount: part }] : [];
  });
  return open > 0n ? undefined : parts;
}

/** What gateways could still give back of a wallet, less what is on its way there. */
export function refundableOf(wallet: string, books: Books, attempts: readonly Attempt[]): bigint {
  const charges = chargesFor(attempts, { type: 'TOP_UP', wallet }).filter(({ state }) => state === 'SUCCEEDED');
  const unsent = books.walletMoves.filter((move) => move.wallet === wallet && isThroughGateway(move));
  return (
    total(charges, (charge) => leftOf(charge, attempts)) -
    total(unsent, (move) => -move.amount - sentOf(move.id, attempts))
  );
}

/** What was asked for of an invoice's refunds, and has no attempt yet. */
export function unsentOf(refunds: readonly Attempt[]): bigint {
  return total(groupsOf(refunds), ({ whole, sent }) => whole - sent);
}

function ofNotes(books: Books, attempts: readonly Attempt[]): WantedRefund[] {
  return books.payments.flatMap(({ id, key, kind, invoice, amount }) => {
    const note = id.endsWith('/refund') ? id.slice(0, -'/refund'.length) : '';
    if (kind !== 'REFUND' || key !== null || !books.creditNotes.some(({ number }) => number === note)) return [];
    const before = attempts.filter(({ purpose }) => purpose.type === 'NOTE' && purpose.note === note);
    const open = amount - total(before, (each) => each.amount);
    const charges = chargesFor(attempts, { type: 'INVOICE', invoice });
    return wanted({ purpose: { type: 'NOTE', note, invoice }, open, charges, attempts, generation: before.length + 1 });
  });
}

function ofWallets(books: Books, attempts: readonly Attempt[]): WantedRefund[] {
  return books.walletMoves.filter(isThroughGateway).flatMap(({ id: move, wallet, amount }) => {
    const open = -amount - sentOf(move, attempts);
    const charges = chargesFor(attempts, { type: 'TOP_UP', wallet });
    const before = attempts.filter(({ purpose }) => purpose.type === 'WALLET' && purpose.wallet === wallet);
    const purpose: Purpose = { type: 'WALLET', wallet, move };
    return wanted({ purpose, open, charges, attempts, generation: generationAfter(before) });
  });
}

function ofSplits(attempts: readonly Attempt[]): WantedRefund[] {
  return groupsOf(attempts).flatMap(({ purpose, whole, sent }) => {
    const { invoice } = purpose;
    const refunds = attempts.filter(
      (each) => each.verb === 'REFUND' && each.purpose.type === 'INVOICE' && subjectOf(each.purpose) === invoice,
    );
    const charges = chargesFor(attempts, { type: 'INVOICE', invoice });
    return wanted({ purpose, open: whole - sent, charges, attempts, generation: generationAfter(refunds) });
  });
}

function wanted({
  purpose,
  open,
  charges,
  attempts,
  generation,
}: Pick<WantedRefund, 'purpose' | 'generation'> & {
  open: bigint;
  charges: readonly Attempt[];
  attempts: readonly Attempt[];
}): WantedRefund[] {
  if (open <= 0n) return [];
  return (splitOver(charges, attempts, open) ?? []).map((part, index) => ({
    ...part,
    purpose,
    generation: generation + index,
  }));
}

interface Group {
  purpose: Extract<Purpose, { type: 'INVOICE' }>;
  whole: bigint;
  sent: bigint;
}

/** Refunds of which each is in several attempts. */
function groupsOf(attempts: readonly Attempt[]): Group[] {
  const found = new Map<string, Group>();
  for (const { purpose, verb, amount } of attempts) {
    if (verb !== 'REFUND' || purpose.type !== 'INVOICE' || purpose.split === undefined) continue;
    const { id, whole } = purpose.split;
    const known = found.get(id) ?? { purpose, whole, sent: 0n };
    found.set(id, { ...known, sent: known.sent + amount });
  }
  return [...found.values()];
}

function sentOf(move: string, attempts: readonly Attempt[]): bigint {
  return total(attempts, ({ purpose, amount }) => (purpose.type === 'WALLET' && purpose.move === move ? amount : 0n));
}

function isThroughGateway({ kind, reference }: Books['walletMoves'][number]): boolean {
  return kind === 'REFUNDED' && reference === null;
}

/** What a charge took, less what went back of it or is on its way there. */
function leftOf({ amount, externalId, gateway }: Attempt, attempts: readonly Attempt[]): bigint {
  const back = attempts.filter(
    (each) =>
      each.verb === 'REFUND' &&
      each.gateway === gateway &&
      each.method === externalId &&
      (each.state === 'SUCCEEDED' || isOpen(each)),
  );
  return amount - total(back, (each) => each.amount);
}
