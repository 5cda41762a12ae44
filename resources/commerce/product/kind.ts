import { z } from 'zod';
import { defineKind } from '../../../reconciler/kind.ts';
import { cell, displayName } from '../../schema.ts';
import { words } from '../fields.ts';

const spec = z.object({
  displayName: displayName(),
  unit: words(40)
    .default('unit')
    .meta({ update: 'live' })
    .describe('What one of it is called in documents, such as GiB-hour.'),
  category: words(60).optional().meta({ update: 'live' }).describe('Where price lists show it.'),
});

/** What charges and meters name as `product`: how documents and price lists call it. */
export const Product = defineKind({
  kind: 'Product',
  plural: 'products',
  group: 'commerce',
  scope: 'global',
  shortNames: [],
  description: "How a product is called in documents and price lists. Meters and charges name it as their 'product'.",
  spec,
  status: z.object({}),
  conditions: [],
  columns: [
    { header: 'DISPLAY NAME', value: (product) => cell(product.spec.displayName) },
    { header: 'UNIT', value: (product) => cell(product.spec.unit) },
    { header: 'CATEGORY', wide: true, value: (product) => cell(product.spec.category) },
  ],
  example: {
    apiVersion: 'steward/v1',
    kind: 'Product',
    metadata: { name: 'cpu-hours' },
    spec: { displayName: 'Running CPUs', unit: 'CPU-hour', category: 'Compute' },
  },
});
