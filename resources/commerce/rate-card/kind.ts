import { z } from 'zod';
import { defineKind } from '../../../reconciler/kind.ts';
import { cell, displayName } from '../../schema.ts';
import { amount, currency, hours, itemName, localTime, words, zoneName } from '../fields.ts';
import { checkRateCard } from './check.ts';
import { price } from './price.ts';

const revision = z.object({
  from: localTime().optional().describe('When its prices begin; without it they always were.'),
  to: localTime().optional().describe('When they end, exclusive; by default when the next revision begins.'),
  hoursPerMonth: hours()
    .default('730')
    .describe('Hours that a price for a month stands for: a number, or actual for those of each month.'),
  prices: z
    .record(itemName(), price())
    .default({})
    .describe('Prices by name: a decimal for a unit or a period, or a model with its fields.'),
});

const spec = z.object({
  displayName: displayName(),
  currency: currency()
    .optional()
    .meta({ update: 'immutable' })
    .describe('ISO 4217 code of its prices: only accounts in it see them. Without it any account does, in its own.'),
  zone: zoneName()
    .optional()
    .meta({ update: 'immutable' })
    .describe("IANA zone in which days of its revisions begin; the account's without it."),
  revisions: z
    .array(revision)
    .max(200)
    .default([])
    .meta({ update: 'live' })
    .describe('Prices from when to when. What has begun never changes: add a revision that begins today or later.'),
  approvedImpact: z
    .object({
      accounts: z.int().min(0).max(1_000_000_000).describe('Accounts that it may touch.'),
      month: amount().describe('What it may change for them together in a month, more and less added up.'),
      by: words().describe('Who stands for it.'),
    })
    .optional()
    .meta({ update: 'live' })
    .describe(
      'Prices that touch many of those who subscribed already need this: plan shows how many, and by how much. It counts for the change that it comes with.',
    ),
});
export type RateCardSpec = z.output<typeof spec>;

/** A price list. */
export const RateCard = defineKind({
  kind: 'RateCard',
  plural: 'rateCards',
  group: 'commerce',
  scope: 'global',
  shortNames: ['prices'],
  description:
    'A price list: revisions that follow each other. Prices in force never change; another revision follows them.',
  spec,
  status: z.object({}),
  conditions: [],
  columns: [
    { header: 'CURRENCY', value: (card) => cell(card.spec.currency) },
    { header: 'REVISIONS', value: (card) => (card.spec.revisions as unknown[]).length },
    { header: 'LATEST', value: (card) => (card.spec.revisions as { from?: string }[]).at(-1)?.from },
  ],
  check: checkRateCard,
  example: {
    apiVersion: 'steward/v1',
    kind: 'RateCard',
    metadata: { name: 'public-eur' },
    spec: {
      currency: 'EUR',
      zone: 'Europe/Berlin',
      revisions: [
        {
          prices: {
            'starter-fee': '5.00',
            'cpu-hours': { model: 'GRADUATED', tiers: [{ upTo: '1000', unitPrice: '0.02' }, { unitPrice: '0.015' }] },
          },
        },
      ],
    },
  },
});
