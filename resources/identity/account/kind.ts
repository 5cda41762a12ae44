import { z } from 'zod';
import { BREACH_ACTIONS } from '../../../billing/credit-limit.ts';
import { ref } from '../../../reconciler/field-meta.ts';
import { defineKind } from '../../../reconciler/kind.ts';
import { address, amount, language, words, zoneName } from '../../commerce/fields.ts';
import { cell, displayName } from '../../schema.ts';
import { checkAccount } from './check.ts';

const spec = z.object({
  displayName: displayName().meta({ sensitivity: 'personal' }),
  ownerEmail: z
    .email()
    .max(254)
    .optional()
    .meta({ update: 'live', sensitivity: 'personal' })
    .describe('Where letters about the account go.'),
  domain: ref('Domain').optional().meta({ update: 'live' }).describe('Branch of the tree of accounts that it is in.'),
  type: ref('AccountType')
    .optional()
    .meta({ update: 'live', group: 'Billing' })
    .describe('How much credit it gets, and what happens when it does not pay.'),
  channel: ref('Channel')
    .optional()
    .meta({ update: 'live', group: 'Billing' })
    .describe('Where it buys: its catalog, its prices, its seller. Without it there is nothing to buy.'),
  billingPolicy: ref('BillingPolicy')
    .optional()
    .meta({ update: 'live', group: 'Billing' })
    .describe('How it is billed. Fixed at creation.'),
  currency: z
    .string()
    .regex(/^[A-Z]{3}$/, 'an ISO 4217 code such as EUR')
    .default('EUR')
    .meta({ update: 'immutable', group: 'Billing' })
    .describe('ISO 4217 currency that the account is billed in.'),
  zone: zoneName()
    .optional()
    .meta({ update: 'live', group: 'Billing' })
    .describe(
      'IANA time zone in which its days begin and its documents are dated; UTC without it. Another one counts for each subscription from its next period on.',
    ),
  anchor: z
    .string()
    .regex(/^\d{4}-\d\d-\d\d$/, 'a day such as 2026-01-31')
    .optional()
    .meta({ update: 'live', group: 'Billing' })
    .describe(
      'Day from which all its periods are counted; without it each subscription has its own. Another one counts from the next period on.',
    ),
  billingDay: z
    .int()
    .min(1)
    .max(31)
    .optional()
    .meta({ update: 'live', group: 'Billing' })
    .describe(
      "Day of the month on which its periods begin, where its policy bills by anniversary; the policy's without it. Another one counts from the next period on, and the days between are one part of a period.",
    ),
  creditLimit: z
    .object({
      amount: amount().describe('In its currency.'),
      action: z
        .enum(BREACH_ACTIONS)
        .default('ALERT')
        .describe('What a breach does. RESTRICT and SUSPEND refuse what is new.'),
    })
    .optional()
    .meta({ update: 'live', group: 'Billing' })
    .describe("How much it may owe and have begun to owe; its type's limit without it."),
  approvedTotal: amount()
    .optional()
    .meta({ update: 'live', group: 'Billing' })
    .describe('Somebody looked at a draft that is unusually high: those up to this sum, before discounts, are issued.'),
  jurisdiction: z
    .string()
    .max(60)
    .optional()
    .meta({ update: 'live', group: 'Tax' })
    .describe('Whose tax rules count, such as DE or US-CA; those for nobody in particular without it.'),
  taxId: words(40)
    .optional()
    .meta({ update: 'live', group: 'Tax', sensitivity: 'personal' })
    .describe('VAT identifier, such as DE123456789.'),
  language: language()
    .optional()
    .meta({ update: 'live', group: 'Documents' })
    .describe("Language of its documents; the channel's without it."),
  legalName: words()
    .optional()
    .meta({ update: 'live', group: 'Documents', sensitivity: 'personal' })
    .describe('Name on its documents; the display name without it.'),
  billingAddress: address()
    .optional()
    .meta({ update: 'live', group: 'Documents', sensitivity: 'personal' })
    .describe('Address on its documents.'),
  billingContact: z
    .object({
      name: words().optional().describe('Name of a person.'),
      email: z.email().max(254).optional().describe('Where documents are sent.'),
      phone: words(40).optional().describe('Number to call.'),
    })
    .optional()
    .meta({ update: 'live', group: 'Documents', sensitivity: 'personal' })
    .describe('Who answers questions about money.'),
  purchaseOrder: words(100)
    .optional()
    .meta({ update: 'live', group: 'Documents' })
    .describe("The customer's own reference, printed on documents."),
});
export type AccountSpec = z.output<typeof spec>;

/** Who pays. An account owns projects; everything in a project is billed to the project's account. */
export const Account = defineKind({
  kind: 'Account',
  plural: 'accounts',
  group: 'identity',
  scope: 'global',
  shortNames: ['acct'],
  description: 'Who pays: owns projects, and everything in them is booked to it.',
  spec,
  status: z.object({}),
  conditions: [],
  columns: [
    { header: 'DISPLAY NAME', value: (account) => cell(account.spec.displayName) },
    { header: 'CURRENCY', value: (account) => cell(account.spec.currency) },
    { header: 'CHANNEL', value: (account) => cell(account.spec.channel) },
    { header: 'TYPE', wide: true, value: (account) => cell(account.spec.type) },
    { header: 'OWNER', wide: true, value: (account) => cell(account.spec.ownerEmail) },
  ],
  check: checkAccount,
  example: {
    apiVersion: 'steward/v1',
    kind: 'Account',
    metadata: { name: 'acme' },
    spec: {
      displayName: 'Acme Ltd',
      ownerEmail: 'billing@acme.example',
      currency: 'EUR',
      type: 'retail',
      channel: 'direct',
      zone: 'Europe/Berlin',
    },
  },
});
