import { z } from 'zod';
import { readWallet } from '../../../billing/wish/account.ts';
import { defineKind } from '../../../reconciler/kind.ts';
import { cell } from '../../schema.ts';
import { SEEN_IN_BOOKS } from '../books-sight.ts';
import { ANY_ACCOUNT, wishIssues } from '../check-wish.ts';
import { amount, localTime } from '../fields.ts';
import { moneyCell, moneyStatus } from '../money-status.ts';

const spec = z.object({
  amount: amount()
    .meta({ update: 'live' })
    .describe(
      'What was put into it in all, in the currency of the account. Raise it to top it up; what was put in stays.',
    ),
  bucket: z
    .enum(['PAID', 'PROMOTIONAL'])
    .default('PAID')
    .meta({ update: 'immutable' })
    .describe('PAID: money that came in. PROMOTIONAL: a gift.'),
  priority: z
    .int()
    .min(0)
    .max(1000)
    .default(50)
    .meta({ update: 'immutable' })
    .describe('Wallets with lower numbers are used first.'),
  topUp: z
    .object({
      below: amount().describe('As soon as less than this is left.'),
      amount: amount().describe('What is bought then.'),
    })
    .optional()
    .meta({ update: 'live' })
    .describe('Buys more by itself, with the default payment method, ten times a day at most.'),
  refundable: z
    .boolean()
    .default(false)
    .meta({ update: 'immutable' })
    .describe('What is left of it may be paid back. Never of a gift.'),
  expiresAt: localTime().optional().meta({ update: 'immutable' }).describe('When what is left of it is gone.'),
});

const status = z.object({
  balance: moneyStatus().nullable().optional().describe('What is left in it.'),
});

/** Prepaid money. */
export const Wallet = defineKind({
  kind: 'Wallet',
  plural: 'wallets',
  group: 'commerce',
  scope: 'project',
  shortNames: [],
  description: "Prepaid money of the project's account. Invoices take from it when they are issued, after tax.",
  spec,
  status,
  conditions: [],
  columns: [
    { header: 'BUCKET', value: (wallet) => cell(wallet.spec.bucket) },
    { header: 'AMOUNT', value: (wallet) => cell(wallet.spec.amount) },
    { header: 'BALANCE', value: (wallet) => moneyCell(wallet.status.balance) },
    { header: 'EXPIRES', wide: true, value: (wallet) => cell(wallet.spec.expiresAt) },
  ],
  check: ({ spec: wished, old }) => [
    ...wishIssues(wished, (reader) => readWallet('wallet', reader, ANY_ACCOUNT)),
    ...(old !== null && Number(wished.amount) < Number(old.amount)
      ? [
          {
            path: '/amount',
            message: `is ${wished.amount}, less than the ${old.amount} that were put in: it can only rise.`,
          },
        ]
      : []),
  ],
  ...SEEN_IN_BOOKS,
  example: {
    apiVersion: 'steward/v1',
    kind: 'Wallet',
    metadata: { name: 'prepaid', project: 'default' },
    spec: { amount: '50.00' },
  },
});
