import { z } from 'zod';
import { ON_CANCEL } from '../../../billing/settle/policy.ts';
import { BACKDATE_POLICIES } from '../../../billing/settle/subscription.ts';
import { SUBSCRIPTION_STATES } from '../../../billing/settle/subscription-state.ts';
import { ref } from '../../../reconciler/field-meta.ts';
import { defineKind } from '../../../reconciler/kind.ts';
import { cell, displayName } from '../../schema.ts';
import { SEEN_IN_BOOKS } from '../books-sight.ts';
import { itemName, localTime, words } from '../fields.ts';
import { moneyCell, moneyStatus } from '../money-status.ts';
import { checkSubscription } from './check.ts';
import { reportSubscription } from './report.ts';

const spec = z.object({
  displayName: displayName(),
  bundle: ref('Bundle')
    .meta({ update: 'live' })
    .describe('What is taken. Changing it settles what was paid for the old one.'),
  quantity: z.int().min(0).max(1_000_000).default(1).meta({ update: 'live' }).describe('How many of it.'),
  start: localTime()
    .optional()
    .meta({ update: 'immutable' })
    .describe('When it begins, in the zone of the account; when it is first seen without it.'),
  end: localTime()
    .optional()
    .meta({ update: 'live' })
    .describe('When it ends, exclusive: today or later. Deleting it ends it now.'),
  paused: z
    .boolean()
    .default(false)
    .meta({ update: 'live' })
    .describe('Neither charged nor served until this is false again.'),
  renews: z
    .boolean()
    .default(true)
    .meta({ update: 'live' })
    .describe('False: it ends with the period that it is in, unless this is true again before.'),
  manualTermination: z
    .boolean()
    .default(true)
    .meta({ update: 'live' })
    .describe(
      'False: it ends when nothing is left of the resources that it names, and begins again with others of their names.',
    ),
  onTermination: z
    .enum(ON_CANCEL)
    .optional()
    .meta({ update: 'live' })
    .describe("What happens to what was paid ahead when it ends early; what the account's policy says without it."),
  user: z
    .string()
    .max(200)
    .optional()
    .meta({ update: 'live' })
    .describe('Whose it is: budgets and entitlements of users look at it.'),
  resources: z
    .array(
      z
        .string()
        .max(200)
        .regex(/^[A-Za-z0-9][A-Za-z0-9._:/-]*$/, 'a resource: VirtualMachine/web, or an id'),
    )
    .max(1000)
    .default([])
    .meta({ update: 'live' })
    .describe(
      'What it is for, as Kind/name or as an id of usage from outside. Usage of nothing named goes to the first that sells it.',
    ),
  campaigns: z
    .array(ref('Campaign'))
    .max(20)
    .default([])
    .meta({ update: 'live' })
    .describe('Discounts that it has, in their order.'),
  effective: localTime()
    .optional()
    .meta({ update: 'live' })
    .describe('From when a change of bundle or quantity holds; from now on without it.'),
  backdate: z
    .object({
      policy: z
        .enum(BACKDATE_POLICIES)
        .default('NEXT_INVOICE_ADJUST')
        .describe('Issued lines are credited whole and billed anew at once, or adjusted with the next invoice.'),
      approvedBy: words().describe('Who stands for it.'),
    })
    .optional()
    .meta({ update: 'live' })
    .describe('A change that reaches into what was issued already needs this.'),
  components: z
    .record(itemName(), words())
    .default({})
    .meta({ update: 'live' })
    .describe('What is chosen with it, such as {template: debian}: its bundle may allow only some.'),
});

const status = z.object({
  state: z
    .enum(SUBSCRIPTION_STATES)
    .optional()
    .describe(
      'PENDING: it begins later. INCOMPLETE: its card has set nothing aside yet. PROVISIONING: what it is for does not stand yet. PAUSED: by its wish, or by a hold. CANCELLING: its end is known, and ahead. CANCELED: it never began.',
    ),
  period: z
    .object({ from: z.string().describe('First instant.'), to: z.string().describe('End, exclusive.') })
    .nullable()
    .optional()
    .describe('The period that now is in.'),
  nextCharge: z
    .object({ at: z.string().describe('Instant.'), amount: z.string(), currency: z.string() })
    .nullable()
    .optional()
    .describe('What is charged next, as things stand, before tax.'),
  spend: moneyStatus().nullable().optional().describe('What the current period came to until now, before tax.'),
});
export type SubscriptionSpec = z.output<typeof spec>;
export type SubscriptionStatus = z.output<typeof status>;

/** What a customer takes of a catalog. */
export const Subscription = defineKind({
  kind: 'Subscription',
  plural: 'subscriptions',
  group: 'commerce',
  scope: 'project',
  shortNames: ['sub'],
  description: "What a customer takes of a catalog, billed to the project's account.",
  spec,
  status,
  conditions: [],
  amounts: () => ({ subscriptions: 1 }),
  columns: [
    { header: 'BUNDLE', value: (subscription) => cell(subscription.spec.bundle) },
    { header: 'STATE', value: (subscription) => cell(subscription.status.state) },
    { header: 'SPEND', value: (subscription) => moneyCell(subscription.status.spend) },
    { header: 'NEXT CHARGE', value: (subscription) => moneyCell(subscription.status.nextCharge) },
    { header: 'QUANTITY', wide: true, value: (subscription) => cell(subscription.spec.quantity) },
  ],
  messages: {
    Begun: 'It is in force.',
    BeginsLater: 'It has not begun yet.',
    CardAwaited: 'It begins once its card has set aside what its account has to show.',
    ResourcesAwaited: 'It begins once all that it is for stands.',
    PausedOrHeld: 'It is paused by its wish, or by a hold of its account.',
    Over: 'It is over.',
    NeverBegun: 'It was canceled before it began.',
    Billed: 'The books follow it.',
    BillingProblem: 'The books cannot bill it: {code}.',
  },
  check: checkSubscription,
  ...SEEN_IN_BOOKS,
  report: reportSubscription,
  example: {
    apiVersion: 'steward/v1',
    kind: 'Subscription',
    metadata: { name: 'web', project: 'default' },
    spec: { bundle: 'starter', resources: ['VirtualMachine/web'] },
  },
});
