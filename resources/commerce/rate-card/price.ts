import { z } from 'zod';
import { PRICE_MODELS } from '../../../billing/price/model.ts';
import { decimal, itemName } from '../fields.ts';

const tier = z.object({
  upTo: decimal().optional().describe('Last quantity that belongs to the tier; the last tier has none.'),
  unitPrice: decimal().default('0').describe('Price of a unit, or per cent for GRADUATED_PERCENTAGE.'),
  flat: decimal().default('0').describe('Price of entering the tier.'),
});

const entry = z.object({
  where: z.record(itemName(), z.string().max(200)).default({}).describe('Values that the attributes must have.'),
  unitPrice: decimal().describe('Price of a unit with these attributes.'),
});

/** How a price is worked out. Which fields belong to which model is checked beside the schema. */
const model = z.object({
  model: z
    .enum(PRICE_MODELS)
    .describe(
      'STANDARD: units × price. GRADUATED: each unit at the price of its tier. VOLUME: all at the price of the tier reached. STAIRSTEP: the flat price of the tier reached. PACKAGE: whole packages. PERCENTAGE: of amounts. MATRIX: by attributes. CAPACITY: the peak, by tiers.',
    ),
  unitPrice: decimal().optional().describe('STANDARD: price of a unit.'),
  tiers: z.array(tier).max(100).optional().describe('Of all models by tiers, from the lowest to the open one.'),
  chargeFlatOnZero: z.boolean().optional().describe('GRADUATED: the first flat price is due even for nothing.'),
  size: decimal().optional().describe('PACKAGE: units in one.'),
  price: decimal().optional().describe('PACKAGE: price of one.'),
  free: decimal().optional().describe('PACKAGE: units that cost nothing.'),
  percent: decimal().optional().describe('PERCENTAGE: per cent of each amount.'),
  fixed: decimal().optional().describe('PERCENTAGE: for each event that is not free.'),
  freeEvents: z.int().min(0).max(1_000_000).optional().describe('PERCENTAGE: events that cost nothing.'),
  freeAmount: decimal().optional().describe('PERCENTAGE: sum that costs nothing.'),
  minimum: decimal().optional().describe('PERCENTAGE: least for an event.'),
  maximum: decimal().optional().describe('PERCENTAGE: most for an event.'),
  entries: z.array(entry).max(1000).optional().describe('MATRIX: prices by attributes; the most particular wins.'),
  otherwise: decimal().optional().describe('MATRIX: price of a unit that no entry fits.'),
});

export const price = () =>
  z.union([
    decimal().describe('Price of a unit or a period.'),
    model.describe('A price that depends on how much it is.'),
  ]);
export type PriceWish = string | z.output<typeof model>;

/** The fields of each model, beside `model`. */
export const MODEL_FIELDS: Readonly<Record<z.output<typeof model>['model'], readonly string[]>> = {
  STANDARD: ['unitPrice'],
  GRADUATED: ['tiers', 'chargeFlatOnZero'],
  VOLUME: ['tiers'],
  STAIRSTEP: ['tiers'],
  GRADUATED_PERCENTAGE: ['tiers'],
  CAPACITY: ['tiers'],
  PACKAGE: ['size', 'price', 'free'],
  PERCENTAGE: ['percent', 'fixed', 'freeEvents', 'freeAmount', 'minimum', 'maximum'],
  MATRIX: ['entries', 'otherwise'],
};
