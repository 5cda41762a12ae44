import { z } from 'zod';
import { secret } from '../../../reconciler/field-meta.ts';
import { defineKind } from '../../../reconciler/kind.ts';
import { cell } from '../../schema.ts';
import { itemName } from '../fields.ts';

const spec = z.object({
  gateway: itemName()
    .meta({ update: 'immutable' })
    .describe('Payment gateway that knows the card, as the configuration of the server names it.'),
  token: secret(500)
    .meta({ update: 'immutable' })
    .describe("The gateway's token for it. Card numbers never come here: the gateway's own form takes them."),
  customer: z
    .string()
    .min(1)
    .max(200)
    .optional()
    .meta({ update: 'immutable' })
    .describe("The gateway's id of the customer, where its tokens belong to one."),
  brand: z
    .string()
    .max(40)
    .regex(/^[A-Za-z][A-Za-z ]*$/, 'a brand such as Visa')
    .optional()
    .meta({ update: 'live' })
    .describe('For people: Visa.'),
  last4: z
    .string()
    .regex(/^\d{4}$/, 'the last four digits')
    .optional()
    .meta({ update: 'live', sensitivity: 'personal' })
    .describe('For people: the last four digits, and never more.'),
  expiry: z
    .string()
    .regex(/^20\d\d-(0[1-9]|1[0-2])$/, 'a month such as 2028-09')
    .optional()
    .meta({ update: 'live', sensitivity: 'personal' })
    .describe('Last month in which it can be charged.'),
  default: z
    .boolean()
    .default(true)
    .meta({ update: 'live' })
    .describe('Automatic payments use it. Of several the first by name, if it has not expired.'),
});

/** How an account pays by itself: a gateway's token, never a card. */
export const PaymentMethod = defineKind({
  kind: 'PaymentMethod',
  plural: 'paymentMethods',
  group: 'commerce',
  scope: 'project',
  shortNames: ['card'],
  description: "How the project's account pays by itself: a gateway's token, and what people need to know it by.",
  spec,
  status: z.object({}),
  conditions: [],
  columns: [
    { header: 'GATEWAY', value: (method) => cell(method.spec.gateway) },
    { header: 'BRAND', value: (method) => cell(method.spec.brand) },
    { header: 'LAST 4', value: (method) => cell(method.spec.last4) },
    { header: 'EXPIRY', value: (method) => cell(method.spec.expiry) },
    { header: 'DEFAULT', wide: true, value: (method) => cell(method.spec.default) },
  ],
  example: {
    apiVersion: 'steward/v1',
    kind: 'PaymentMethod',
    metadata: { name: 'visa', project: 'default' },
    spec: { gateway: 'sandbox', token: 'tok-approved', brand: 'Visa', last4: '4242', expiry: '2030-12' },
  },
});
