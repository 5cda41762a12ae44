import { FOREVER } from '../../billing/calendar/interval.ts';
import type { LedgerEntry, LedgerTransaction } from '../../billing/ledger/posting.ts';
import { type Statement, statementOf } from '../../billing/ledger/statement.ts';
import type { Payment } from '../../billing/payment/payment.ts';
import type { BillingEvent } from '../../billing/settle/books.ts';
import { iso } from '../../reconciler/clock.ts';
import { type Builder, objectRef } from '../builder.ts';
import { booksFor, notThere } from './access.ts';
import { type MoneyRef, moneyOf, type Priced } from './money.ts';

export type LedgerRow = Priced<{ transaction: LedgerTransaction }>;
export type PaymentRow = Priced<{ payment: Payment }>;

export function addLedgerTransaction(builder: Builder, money: MoneyRef) {
  const entry = objectRef<Priced<{ entry: LedgerEntry }>>(builder, 'LedgerEntry').implement({
    fields: (t) => ({
      account: t.string({ description: 'Of the ledger, such as receivable.', resolve: (row) => row.entry.account }),
      side: t.string({ description: 'DEBIT or CREDIT.', resolve: (row) => row.entry.side }),
      amount: t.field({ type: money, resolve: (row) => moneyOf(row.entry.minor, row) }),
    }),
  });
  return objectRef<LedgerRow>(builder, 'LedgerTransaction').implement({
    description: 'Double entry: debits and credits of a transaction are equal. It is never changed.',
    fields: (t) => ({
      id: t.string({ description: 'Also its cause.', resolve: ({ transaction }) => transaction.id }),
      bookedAt: t.field({ type: 'DateTime', resolve: ({ transaction }) => iso(transaction.bookedAt) }),
      entries: t.field({
        type: [entry],
        resolve: ({ transaction, currency }) => transaction.entries.map((each) => ({ entry: each, currency })),
      }),
    }),
  });
}

export function addPayment(builder: Builder, money: MoneyRef) {
  return objectRef<PaymentRow>(builder, 'Payment').implement({
    description: 'Money that moved, or moved back.',
    fields: (t) => ({
      id: t.string({ resolve: ({ payment }) => payment.id }),
      kind: t.string({
        description: 'PAYMENT, REFUND, CHARGEBACK or CHARGEBACK_REVERSED.',
        resolve: ({ payment }) => payment.kind,
      }),
      invoice: t.string({ resolve: ({ payment }) => payment.invoice }),
      reference: t.string({
        nullable: true,
        description: "What it is known by outside: a transfer, a cheque, a bank's notice, the gateway's own id.",
        resolve: ({ payment }) => payment.reference ?? null,
      }),
      at: t.field({ type: 'DateTime', resolve: ({ payment }) => iso(payment.at) }),
      amount: t.field({ type: money, resolve: (row) => moneyOf(row.payment.amount, row) }),
    }),
  });
}

export function addBillingEvent(builder: Builder) {
  return objectRef<BillingEvent>(builder, 'BillingEvent').implement({
    fields: (t) => ({
      at: t.field({ type: 'DateTime', resolve: ({ at }) => iso(at) }),
      code: t.exposeString('code'),
      subject: t.exposeString('subject'),
    }),
  });
}

export function addStatement(builder: Builder, money: MoneyRef) {
  const type = objectRef<Priced<{ statement: Statement }>>(builder, 'Statement').implement({
    description:
      'A period of an account: net = opening − payments − credits + charges, and the next one opens with it.',
    fields: (t) => ({
      opening: t.field({ type: money, resolve: (row) => moneyOf(row.statement.opening, row) }),
      payments: t.field({ type: money, resolve: (row) => moneyOf(row.statement.payments, row) }),
      credits: t.field({ type: money, resolve: (row) => moneyOf(row.statement.credits, row) }),
      charges: t.field({ type: money, resolve: (row) => moneyOf(row.statement.charges, row) }),
      net: t.field({ type: money, resolve: (row) => moneyOf(row.statement.net, row) }),
    }),
  });
  builder.queryField('statement', (t) =>
    t.field({
      type,
      description: "What an account's ledger says of a period.",
      args: {
        account: t.arg.string({ required: true }),
        from: t.arg({ type: 'DateTime' }),
        to: t.arg({ type: 'DateTime', description: 'Exclusive.' }),
      },
      resolve: async (_root, { account, from, to }, context) => {
        const { reader } = await booksFor(context, { kind: 'Statement', account });
        const currency = await reader.currencyOf(account);
        if (currency === undefined) throw notThere(account);
        const within = { from: from ? Date.parse(from) : 0, to: to ? Date.parse(to) : FOREVER };
        return { statement: statementOf(await reader.ledgerOf(account, within), within), currency };
      },
    }),
  );
}
