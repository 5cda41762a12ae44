import { z } from 'zod';
import { RECOGNITIONS } from '../../../billing/ledger/recognition.ts';
import { ROUNDING_MODES } from '../../../billing/money/rounding.ts';
import { LATE_USAGE } from '../../../billing/settle/policy.ts';
import { readPolicy } from '../../../billing/wish/policy.ts';
import { defineKind } from '../../../reconciler/kind.ts';
import { cell } from '../../schema.ts';
import { wishIssues } from '../check-wish.ts';

const rounding = (what: string) => z.enum(ROUNDING_MODES).default('HALF_UP').describe(`How ${what} is rounded, once.`);
const windowHours = () => z.int().min(0).max(744);

const spec = z.object({
  unit: z
    .enum(['DAY', 'SECOND', 'NONE'])
    .default('DAY')
    .meta({ update: 'immutable', group: 'Proration' })
    .describe('What part of a period is counted in; NONE: a period begun is charged whole.'),
  basis: z
    .enum(['ACTUAL', 'FIXED_30'])
    .default('ACTUAL')
    .meta({ update: 'immutable', group: 'Proration' })
    .describe('Days of a period: those it has, or 30 for every month.'),
  terminationDay: z
    .enum(['EXCLUSIVE', 'INCLUSIVE'])
    .default('EXCLUSIVE')
    .meta({ update: 'immutable', group: 'Proration' })
    .describe('Whether the day of an end counts as used.'),
  onCancel: z
    .enum(['CREDIT', 'REFUND', 'NONE'])
    .default('CREDIT')
    .meta({ update: 'immutable', group: 'Proration' })
    .describe('What happens to a fee paid in advance when the subscription ends early.'),
  onChange: z
    .enum(['IMMEDIATE', 'PERIOD_END', 'FORBIDDEN'])
    .default('IMMEDIATE')
    .meta({ update: 'live', group: 'Proration' })
    .describe('When a change of bundle or quantity counts.'),
  begins: z
    .enum(['AT_ONCE', 'WHEN_PROVISIONED'])
    .default('AT_ONCE')
    .meta({ update: 'live', group: 'Periods' })
    .describe(
      'Whether a subscription that names resources is charged from its start, or from when all of them stand. What never stands costs nothing.',
    ),
  billing: z
    .enum(['ANNIVERSARY', 'CALENDAR'])
    .default('ANNIVERSARY')
    .meta({ update: 'immutable', group: 'Periods' })
    .describe('Whether periods begin with the subscription or anchor, or with the calendar.'),
  billingDay: z
    .int()
    .min(1)
    .max(31)
    .optional()
    .meta({ update: 'immutable', group: 'Periods' })
    .describe("Day of the month on which periods begin; the anchor's own without it. Short months end earlier."),
  rounding: z
    .object({ charge: rounding('a line'), discount: rounding('a discount'), tax: rounding('a tax') })
    .prefault({})
    .meta({ update: 'immutable', group: 'Rounding' })
    .describe('Modes, frozen on each invoice.'),
  taxRounding: z
    .enum(['GROUP', 'LINE'])
    .default('GROUP')
    .meta({ update: 'live', group: 'Rounding' })
    .describe('One rounding for the lines of a rate together, or one for each line.'),
  revenue: z
    .object({
      recognition: z
        .enum(RECOGNITIONS)
        .default('AT_ISSUE')
        .describe('AT_ISSUE: with the invoice. DAILY, MONTHLY: with the days that a fee charged ahead pays for.'),
    })
    .prefault({})
    .meta({ update: 'live' })
    .describe('When fees become revenue in the ledger; frozen on each invoice.'),
  collectionWindowHours: windowHours()
    .default(1)
    .meta({ update: 'live', group: 'Usage' })
    .describe('How long an invoice waits for usage after its period.'),
  draftWindowHours: windowHours()
    .default(0)
    .meta({ update: 'live', group: 'Periods' })
    .describe('How long every invoice stays a draft.'),
  lateUsage: z
    .enum(LATE_USAGE)
    .default('NEXT_INVOICE')
    .meta({ update: 'immutable', group: 'Usage' })
    .describe('What becomes of usage that arrives when its period was invoiced. FEED_ONLY: a row that nobody posts.'),
  lateUsagePeriods: z
    .int()
    .min(0)
    .max(36)
    .optional()
    .meta({ update: 'immutable', group: 'Usage' })
    .describe('How many periods back late usage is still billed; without it as far as its age allows.'),
  usageMaxAgeDays: z
    .int()
    .min(1)
    .max(3660)
    .default(90)
    .meta({ update: 'live', group: 'Usage' })
    .describe('Older usage is refused and reported.'),
  gaps: z
    .enum(['FREE', 'CHARGE'])
    .default('FREE')
    .meta({ update: 'immutable', group: 'Usage' })
    .describe('Times in which nobody saw whether a thing stood: free, or charged as what stood before.'),
  dueDays: z.int().min(0).max(365).default(30).meta({ update: 'live' }).describe('Days until an invoice must be paid.'),
  creditBlockedDays: z
    .boolean()
    .default(false)
    .meta({ update: 'immutable' })
    .describe('Fees of days on which a hold blocks the service are not charged.'),
  linesPerSubscriptionMax: z
    .int()
    .min(1)
    .max(10_000)
    .default(500)
    .meta({ update: 'live' })
    .describe('More new lines for one subscription at once stop the billing of the account until somebody looks.'),
  unusualFactor: z
    .int()
    .min(0)
    .max(1000)
    .default(5)
    .meta({ update: 'live' })
    .describe('A draft of more than so many times what invoices usually are stops it, too; 0: however much it is.'),
  unusualFrom: z
    .int()
    .min(0)
    .max(1_000_000_000)
    .default(1000)
    .meta({ update: 'live' })
    .describe('Drafts of less are never unusual; in whole units of the currency.'),
  horizonMonths: z
    .int()
    .min(1)
    .max(1200)
    .default(36)
    .meta({ update: 'live' })
    .describe('A line for service that ended longer ago stops it.'),
});

/** How accounts are billed. */
export const BillingPolicy = defineKind({
  kind: 'BillingPolicy',
  plural: 'billingPolicies',
  group: 'commerce',
  scope: 'global',
  shortNames: [],
  description:
    'How accounts are billed: periods, proration, rounding, late usage. What lines were computed with never changes; make another policy for new accounts.',
  spec,
  status: z.object({}),
  conditions: [],
  columns: [
    { header: 'BILLING', value: (policy) => cell(policy.spec.billing) },
    { header: 'UNIT', value: (policy) => cell(policy.spec.unit) },
    { header: 'DUE DAYS', value: (policy) => cell(policy.spec.dueDays) },
    { header: 'ON CANCEL', wide: true, value: (policy) => cell(policy.spec.onCancel) },
  ],
  check: ({ spec: wished }) => wishIssues(wished, readPolicy),
  example: {
    apiVersion: 'steward/v1',
    kind: 'BillingPolicy',
    metadata: { name: 'calendar' },
    spec: { billing: 'CALENDAR', dueDays: 14 },
  },
});
