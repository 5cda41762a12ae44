import { z } from 'zod';
import { BREACH_ACTIONS } from '../../../billing/credit-limit.ts';
import { NAME, ref } from '../../../reconciler/field-meta.ts';
import { defineKind } from '../../../reconciler/kind.ts';
import { cell, displayName } from '../../schema.ts';
import { amount } from '../fields.ts';

const spec = z.object({
  displayName: displayName(),
  dunningPolicy: ref('DunningPolicy')
    .optional()
    .meta({ update: 'live' })
    .describe('What happens when invoices are not paid; nothing without it.'),
  creditLimits: z
    .record(z.string().regex(/^[A-Z]{3}$/, 'an ISO 4217 code such as EUR'), amount())
    .default({})
    .meta({ update: 'live' })
    .describe('How much an account may owe and have begun to owe, by currency. None: no limit.'),
  creditLimitAction: z
    .enum(BREACH_ACTIONS)
    .default('ALERT')
    .meta({ update: 'live' })
    .describe('What a breach does. RESTRICT and SUSPEND refuse what is new.'),
  automaticPayment: z
    .boolean()
    .default(true)
    .meta({ update: 'live' })
    .describe('Invoices are charged to the default payment method when they are issued.'),
  notionalBilling: z
    .boolean()
    .default(false)
    .meta({ update: 'live' })
    .describe(
      'For departments of the own house: invoices and statements are computed, and settled by themselves against internal_chargeback; nothing is charged, and nobody is reminded.',
    ),
  preAuthorisation: z
    .record(z.string().regex(/^[A-Z]{3}$/, 'an ISO 4217 code such as EUR'), amount())
    .default({})
    .meta({ update: 'live' })
    .describe(
      'How much is set aside on the payment method before a subscription begins, by currency: its first invoice takes it, and what is left goes back. None: nothing.',
    ),
  trial: z
    .boolean()
    .default(false)
    .meta({ update: 'live', group: 'Life' })
    .describe('Accounts try the cloud out: they are no customers yet.'),
  trialDays: z
    .int()
    .min(1)
    .max(3_650)
    .optional()
    .meta({ update: 'live', group: 'Life' })
    .describe(
      'So many days after a trial account became active it is suspended, unless it was converted; never without it.',
    ),
  maxUsers: z
    .int()
    .min(-1)
    .max(99_999_999)
    .refine((seats) => seats !== 0, 'never 0: -1 is without a bound')
    .default(-1)
    .meta({ update: 'live', group: 'Life' })
    .describe('Users that an account may have; -1: as many as it likes.'),
  verifiedEmail: z
    .boolean()
    .default(false)
    .meta({ update: 'live', group: 'Activation' })
    .describe('An account begins once somebody has proved to read what goes to its owner.'),
  paymentInfoNeeded: z
    .boolean()
    .default(false)
    .meta({ update: 'live', group: 'Activation' })
    .describe('An account begins once a payment method of it is stored.'),
  manualActivation: z
    .boolean()
    .default(false)
    .meta({ update: 'live', group: 'Activation' })
    .describe('An account begins once somebody of finance has approved it.'),
  initialDeposit: z
    .record(z.string().regex(/^[A-Z]{3}$/, 'an ISO 4217 code such as EUR'), amount())
    .default({})
    .meta({ update: 'live', group: 'Activation' })
    .describe('An account begins once it has paid in so much, by currency. None: nothing.'),
  conversions: z
    .array(z.string().regex(NAME, 'name of an AccountType'))
    .max(50)
    .optional()
    .meta({ update: 'live', group: 'Life' })
    .describe('Types that an account of this one may become; any without it.'),
});

/** What accounts have in common: credit, dunning, payment. */
export const AccountType = defineKind({
  kind: 'AccountType',
  plural: 'accountTypes',
  group: 'commerce',
  scope: 'global',
  shortNames: [],
  description: 'What accounts have in common: how much credit they get, and what happens when they do not pay.',
  spec,
  status: z.object({}),
  conditions: [],
  columns: [
    { header: 'DUNNING', value: (type) => cell(type.spec.dunningPolicy) },
    { header: 'CREDIT', value: (type) => credit(type.spec.creditLimits) },
    { header: 'BREACH', wide: true, value: (type) => cell(type.spec.creditLimitAction) },
  ],
  example: {
    apiVersion: 'steward/v1',
    kind: 'AccountType',
    metadata: { name: 'retail' },
    spec: { dunningPolicy: 'standard', creditLimits: { EUR: '500' }, creditLimitAction: 'RESTRICT' },
  },
});

function credit(limits: unknown): string {
  return Object.entries(limits as Record<string, string>)
    .map(([currency, sum]) => `${sum} ${currency}`)
    .join(',');
}
