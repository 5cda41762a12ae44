import type { CreditNote, CreditNoteLine, Invoice, InvoiceLine } from '../../billing/document/document.ts';
import type { TaxGroup } from '../../billing/document/tax.ts';
import { total } from '../../billing/group.ts';
import { iso } from '../../reconciler/clock.ts';
import { type Builder, objectRef } from '../builder.ts';
import { type MoneyRef, moneyOf, type Priced, quantityOf } from './money.ts';

export type InvoiceRow = Priced<{ account: string; invoice: Invoice; balance(): Promise<bigint> }>;
export type CreditNoteRow = Priced<{ note: CreditNote }>;

export function addInvoice(builder: Builder, money: MoneyRef) {
  const line = addLine(builder, money);
  const tax = addTax(builder, money);
  return objectRef<InvoiceRow>(builder, 'Invoice').implement({
    description: 'An issued invoice. It never changes; credit notes correct it.',
    fields: (t) => ({
      number: t.string({ resolve: ({ invoice }) => invoice.number }),
      issuedAt: t.field({ type: 'DateTime', resolve: ({ invoice }) => iso(invoice.issuedAt) }),
      dueAt: t.field({ type: 'DateTime', resolve: ({ invoice }) => iso(invoice.dueAt) }),
      lines: t.field({
        type: [line],
        resolve: ({ invoice, currency }) => invoice.lines.map((each) => ({ line: each, currency })),
      }),
      taxes: t.field({
        type: [tax],
        resolve: ({ invoice, currency }) => invoice.taxes.map((each) => ({ group: each, currency })),
      }),
      subtotal: t.field({ type: money, resolve: (row) => moneyOf(row.invoice.subtotal, row) }),
      discount: t.field({ type: money, resolve: (row) => moneyOf(row.invoice.discount, row) }),
      tax: t.field({ type: money, resolve: (row) => moneyOf(row.invoice.tax, row) }),
      total: t.field({ type: money, resolve: (row) => moneyOf(row.invoice.total, row) }),
      credits: t.field({
        type: money,
        description: "What the account's credit paid when it was issued.",
        resolve: (row) => moneyOf(row.invoice.credits, row),
      }),
      wallet: t.field({
        type: money,
        description: 'What wallets paid when it was issued.',
        resolve: (row) => moneyOf(row.invoice.wallet, row),
      }),
      balance: t.field({
        type: money,
        description: 'What is still owed on it.',
        resolve: async (row) => moneyOf(await row.balance(), row),
      }),
    }),
  });
}

export function addCreditNote(builder: Builder, money: MoneyRef) {
  const line = objectRef<Priced<{ line: CreditNoteLine }>>(builder, 'CreditNoteLine').implement({
    fields: (t) => ({
      id: t.string({ resolve: (row) => row.line.id }),
      corrects: t.string({ description: "The invoice's line.", resolve: (row) => row.line.corrects }),
      product: t.string({ resolve: (row) => row.line.product }),
      kind: t.string({ resolve: (row) => row.line.kind }),
      from: t.field({ type: 'DateTime', resolve: (row) => iso(row.line.from) }),
      to: t.field({ type: 'DateTime', resolve: (row) => iso(row.line.to) }),
      net: t.field({ type: money, resolve: (row) => moneyOf(row.line.net, row) }),
    }),
  });
  return objectRef<CreditNoteRow>(builder, 'CreditNote').implement({
    description: 'A correction of an invoice: it never changes either.',
    fields: (t) => ({
      number: t.string({ resolve: ({ note }) => note.number }),
      invoice: t.string({ resolve: ({ note }) => note.invoice }),
      issuedAt: t.field({ type: 'DateTime', resolve: ({ note }) => iso(note.issuedAt) }),
      reason: t.string({ resolve: ({ note }) => note.reason }),
      lines: t.field({
        type: [line],
        resolve: ({ note, currency }) => note.lines.map((each) => ({ line: each, currency })),
      }),
      tax: t.field({ type: money, resolve: (row) => moneyOf(row.note.tax, row) }),
      total: t.field({ type: money, resolve: (row) => moneyOf(row.note.total, row) }),
    }),
  });
}

function addLine(builder: Builder, money: MoneyRef) {
  return objectRef<Priced<{ line: InvoiceLine }>>(builder, 'InvoiceLine').implement({
    fields: (t) => ({
      id: t.string({ description: "The invoice's number and its place on it.", resolve: (row) => row.line.id }),
      subscription: t.string({ resolve: (row) => row.line.subscription }),
      charge: t.string({ resolve: (row) => row.line.charge }),
      product: t.string({ resolve: (row) => row.line.product }),
      kind: t.string({ resolve: (row) => row.line.kind }),
      from: t.field({ type: 'DateTime', resolve: (row) => iso(row.line.from) }),
      to: t.field({ type: 'DateTime', description: 'Exclusive.', resolve: (row) => iso(row.line.to) }),
      quantity: t.string({ resolve: (row) => quantityOf(row.line.quantity) }),
      revision: t.string({
        description: 'The revision of the price list that priced it.',
        resolve: (row) => row.line.explanation.revision,
      }),
      amount: t.field({
        type: money,
        description: 'Before discounts.',
        resolve: (row) => moneyOf(row.line.amount, row),
      }),
      discount: t.field({
        type: money,
        resolve: (row) =>
          moneyOf(
            total(row.line.discounts, ({ amount }) => amount),
            row,
          ),
      }),
      corrects: t.string({
        nullable: true,
        description: 'The line whose charge this one completes.',
        resolve: (row) => row.line.corrects,
      }),
    }),
  });
}

function addTax(builder: Builder, money: MoneyRef) {
  return objectRef<Priced<{ group: TaxGroup }>>(builder, 'TaxGroup').implement({
    description: 'One printed row of tax, with one rounding.',
    fields: (t) => ({
      jurisdiction: t.string({ resolve: ({ group }) => group.jurisdiction }),
      taxCode: t.string({ resolve: ({ group }) => group.taxCode }),
      rate: t.string({ description: 'Per cent.', resolve: ({ group }) => quantityOf(group.rate) }),
      inclusive: t.boolean({ resolve: ({ group }) => group.inclusive }),
      net: t.field({ type: money, resolve: (row) => moneyOf(row.group.net, row) }),
      tax: t.field({ type: money, resolve: (row) => moneyOf(row.group.tax, row) }),
    }),
  });
}
