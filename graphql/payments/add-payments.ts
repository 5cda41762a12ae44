import type { Attempt } from '../../billing/payment/attempt.ts';
import {
  type CashierAnswer,
  grantCredit,
  payInvoice,
  recordChargeback,
  recordPayment,
  refundPayment,
  refundWallet,
  resolveAttempt,
  topUpWallet,
  transferCredit,
} from '../../billing/payment/cashier.ts';
import type { Builder, ObjectRefOf } from '../builder.ts';
import type { Context } from '../context.ts';
import { ownKeyOf } from '../idempotency/own-key.ts';
import type { ResultTypes } from '../types/results.ts';
import { addAttemptType } from './attempt-type.ts';
import { may, paymentsOf } from './may.ts';
import { addMethodMutations } from './method-mutations.ts';
import { REFUSALS } from './refusals.ts';

interface Result {
  code: string | null;
  message: string | null;
  attempt: Attempt | null;
}

/** Money in and out. What takes the caller's own key, and must have it, says graphql/idempotency/. */
export function addPayments(builder: Builder, results: ResultTypes): void {
  const attempt = addAttemptType(builder);
  const result = builder.objectRef<Result>('PaymentResult').implement({
    description:
      'What was asked for was done, or code says why not. Of what goes through a gateway the attempt tells the outcome.',
    fields: (t) => ({
      ok: t.boolean({ resolve: ({ code }) => code === null }),
      code: t.string({ nullable: true, resolve: ({ code }) => code }),
      message: t.string({ nullable: true, resolve: ({ message }) => message }),
      attempt: t.field({ type: attempt, nullable: true, resolve: (each) => each.attempt }),
    }),
  });
  builder.queryField('paymentAttempts', (t) =>
    t.field({
      type: [attempt],
      description: 'Movements of money through gateways, newest first, at most 1000.',
      args: { account: t.arg.string({ required: true }) },
      resolve: async (_root, { account }, context) => {
        await may(context, { verb: 'get', kind: 'Payment', account });
        const kept = await paymentsOf(context).cashier.attempts.ofAccount(account);
        return kept.map((each) => each.attempt).toReversed();
      },
    }),
  );
  builder.queryField('paymentGateways', (t) =>
    t.stringList({
      description: 'Gateways that this server is configured for.',
      resolve: (_root, _args, { api }) => [...(api.payments?.gateways ?? [])],
    }),
  );
  addPayerMutations(builder, result);
  addRefunds(builder, result);
  addRecords(builder, result);
  addTransfer(builder, result);
  addResolution(builder, result);
  addMethodMutations(builder, results);
}

type ResultType = ReturnType<ObjectRefOf<Result>['implement']>;

function addPayerMutations(builder: Builder, result: ResultType): void {
  builder.mutationField('payInvoice', (t) =>
    t.field({
      type: result,
      description: 'Charges an invoice to a stored payment method, now.',
      args: {
        account: t.arg.string({ required: true }),
        invoice: t.arg.string({ required: true }),
        amount: t.arg.string({ description: 'Such as 12.50; without it, all that is owed.' }),
        method: t.arg.string({ description: 'Name of a PaymentMethod; without it, the default.' }),
      },
      resolve: async (_root, { account, invoice, amount, method }, context) => {
        await may(context, { verb: 'use', kind: 'PaymentMethod', account });
        const wish = { account, invoice, amount: amount ?? null, method: method ?? null };
        return told(context, payInvoice(paymentsOf(context).cashier, wish, asked(context)));
      },
    }),
  );
  builder.mutationField('topUpWallet', (t) =>
    t.field({
      type: result,
      description: 'Buys prepaid money with a stored payment method.',
      args: {
        account: t.arg.string({ required: true }),
        wallet: t.arg.string({ required: true }),
        amount: t.arg.string({ required: true }),
        method: t.arg.string({ description: 'Name of a PaymentMethod; without it, the default.' }),
      },
      resolve: async (_root, { account, wallet, amount, method }, context) => {
        await may(context, { verb: 'use', kind: 'PaymentMethod', account });
        const wish = { account, wallet, amount, method: method ?? null };
        return told(context, topUpWallet(paymentsOf(context).cashier, wish, asked(context)));
      },
    }),
  );
}

function addRefunds(builder: Builder, result: ResultType): void {
  builder.mutationField('refundPayment', (t) =>
    t.field({
      type: result,
      description: 'Gives money back through the gateway that took it.',
      args: {
        account: t.arg.string({ required: true }),
        invoice: t.arg.string({ required: true }),
        amount: t.arg.string({ description: 'Without it, all that was paid.' }),
        adjust: t.arg.boolean({ description: 'Lower the invoice by as much, so that it is not owed again.' }),
      },
      resolve: async (_root, { account, invoice, amount, adjust }, context) => {
        await may(context, { verb: 'create', kind: 'Adjustment', account });
        const wish = { account, invoice, amount: amount ?? null, adjust: adjust ?? false };
        return told(context, refundPayment(paymentsOf(context).cashier, wish, asked(context)));
      },
    }),
  );
  builder.mutationField('refundWallet', (t) =>
    t.field({
      type: result,
      description:
        'Pays back what is left in a refundable wallet, through the gateways that took it, to the cards that it came from.',
      args: {
        account: t.arg.string({ required: true }),
        wallet: t.arg.string({ required: true, description: 'Such as project/name.' }),
        amount: t.arg.string({ description: 'Without it, all that is left.' }),
        reference: t.arg.string({ description: 'Of the transfer by which it was paid back by hand.' }),
      },
      resolve: async (_root, { account, wallet, amount, reference }, context) => {
        await may(context, { verb: 'create', kind: 'Adjustment', account });
        const wish = { account, wallet, amount: amount ?? null, reference: reference ?? null };
        return told(context, refundWallet(paymentsOf(context).cashier, wish, asked(context)));
      },
    }),
  );
}

function addRecords(builder: Builder, result: ResultType): void {
  builder.mutationField('recordPayment', (t) =>
    t.field({
      type: result,
      description:
        'Books money that came some other way, such as a transfer. What is more than was owed becomes credit.',
      args: {
        account: t.arg.string({ required: true }),
        invoice: t.arg.string({ required: true }),
        amount: t.arg.string({ description: 'Without it, all that is owed.' }),
        reference: t.arg.string({ required: true, description: 'Of the transfer, the cheque.' }),
      },
      resolve: async (_root, { account, invoice, amount, reference }, context) => {
        await may(context, { verb: 'create', kind: 'Adjustment', account });
        const wish = { account, invoice, amount: amount ?? null, reference };
        return told(context, recordPayment(paymentsOf(context).cashier, wish, asked(context)));
      },
    }),
  );
  builder.mutationField('recordChargeback', (t) =>
    t.field({
      type: result,
      description:
        'Books that a bank took a payment back by force, or gave it again, where the gateway does not tell of it. The invoice is owed again.',
      args: {
        account: t.arg.string({ required: true }),
        invoice: t.arg.string({ required: true }),
        amount: t.arg.string({ description: 'Without it, all that was paid, or taken back.' }),
        reversed: t.arg.boolean({ description: 'The bank gave it again.' }),
        reference: t.arg.string({ required: true, description: 'Of the notice.' }),
      },
      resolve: async (_root, { account, invoice, amount, reversed, reference }, context) => {
        await may(context, { verb: 'create', kind: 'Adjustment', account });
        const wish = { account, invoice, amount: amount ?? null, reversed: reversed ?? false, reference };
        return told(context, recordChargeback(paymentsOf(context).cashier, wish, asked(context)));
      },
    }),
  );
  builder.mutationField('grantCredit', (t) =>
    t.field({
      type: result,
      description: 'Gives an account credit, which its next invoices use up.',
      args: {
        account: t.arg.string({ required: true }),
        amount: t.arg.string({ required: true }),
        reason: t.arg.string({ required: true }),
      },
      resolve: async (_root, { account, amount, reason }, context) => {
        await may(context, { verb: 'create', kind: 'Adjustment', account });
        return told(context, grantCredit(paymentsOf(context).cashier, { account, amount, reason }, asked(context)));
      },
    }),
  );
}

function addTransfer(builder: Builder, result: ResultType): void {
  builder.mutationField('transferCredit', (t) =>
    t.field({
      type: result,
      description:
        "Moves a customer's credit to another account of theirs, whose currency may be another one: what leaves, and what arrives.",
      args: {
        account: t.arg.string({ required: true }),
        amount: t.arg.string({ description: 'In the currency of the account; without it, all its credit.' }),
        to: t.arg.string({ required: true, description: 'Name of the other account.' }),
        received: t.arg.string({ required: true, description: 'What arrives, in the currency of the other account.' }),
      },
      resolve: async (_root, { account, amount, to, received }, context) => {
        await may(context, { verb: 'create', kind: 'Adjustment', account });
        await may(context, { verb: 'create', kind: 'Adjustment', account: to });
        const wish = { account, amount: amount ?? null, to, received };
        return told(context, transferCredit(paymentsOf(context).cashier, wish, asked(context)));
      },
    }),
  );
}

function addResolution(builder: Builder, result: ResultType): void {
  builder.mutationField('resolvePayment', (t) =>
    t.field({
      type: result,
      description:
        'Says how an attempt ended that nobody could say anything about, after a look at the gateway’s own pages.',
      args: {
        account: t.arg.string({ required: true }),
        attempt: t.arg.string({ required: true }),
        externalId: t.arg.string({ description: 'The gateway’s id of the movement; without it, nothing moved.' }),
      },
      resolve: async (_root, { account, attempt: id, externalId }, context) => {
        await may(context, { verb: 'create', kind: 'Adjustment', account });
        const wish = { account, id, externalId: externalId ?? null };
        return told(context, resolveAttempt(paymentsOf(context).cashier, wish));
      },
    }),
  );
}

async function told(context: Context, answering: Promise<CashierAnswer>): Promise<Result> {
  const answer = await answering;
  if (!answer.ok) return { code: answer.code, message: REFUSALS[answer.code], attempt: null };
  const kept = answer.attempt === null ? undefined : await paymentsOf(context).cashier.attempts.byId(answer.attempt);
  return { code: null, message: null, attempt: kept?.attempt ?? null };
}

function asked(context: Context) {
  return { principal: context.principal.actor, key: ownKeyOf(context) };
}
