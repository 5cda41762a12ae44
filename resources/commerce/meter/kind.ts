import { z } from 'zod';
import { readMeter } from '../../../billing/wish/catalog.ts';
import { defineKind } from '../../../reconciler/kind.ts';
import { cell } from '../../schema.ts';
import { wishIssues } from '../check-wish.ts';
import { decimal, itemName } from '../fields.ts';

const factor = () => decimal().default('1').describe('Units of usage in one unit of the product; above 0.');

const predicate = z.object({
  attribute: itemName().describe('Attribute of the usage, such as offering.'),
  mode: z.enum(['INCLUDES', 'EXCLUDES']).default('INCLUDES').describe('Whether it must be one of the values, or none.'),
  values: z.array(z.string().max(200)).max(200).default([]).describe('Values of the attribute.'),
});

const rule = z.object({
  usage: itemName().describe(
    'Usage that it takes: what is observed here, such as vm.cpus or network.bytes.sent, or what others report.',
  ),
  mode: z.enum(['COMBINE', 'EXCLUDE']).default('COMBINE').describe('Whether it adds to the product or takes away.'),
  factor: factor(),
  where: z.array(predicate).max(20).default([]).describe('Only usage for which all of these are true.'),
});

const spec = z.object({
  product: itemName()
    .optional()
    .meta({ update: 'immutable' })
    .describe('Product that the usage becomes; by default its own name.'),
  rules: z
    .array(rule)
    .min(1)
    .max(50)
    .optional()
    .meta({ update: 'immutable' })
    .describe('What is counted. By default all usage of its own name.'),
  aggregate: z
    .enum(['SUM', 'LEVEL', 'COUNT', 'MAX', 'UNIQUE', 'LATEST'])
    .default('SUM')
    .meta({ update: 'immutable' })
    .describe(
      'SUM: quantities. LEVEL: level × hours, integrated exactly. COUNT: events. MAX: the peak. UNIQUE: values. LATEST: the last.',
    ),
  perMonth: z
    .boolean()
    .default(false)
    .meta({ update: 'immutable' })
    .describe("A level's unit is a month, as long as the price revision says, instead of an hour."),
  factor: factor()
    .meta({ update: 'immutable' })
    .describe('Units of usage in one unit of the product, where there are no rules; above 0.'),
});

/** How observed and reported usage becomes quantities of a product. */
export const Meter = defineKind({
  kind: 'Meter',
  plural: 'meters',
  group: 'commerce',
  scope: 'global',
  shortNames: [],
  description:
    'How usage becomes quantities of a product: which usage counts, how it is converted and added up. Immutable, since lines were billed with it.',
  spec,
  status: z.object({}),
  conditions: [],
  columns: [
    { header: 'PRODUCT', value: (meter) => cell(meter.spec.product) ?? meter.metadata.name },
    { header: 'AGGREGATE', value: (meter) => cell(meter.spec.aggregate) },
    { header: 'PER MONTH', wide: true, value: (meter) => cell(meter.spec.perMonth) },
  ],
  check: ({ spec: wished }) => wishIssues(wished, (reader) => readMeter('meter', reader)),
  example: {
    apiVersion: 'steward/v1',
    kind: 'Meter',
    metadata: { name: 'cpu-hours' },
    spec: { rules: [{ usage: 'vm.cpus' }], aggregate: 'LEVEL' },
  },
});
