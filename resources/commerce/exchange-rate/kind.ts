import { z } from 'zod';
import { defineKind } from '../../../reconciler/kind.ts';
import { currency, decimal, zoneName } from '../fields.ts';
import { checkExchangeRate } from './check.ts';

const revision = z.object({
  from: z
    .string()
    .regex(/^\d{4}-(0[1-9]|1[0-2])-(0[1-9]|[12]\d|3[01])$/, 'a day such as 2026-01-31')
    .describe('Day from which it counts, until the next one begins.'),
  rate: decimal().describe('How much of the quote one unit of the base is worth: exact, above 0.'),
});

const spec = z.object({
  base: currency().meta({ update: 'immutable' }).describe('ISO 4217 code of the currency that is valued.'),
  quote: currency().meta({ update: 'immutable' }).describe('ISO 4217 code of the currency it is valued in.'),
  zone: zoneName()
    .default('UTC')
    .meta({ update: 'immutable' })
    .describe('IANA zone in which the days of its revisions begin.'),
  revisions: z
    .array(revision)
    .max(4_000)
    .default([])
    .meta({ update: 'live' })
    .describe('Rates from when on, oldest first. What has begun never changes: add one that begins today or later.'),
});
export type ExchangeRateSpec = z.output<typeof spec>;

/** What one currency is worth in another. Reports convert by it; nothing is ever booked by it. */
export const ExchangeRate = defineKind({
  kind: 'ExchangeRate',
  plural: 'exchangeRates',
  group: 'commerce',
  scope: 'global',
  shortNames: ['fx'],
  description:
    'What one currency is worth in another, from day to day. Reports convert by the rate of each document’s day; nothing is booked by it.',
  spec,
  status: z.object({}),
  conditions: [],
  columns: [
    { header: 'BASE', value: ({ spec: { base } }) => String(base) },
    { header: 'QUOTE', value: ({ spec: { quote } }) => String(quote) },
    { header: 'RATE', value: (object) => revisionsOf(object.spec).at(-1)?.rate },
    { header: 'FROM', value: (object) => revisionsOf(object.spec).at(-1)?.from },
  ],
  check: checkExchangeRate,
  // Both ways round would be two answers to one question.
  uniqueKeys: ({ spec: { base, quote } }) => [`pair/${[base, quote].toSorted().join('/')}`],
  example: {
    apiVersion: 'steward/v1',
    kind: 'ExchangeRate',
    metadata: { name: 'usd-eur' },
    spec: {
      base: 'USD',
      quote: 'EUR',
      revisions: [
        { from: '2026-01-01', rate: '0.8512' },
        { from: '2026-02-01', rate: '0.8479' },
      ],
    },
  },
});

function revisionsOf(wished: object): { from: string; rate: string }[] {
  return (wished as { revisions?: { from: string; rate: string }[] }).revisions ?? [];
}
