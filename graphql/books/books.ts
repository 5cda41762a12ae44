import type { BooksReader } from '../../billing/loop/books-reader.ts';
import type { BillingEvent } from '../../billing/settle/books.ts';
import type { Builder } from '../builder.ts';
import type { CommonTypes } from '../types/metadata.ts';
import { addAccountReads } from './account.ts';
import { addRecordList, mapPage, readerFor } from './connection.ts';
import { addCreditNote, addInvoice, type CreditNoteRow, type InvoiceRow } from './documents.ts';
import {
  addBillingEvent,
  addLedgerTransaction,
  addPayment,
  addStatement,
  type LedgerRow,
  type PaymentRow,
} from './ledger.ts';
import { addMoney, type MoneyRef } from './money.ts';
import { addReportUsage } from './report-usage.ts';

/** The books as the API shows them: records of one account at a time, for those who may read them. */
export function addBooks(builder: Builder, common: CommonTypes): void {
  const money = addMoney(builder);
  addDocuments(builder, common, money);
  addMovements(builder, common, money);
  addStatement(builder, money);
  addAccountReads(builder, money);
  addReportUsage(builder);
}

function addDocuments(builder: Builder, common: CommonTypes, money: MoneyRef): void {
  const invoice = addInvoice(builder, money);
  addRecordList<InvoiceRow>(builder, common, {
    name: 'invoices',
    kind: 'Invoice',
    type: 'Invoice',
    node: invoice,
    read: async ({ reader, currency }, query) =>
      mapPage(await reader.invoices(query), (row) =>
        invoiceRow(reader, { account: query.account, invoice: row, currency }),
      ),
  });
  builder.queryField('invoice', (t) =>
    t.field({
      type: invoice,
      nullable: true,
      args: { account: t.arg.string({ required: true }), number: t.arg.string({ required: true }) },
      resolve: async (_root, { account, number }, context) => {
        const { reader, currency } = await readerFor(context, { kind: 'Invoice', account });
        const row = await reader.invoice(account, number);
        return row === undefined ? null : invoiceRow(reader, { account, invoice: row, currency });
      },
    }),
  );
  addRecordList<CreditNoteRow>(builder, common, {
    name: 'creditNotes',
    kind: 'CreditNote',
    type: 'CreditNote',
    node: addCreditNote(builder, money),
    read: async ({ reader, currency }, query) =>
      mapPage(await reader.creditNotes(query), (note) => ({ note, currency })),
  });
}

function addMovements(builder: Builder, common: CommonTypes, money: MoneyRef): void {
  addRecordList<PaymentRow>(builder, common, {
    name: 'payments',
    kind: 'Payment',
    type: 'Payment',
    node: addPayment(builder, money),
    read: async ({ reader, currency }, query) =>
      mapPage(await reader.payments(query), (payment) => ({ payment, currency })),
  });
  addRecordList<LedgerRow>(builder, common, {
    name: 'ledger',
    kind: 'LedgerEntry',
    type: 'LedgerTransaction',
    node: addLedgerTransaction(builder, money),
    read: async ({ reader, currency }, query) =>
      mapPage(await reader.ledger(query), (transaction) => ({ transaction, currency })),
  });
  addRecordList<BillingEvent>(builder, common, {
    name: 'billingEvents',
    kind: 'Statement',
    type: 'BillingEvent',
    node: addBillingEvent(builder),
    read: ({ reader }, query) => reader.events(query),
  });
}

function invoiceRow(reader: BooksReader, row: Omit<InvoiceRow, 'balance'>): InvoiceRow {
  return { ...row, balance: () => reader.balanceOf(row.account, row.invoice.number) };
}
