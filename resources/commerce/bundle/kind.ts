import { z } from 'zod';
import { BUNDLE_CONSTRAINTS } from '../../../billing/settle/catalog.ts';
import { readBundle } from '../../../billing/wish/catalog.ts';
import { defineKind } from '../../../reconciler/kind.ts';
import { cell, displayName } from '../../schema.ts';
import { wishIssues } from '../check-wish.ts';
import { decimal, included, itemName, words } from '../fields.ts';
import { checkCharges } from './check.ts';

const UNITS = ['DAY', 'WEEK', 'MONTH', 'QUARTER', 'YEAR'] as const;

const charge = z.object({
  name: itemName().describe(
    'Unique in the catalog: bundles that share a charge continue it when one is changed for the other.',
  ),
  type: z
    .enum(['RECURRING', 'ONE_TIME', 'USAGE', 'COMMITMENT'])
    .default('RECURRING')
    .describe(
      'RECURRING: a fee a period. ONE_TIME: once at the beginning. USAGE: what was metered. COMMITMENT: the least to spend.',
    ),
  price: itemName().optional().describe("Name of its price in the rate card; by default the charge's."),
  product: itemName().optional().describe("Product that it charges for; by default the charge's name."),
  taxCode: itemName().default('standard').describe('Which tax rules apply.'),
  every: z
    .union([
      z.enum(UNITS).describe('One of these.'),
      z
        .object({
          unit: z.enum(UNITS).describe('Length of the period.'),
          count: z.int().min(1).max(366).default(1).describe('How many of them a period has.'),
        })
        .describe('Several of a unit.'),
    ])
    .default('MONTH')
    .describe('Its period: a unit, or a unit and a count such as {unit: DAY, count: 28}.'),
  timing: z
    .enum(['ADVANCE', 'ARREARS'])
    .optional()
    .describe('Of a RECURRING charge: billed when its period begins (the default) or ends.'),
  splitBy: z
    .array(itemName())
    .max(10)
    .optional()
    .describe('Of a USAGE charge: a line for each set of values of these attributes.'),
  prorateTiers: z
    .boolean()
    .optional()
    .describe('Of a USAGE charge: for a part of a period, tiers and their flat prices are that part of themselves.'),
  of: z.array(itemName()).max(100).optional().describe('Of a COMMITMENT: the charges that count towards it.'),
  bound: z
    .enum(['MINIMUM', 'MAXIMUM'])
    .optional()
    .describe('Of a COMMITMENT: the least to spend (the default), or the most: usage beyond it is free.'),
});

const entitlement = z.object({
  product: itemName().describe('Product of which units are included.'),
  included: included().describe('Units in each period, or UNLIMITED.'),
  scope: z
    .enum(['RESOURCE', 'SUBSCRIPTION', 'USER', 'ACCOUNT'])
    .default('SUBSCRIPTION')
    .describe('Who may use them up. The narrowest are drawn first.'),
  rollover: decimal().optional().describe('At most so many of those left go to the next period; none without it.'),
});

const component = z.object({
  component: itemName().describe('What is chosen with a subscription, such as template.'),
  mode: z.enum(['INCLUDES', 'EXCLUDES']).default('INCLUDES').describe('Only these values, or all but these.'),
  values: z.array(words()).min(1).max(1000).describe('Values.'),
});

const spec = z.object({
  displayName: displayName(),
  charges: z.array(charge).max(100).default([]).meta({ update: 'immutable' }).describe('What it costs.'),
  entitlements: z.array(entitlement).max(100).default([]).meta({ update: 'immutable' }).describe('What it includes.'),
  trialDays: z
    .int()
    .min(0)
    .max(366)
    .default(0)
    .meta({ update: 'immutable' })
    .describe('Local days from the beginning that cost nothing.'),
  published: z
    .boolean()
    .default(true)
    .meta({ update: 'live' })
    .describe('It can be subscribed to. Who has it keeps it.'),
  constraint: z
    .enum(BUNDLE_CONSTRAINTS)
    .default('NONE')
    .meta({ update: 'live' })
    .describe('SINGLETON: one an account. PER_USER: one a user. ACCOUNT: any number, of no user. NONE: any number.'),
  components: z
    .array(component)
    .max(100)
    .default([])
    .meta({ update: 'live' })
    .describe('What may be chosen with it. What is not named here may be anything.'),
});
export type BundleSpec = z.output<typeof spec>;

/** What can be subscribed to. */
export const Bundle = defineKind({
  kind: 'Bundle',
  plural: 'bundles',
  group: 'commerce',
  scope: 'global',
  shortNames: [],
  description:
    'What can be subscribed to: its charges and what it includes. These never change, since lines were billed with them; offer another bundle and change subscriptions to it.',
  spec,
  status: z.object({}),
  conditions: [],
  columns: [
    { header: 'DISPLAY NAME', value: (bundle) => cell(bundle.spec.displayName) },
    { header: 'CHARGES', value: (bundle) => names(bundle.spec.charges) },
    { header: 'TRIAL DAYS', wide: true, value: (bundle) => cell(bundle.spec.trialDays) },
  ],
  check: ({ spec: wished }) => [
    ...wishIssues(wished, (reader) => readBundle('bundle', reader)),
    ...checkCharges(wished),
  ],
  example: {
    apiVersion: 'steward/v1',
    kind: 'Bundle',
    metadata: { name: 'starter' },
    spec: {
      displayName: 'Starter',
      charges: [{ name: 'starter-fee' }, { name: 'cpu-hours', type: 'USAGE' }],
      entitlements: [{ product: 'cpu-hours', included: '100' }],
    },
  },
});

function names(charges: unknown): string {
  return (charges as { name: string }[]).map(({ name }) => name).join(',');
}
