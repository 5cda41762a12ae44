import { z } from 'zod';
import { ref } from '../../../reconciler/field-meta.ts';
import { defineKind } from '../../../reconciler/kind.ts';
import { cell, displayName } from '../../schema.ts';

const spec = z.object({
  displayName: displayName(),
  bundles: z.array(ref('Bundle')).max(1000).default([]).meta({ update: 'live' }).describe('What can be subscribed to.'),
  rateCards: z
    .array(ref('RateCard'))
    .max(50)
    .default([])
    .meta({ update: 'live' })
    .describe("Prices: an account's are the first card in its currency."),
  campaigns: z
    .array(ref('Campaign'))
    .max(1000)
    .default([])
    .meta({ update: 'live' })
    .describe('Discounts that subscriptions may name.'),
});

/** What a channel's customers can buy. Its bundles and prices are kinds of their own, so that several catalogs can share them. */
export const Catalog = defineKind({
  kind: 'Catalog',
  plural: 'catalogs',
  group: 'commerce',
  scope: 'global',
  shortNames: [],
  description: 'Bundles, prices and campaigns that go together. A channel sells from one.',
  spec,
  status: z.object({}),
  conditions: [],
  columns: [
    { header: 'BUNDLES', value: (catalog) => cell(catalog.spec.bundles) },
    { header: 'RATE CARDS', value: (catalog) => cell(catalog.spec.rateCards) },
  ],
  example: {
    apiVersion: 'steward/v1',
    kind: 'Catalog',
    metadata: { name: 'public' },
    spec: { bundles: ['starter'], rateCards: ['public-eur'] },
  },
});
