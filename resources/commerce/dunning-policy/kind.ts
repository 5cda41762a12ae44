import { z } from 'zod';
import { HOLD_SEVERITIES } from '../../../billing/dunning/dunning.ts';
import { readDunning } from '../../../billing/wish/account.ts';
import { defineKind } from '../../../reconciler/kind.ts';
import { cell } from '../../schema.ts';
import { ANY_ACCOUNT, wishIssues } from '../check-wish.ts';
import { amount } from '../fields.ts';

const step = z.object({
  after: z
    .string()
    .regex(/^P(\d+[YMWD])*(T(\d+[HMS])+)?$/, 'a duration such as P3D or PT1H')
    .describe('Since the day when the invoice was due, in the calendar of the account: P3D.'),
  actions: z
    .array(
      z
        .string()
        .regex(/^[A-Za-z][A-Za-z0-9_]{0,40}(\([A-Za-z0-9_-]{1,60}\))?$/, 'an action such as RETRY or EMAIL(reminder)'),
    )
    .max(10)
    .default([])
    .describe('What to do: RETRY the payment, EMAIL the usual reminder, or EMAIL(name) for a letter of another name.'),
  hold: z
    .enum(HOLD_SEVERITIES)
    .optional()
    .describe('RESTRICT: nothing new. SUSPEND: machines stop. TERMINATE: the end. Paying lifts it.'),
  requiresApproval: z.boolean().default(false).describe('Somebody must agree first; the step only asks.'),
});

const spec = z.object({
  minAmount: amount()
    .optional()
    .meta({ update: 'live' })
    .describe('Invoices that owe less are left in peace; in the currency of the account.'),
  steps: z
    .array(step)
    .max(50)
    .default([])
    .meta({ update: 'live' })
    .describe('In the order of time. Each happens once an invoice, by its place in this list.'),
  requests: z
    .object({
      thresholds: z
        .record(z.string().regex(/^[A-Z]{3}$/, 'an ISO 4217 code such as EUR'), amount())
        .default({})
        .describe('From how much on, all overdue invoices together, by currency. None: accounts in it are not asked.'),
      max: z.int().min(1).max(100).default(3).describe('So often, and then no more until the oldest is paid.'),
      daysBetween: z.int().min(1).max(366).default(7).describe('Days between two, and before the first.'),
    })
    .optional()
    .meta({ update: 'live' })
    .describe('Asking for all that is overdue at once, beside the steps.'),
});

/** What happens when nobody pays. */
export const DunningPolicy = defineKind({
  kind: 'DunningPolicy',
  plural: 'dunningPolicies',
  group: 'commerce',
  scope: 'global',
  shortNames: ['dunning'],
  description:
    'What happens when invoices are not paid: letters, new attempts, holds. Paying lifts the holds of dunning only.',
  spec,
  status: z.object({}),
  conditions: [],
  columns: [
    {
      header: 'STEPS',
      value: (policy) => (policy.spec.steps as { after: string }[]).map(({ after }) => after).join(','),
    },
    { header: 'MINIMUM', wide: true, value: (policy) => cell(policy.spec.minAmount) },
  ],
  check: ({ spec: wished }) => wishIssues(wished, (reader) => readDunning(reader, ANY_ACCOUNT)),
  example: {
    apiVersion: 'steward/v1',
    kind: 'DunningPolicy',
    metadata: { name: 'standard' },
    spec: {
      steps: [
        { after: 'P3D', actions: ['RETRY', 'EMAIL'] },
        { after: 'P10D', hold: 'RESTRICT' },
        { after: 'P14D', hold: 'SUSPEND' },
      ],
    },
  },
});
