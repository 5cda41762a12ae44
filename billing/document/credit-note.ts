import type { Instant } from '../calendar/interval.ts';
import { total } from '../group.ts';
import { stillDeferred } from '../ledger/recognition.ts';
import { allocate } from '../money/allocate.ts';
import { multiply, rational, roundRational } from '../money/rational.ts';
import type { RoundingMode } from '../money/rounding.ts';
import {
  type CreditNote,
  type CreditNoteLine,
  discountOf,
  type Invoice,
  type InvoiceLine,
  monthOf,
} from './document.ts';
import { taxOf } from './tax.ts';

export interface CreditWish {
  line: InvoiceLine;
  /** Before discounts, above 0, and no more than is left of the line. */
  gross: bigint;
  kind: CreditNoteLine['kind'];
}

export interface CreditNoteInput {
  number: string;
  invoice: Invoice;
  wishes: readonly CreditWish[];
  /** All notes on this invoice so far. */
  before: readonly CreditNote[];
  at: Instant;
  reason: string;
}

/**
 * Net and tax are what the invoice would say without the credited part, less what it says now: so several notes add up to exactly the
 * invoice, in whatever parts they come.
 */
export function creditNote({ number, invoice, wishes, before, at, reason }: CreditNoteInput): CreditNote {
  const { rounding } = invoice;
  const earlier = before.flatMap(({ lines }) => lines);
  const lines = wishes.map(({ line, gross, kind }, index): CreditNoteLine => {
    const own = earlier.filter(({ corrects }) => corrects === line.id);
    return {
      id: `${number}/${index + 1}`,
      corrects: line.id,
      product: line.product,
      quantity: line.quantity,
      from: line.from,
      to: line.to,
      kind,
      lineKind: line.kind,
      month: monthOf(line, invoice.zone),
      ...(line.user === undefined ? {} : { user: line.user }),
      gross,
      net: netOf(line, { gross, grossBefore: total(own, (each) => each.gross) }, rounding.discount),
    };
  });
  const credited = [...earlier, ...lines];
  const taxes = invoice.taxes.map((group, index) => {
    const left = total(
      invoice.lines.filter(({ id }) => group.shares.has(id)),
      (line) => netLeft(line, credited),
    );
    const given = total(before, (note) => note.taxes[index] ?? 0n);
    const after = taxOf(left, group, rounding.tax);
    const tax = group.tax - given - after;
    return tax > 0n ? tax : 0n;
  });
  const subtotal = total(lines, ({ net }) => net);
  const exclusive = total(
    taxes.filter((_tax, index) => invoice.taxes[index]?.inclusive === false),
    (tax) => tax,
  );
  return {
    number,
    invoice: invoice.number,
    issuedAt: at,
    lines: invoice.recognition === undefined ? lines : withUndeferred(lines, taxes, { invoice, before, at }),
    taxes,
    subtotal,
    tax: total(taxes, (tax) => tax),
    total: subtotal + exclusive,
    reason,
  };
}

/** What has not become revenue yet goes back first. */
function withUndeferred(
  lines: readonly CreditNoteLine[],
  taxes: readonly bigint[],
  { invoice, before, at }: Pick<CreditNoteInput, 'invoice' | 'before' | 'at'>,
): CreditNoteLine[] {
  const included = includedTaxes(lines, taxes, invoice);
  return lines.map((line) => {
    const left = stillDeferred(invoice, line.corrects, before, at);
    const net = line.net - (included.get(line.id) ?? 0n);
    return left > 0n && net > 0n ? { ...line, undeferred: net < left ? net : left } : line;
  });
}

/** The taxes of a note that its lines' prices hold, line by line. */
export function includedTaxes(
  lines: readonly CreditNoteLine[],
  taxes: readonly bigint[],
  { taxes: groups }: Pick<Invoice, 'taxes'>,
): Map<string, bigint> {
  const found = new Map<string, bigint>();
  for (const [index, { inclusive, shares }] of groups.entries()) {
    const own = lines.filter(({ corrects }) => inclusive && shares.has(corrects));
    const parts = allocate(
      taxes[index] ?? 0n,
      own.map(({ id, net }) => ({ id, weight: net })),
    );
    for (const [id, tax] of parts) found.set(id, (found.get(id) ?? 0n) + tax);
  }
  return found;
}

/** What is left of a line's net amount after notes. */
export function netLeft(line: InvoiceLine, credited: readonly CreditNoteLine[]): bigint {
  const gone = total(
    credited.filter(({ corrects }) => corrects === line.id),
    ({ net }) => net,
  );
  return line.amount - discountOf(line) - gone;
}

/** A line's discount shrinks with the line. */
function netOf(
  line: InvoiceLine,
  { gross, grossBefore }: Record<'gross' | 'grossBefore', bigint>,
  mode: RoundingMode,
): bigint {
  const discount = discountOf(line);
  const discountLeft = (grossGone: bigint) =>
    line.amount === 0n
      ? 0n
      : roundRational(multiply(rational(discount), rational(line.amount - grossGone, line.amount)), mode);
  return gross - (discountLeft(grossBefore) - discountLeft(grossBefore + gross));
}
