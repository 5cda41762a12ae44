import { z } from 'zod';
import { BREACH_ACTIONS } from '../../../billing/credit-limit.ts';
import { HOLD_SEVERITIES } from '../../../billing/dunning/dunning.ts';
import { ref } from '../../../reconciler/field-meta.ts';
import { defineKind } from '../../../reconciler/kind.ts';
import type { StoredObject } from '../../../reconciler/object.ts';
import { address, amount, language, words, zoneName } from '../../commerce/fields.ts';
import { cell, displayName } from '../../schema.ts';
import { accountActs } from './acts.ts';
import { checkAccount } from './check.ts';
import { ACCOUNT_STATES } from './life.ts';
import { observeAccount } from './observe.ts';
import { planAccount } from './plan.ts';
import { reportAccount } from './report.ts';

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
  convertTo: ref('AccountType')
    .optional()
    .meta({ update: 'live', group: 'Billing' })
    .describe('Type that it asks to become: it does once all that this type demands has happened.'),
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

const status = z.object({
  state: z
    .enum(ACCOUNT_STATES)
    .optional()
    .describe('The severest of what holds it; NEW until all has happened that its type demands.'),
  holds: z
    .array(
      z.object({
        id: z.string().describe('Names it among the holds of the account.'),
        source: z.string().describe('Who holds it: dunning, credit, admin or maintenance.'),
        severity: z.enum(HOLD_SEVERITIES).describe('RESTRICT, SUSPEND or TERMINATE.'),
        since: z.string().describe('Instant (ISO 8601).'),
      }),
    )
    .optional()
    .describe('What holds it now. Lifting one never lifts another.'),
  activatedAt: z.string().optional().describe('When it became active.'),
  terminatedAt: z.string().optional().describe('When nothing was left of it but its books.'),
});
export type AccountStatus = z.output<typeof status>;

const WAITING_MS = 10_000;
const SETTLED_MS = 300_000;

function waits({
  spec: { type, convertTo },
  status: { activatedAt },
}: StoredObject<AccountSpec, AccountStatus>): boolean {
  return activatedAt === undefined || (convertTo !== undefined && convertTo !== type);
}

/** Who pays. An account owns projects; everything in a project is billed to the project's account. */
export const Account = defineKind({
  kind: 'Account',
  plural: 'accounts',
  group: 'identity',
  scope: 'global',
  shortNames: ['acct'],
  description: 'Who pays: owns projects, and everything in them is booked to it.',
  spec,
  status,
  // Others may refer to an account that has not begun, so these do not make it unready.
  conditions: [],
  columns: [
    { header: 'DISPLAY NAME', value: (account) => cell(account.spec.displayName) },
    { header: 'STATE', value: (account) => cell(account.status.state) },
    { header: 'CURRENCY', value: (account) => cell(account.spec.currency) },
    { header: 'CHANNEL', value: (account) => cell(account.spec.channel) },
    { header: 'TYPE', wide: true, value: (account) => cell(account.spec.type) },
    { header: 'OWNER', wide: true, value: (account) => cell(account.spec.ownerEmail) },
  ],
  check: checkAccount,
  messages: {
    AccountBegan: 'Has begun.',
    AccountWaits: 'Has not begun: nothing can be made for it yet.',
    AccountEnds: 'It is being terminated.',
    AccountEmpty: 'Nothing is left of it.',
    NothingAwaited: 'All that its type demands has happened.',
    TrialOver: 'Its trial is over.',
    TrialConverted: 'It is no trial any more.',
    TypeChanged: 'It has become another type.',
    OwnerVerified: 'Somebody has proved to read the letters to its owner.',
    OwnerAwaited:
      'Nobody has proved yet to read the letters to its owner: follow the link of the letter that was sent.',
    MethodStored: 'A payment method is stored.',
    MethodAwaited: 'No payment method is stored: store one with paymentForm.',
    DepositReceived: '{amount} were paid in.',
    DepositAwaited: '{amount} have to be paid in first.',
    ApprovalAwaited: 'Finance has not approved it as {type} yet.',
    ApprovedByFinance: 'Approved by {by}, {at}.',
    DeclinedByFinance: 'Declined by {by}, {at}.',
  },
  observe: observeAccount,
  plan: planAccount,
  acts: accountActs,
  report: reportAccount,
  // What is waited for happens elsewhere: nobody wakes the account.
  resyncMs: ({ object }) => (waits(object) ? WAITING_MS : SETTLED_MS),
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
