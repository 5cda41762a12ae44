import { z } from 'zod';
import { readCampaign } from '../../../billing/wish/catalog.ts';
import { ref } from '../../../reconciler/field-meta.ts';
import { defineKind } from '../../../reconciler/kind.ts';
import { cell, displayName } from '../../schema.ts';
import { ANY_ACCOUNT, wishIssues } from '../check-wish.ts';
import { amount, decimal, itemName, localTime } from '../fields.ts';

const spec = z.object({
  displayName: displayName(),
  percentOff: decimal()
    .optional()
    .meta({ update: 'immutable' })
    .describe(
      'Per cent off each line, above 0 and at most 100. Exactly one of percentOff and amountOff, or days alone.',
    ),
  amountOff: amount()
    .optional()
    .meta({ update: 'immutable' })
    .describe('Sum off the lines together, in the currency of the account, and never more than they are.'),
  periods: z
    .int()
    .min(1)
    .max(1200)
    .optional()
    .meta({ update: 'immutable' })
    .describe('In how many billing periods it counts; without it for ever.'),
  days: z
    .int()
    .min(1)
    .max(3660)
    .optional()
    .meta({ update: 'immutable' })
    .describe(
      'For how many first days of a subscription it counts. With neither percentOff nor amountOff: they cost nothing.',
    ),
  from: localTime().optional().meta({ update: 'live' }).describe('From when it may be taken; without it always.'),
  to: localTime()
    .optional()
    .meta({ update: 'live' })
    .describe('Until when it may be taken, exclusive. Who has it keeps it.'),
  redemptionsMax: z
    .int()
    .min(1)
    .max(1_000_000_000)
    .optional()
    .meta({ update: 'live' })
    .describe('How many subscriptions of all accounts together may take it.'),
  channels: z
    .array(ref('Channel'))
    .max(100)
    .default([])
    .meta({ update: 'live' })
    .describe('Channels whose customers may take it; none named: those of all.'),
  enabled: z.boolean().default(true).meta({ update: 'live' }).describe('It may be taken.'),
  charges: z
    .array(itemName())
    .max(100)
    .default([])
    .meta({ update: 'immutable' })
    .describe('Charges that it discounts; none named: all of them.'),
});

/** A discount that subscriptions name. */
export const Campaign = defineKind({
  kind: 'Campaign',
  plural: 'campaigns',
  group: 'commerce',
  scope: 'global',
  shortNames: ['coupon'],
  description: 'A discount, before tax: per cent of each line, or a sum over the lines. Subscriptions name it.',
  spec,
  status: z.object({}),
  conditions: [],
  columns: [
    { header: 'PERCENT', value: (campaign) => cell(campaign.spec.percentOff) },
    { header: 'AMOUNT', value: (campaign) => cell(campaign.spec.amountOff) },
    { header: 'PERIODS', value: (campaign) => cell(campaign.spec.periods) ?? 'for ever' },
  ],
  check: ({ spec: wished }) => wishIssues(wished, (reader) => readCampaign('campaign', reader, ANY_ACCOUNT)),
  example: {
    apiVersion: 'steward/v1',
    kind: 'Campaign',
    metadata: { name: 'spring' },
    spec: { displayName: 'Spring', percentOff: '20', periods: 3 },
  },
});
