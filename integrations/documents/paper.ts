import type { Day } from '../../billing/calendar/civil.ts';
import type { Instant, Interval } from '../../billing/calendar/interval.ts';
import { dayOf } from '../../billing/calendar/zone.ts';
import {
  type CreditNote,
  type CreditNoteLine,
  discountOf,
  type Invoice,
  type InvoiceLine,
} from '../../billing/document/document.ts';
import type { Party } from '../../billing/document/party.ts';
import type { TaxGroup } from '../../billing/document/tax.ts';
import { total } from '../../billing/group.ts';
import { allocate } from '../../billing/money/allocate.ts';
import { decimalText } from '../../billing/money/rational.ts';

/** An invoice or a credit note as a document says it: what all formats are written from. Amounts are minor units. */
export interface Paper {
  type: 'INVOICE' | 'CREDIT_NOTE';
  number: string;
  issuedOn: Day;
  /** Null where nothing is to be paid. */
  dueOn: Day | null;
  /** The invoice that a credit note corrects. */
  preceding: { number: string; issuedOn: Day } | null;
  currency: string;
  /** BCP 47. */
  language: string;
  seller: Party;
  buyer: Party;
  lines: readonly PaperLine[];
  taxes: readonly PaperTax[];
  /** What lines add up to before discounts, as they were priced. */
  subtotal: bigint;
  discount: bigint;
  tax: bigint;
  total: bigint;
  /** Taken from credit and wallets when it was issued. */
  credits: bigint;
  wallet: bigint;
  due: bigint;
}

export interface PaperLine {
  id: string;
  product: string;
  kind: string;
  firstDay: Day;
  /** Inclusive, as people read it. */
  lastDay: Day;
  quantity: string;
  /** Before discounts, as priced: with the tax where the price holds it. */
  amount: bigint;
  discounts: readonly { name: string; amount: bigint }[];
  /** After discounts and without any tax. */
  net: bigint;
  /** By place in `taxes`; more than one where several taxes are on it. */
  taxes: readonly number[];
  /** Of all its taxes, so that lines add up to the document's. */
  tax: bigint;
  corrects: string | null;
}

export interface PaperTax {
  name: string;
  category: TaxGroup['category'];
  /** Why nothing is charged, where nothing is. */
  reason: string | null;
  /** Per cent, as a decimal. */
  rate: string;
  inclusive: boolean;
  net: bigint;
  tax: bigint;
}

export interface PaperContext {
  currency: string;
  zone: string;
  language: string;
  seller: Party;
  buyer: Party;
}

export function invoicePaper(invoice: Invoice, context: PaperContext): Paper {
  const { credits, wallet, taxes } = invoice;
  const due = invoice.total - credits - wallet;
  return {
    ...headOf(invoice, context),
    type: 'INVOICE',
    dueOn: due > 0n ? dayOf(invoice.dueAt, context.zone) : null,
    preceding: null,
    lines: invoice.lines.map((line) => invoiceLine(line, { taxes, zone: context.zone })),
    taxes: taxes.map((group) => ({ ...taxRow(group), net: group.net, tax: group.tax })),
    subtotal: invoice.subtotal,
    discount: invoice.discount,
    tax: invoice.tax,
    total: invoice.total,
    credits,
    wallet,
    due,
  };
}

/** Amounts are what is given back, above 0: the document's name says in which direction. */
export function creditNotePaper(note: CreditNote, invoice: Invoice, context: PaperContext): Paper {
  const shares = invoice.taxes.map((group, index) => noteShares(note, group, note.taxes[index] ?? 0n));
  const lines = note.lines.map((line) => noteLine(line, { taxes: invoice.taxes, shares, zone: context.zone }));
  const taxes = invoice.taxes.map((group, index) => {
    const own = lines.filter((line) => line.taxes.includes(index));
    return { ...taxRow(group), net: total(own, ({ net }) => net), tax: note.taxes[index] ?? 0n, used: own.length > 0 };
  });
  const places = taxes.flatMap(({ used }, index) => (used ? [index] : []));
  return {
    ...headOf(note, context),
    type: 'CREDIT_NOTE',
    dueOn: null,
    preceding: { number: invoice.number, issuedOn: dayOf(invoice.issuedAt, context.zone) },
    lines: lines.map((line) => ({ ...line, taxes: line.taxes.map((index) => places.indexOf(index)) })),
    taxes: taxes.filter(({ used }) => used).map(({ used: _used, ...row }) => row),
    subtotal: note.subtotal,
    discount: 0n,
    tax: note.tax,
    total: note.total,
    credits: 0n,
    wallet: 0n,
    due: note.total,
  };
}

function headOf({ number, issuedAt }: { number: string; issuedAt: Instant }, context: PaperContext) {
  const { currency, language, seller, buyer, zone } = context;
  return { number, issuedOn: dayOf(issuedAt, zone), currency, language, seller, buyer };
}

function taxRow({ rule, category, reason, rate, inclusive }: TaxGroup) {
  return { name: rule, category, reason, rate: decimalText(rate, 4), inclusive };
}

interface LineContext {
  taxes: readonly TaxGroup[];
  zone: string;
}

function invoiceLine(line: InvoiceLine, { taxes, zone }: LineContext): PaperLine {
  const own = taxes.flatMap((group, index) => {
    const share = group.shares.get(line.id);
    return share === undefined ? [] : [{ index, share, inclusive: group.inclusive }];
  });
  const included = total(own, ({ inclusive, share }) => (inclusive ? share : 0n));
  return {
    ...baseOf(line, zone),
    amount: line.amount,
    discounts: line.discounts.map(({ campaign, amount }) => ({ name: campaign, amount })),
    net: line.amount - discountOf(line) - included,
    taxes: own.map(({ index }) => index),
    tax: total(own, ({ share }) => share),
  };
}

function noteLine(
  line: CreditNoteLine,
  { taxes, shares, zone }: LineContext & { shares: readonly ReadonlyMap<string, bigint>[] },
): PaperLine {
  const own = taxes.flatMap(({ inclusive, shares: taxed }, index) =>
    taxed.has(line.corrects) ? [{ index, inclusive, share: shares[index]?.get(line.id) ?? 0n }] : [],
  );
  const included = total(own, ({ inclusive, share }) => (inclusive ? share : 0n));
  return {
    ...baseOf(line, zone),
    amount: line.net,
    discounts: [],
    net: line.net - included,
    taxes: own.map(({ index }) => index),
    tax: total(own, ({ share }) => share),
  };
}

/** A note's tax of one group over the lines that it is on. */
function noteShares({ lines }: CreditNote, { shares }: TaxGroup, tax: bigint): Map<string, bigint> {
  const own = lines.filter(({ corrects }) => shares.has(corrects));
  return allocate(
    tax,
    own.map(({ id, net }) => ({ id, weight: net })),
  );
}

function baseOf(line: InvoiceLine | CreditNoteLine, zone: string) {
  const { id, product, kind, quantity, corrects } = line;
  return { id, product, kind, ...daysOf(line, zone), quantity: decimalText(quantity, 6), corrects };
}

function daysOf({ from, to }: Interval, zone: string) {
  return { firstDay: dayOf(from, zone), lastDay: dayOf(Math.max(from, to - 1), zone) };
}
