import { z } from 'zod';
import { MASQUERADE_MINUTES_MAX } from '../../../reconciler/access/masquerade.ts';
import { ref } from '../../../reconciler/field-meta.ts';
import { defineKind } from '../../../reconciler/kind.ts';
import { cell } from '../../schema.ts';
import { masqueradeActs } from './acts.ts';
import { observeMasquerade } from './observe.ts';
import { planMasquerade } from './plan.ts';
import { reportMasquerade } from './report.ts';

const spec = z.object({
  user: ref('User').meta({ update: 'immutable' }).describe('Customer’s user as whom somebody acts.'),
  account: ref('Account')
    .meta({ update: 'immutable' })
    .describe('Account of that user, whose people see this for as long as it is kept.'),
  reason: z.string().min(10).max(500).meta({ update: 'immutable' }).describe('Why, for the customer to read.'),
  ticket: z.string().max(100).optional().meta({ update: 'immutable' }).describe('Ticket that asked for it.'),
  minutes: z
    .int()
    .min(1)
    .max(MASQUERADE_MINUTES_MAX)
    .default(15)
    .meta({ update: 'immutable' })
    .describe('How long it lasts from its creation. Deleting it ends it at once, by whichever side.'),
});

export type MasqueradeSpec = z.output<typeof spec>;

/** Somebody of the provider acts as a customer's user for a while: said why, seen by the customer, with both names in the audit trail. */
export const Masquerade = defineKind({
  kind: 'Masquerade',
  plural: 'masquerades',
  group: 'identity',
  scope: 'global',
  shortNames: ['masq'],
  description:
    'Somebody of the provider acts as a customer’s user for some minutes. Whoever made it sends its name in the header x-steward-masquerade.',
  spec,
  status: z.object({}),
  conditions: ['Running'],
  columns: [
    { header: 'USER', value: (one) => cell(one.spec.user) },
    { header: 'ACCOUNT', value: (one) => cell(one.spec.account) },
    { header: 'BY', value: (one) => one.metadata.createdBy },
    { header: 'REASON', value: (one) => cell(one.spec.reason) },
  ],
  messages: {
    MasqueradeRuns: '{by} acts as {user}.',
    MasqueradeOver: 'It is over.',
    CustomerUntold: 'The customer was not told yet.',
  },
  observe: observeMasquerade,
  plan: planMasquerade,
  acts: masqueradeActs,
  report: reportMasquerade,
  resyncMs: () => 60_000,
  example: {
    apiVersion: 'steward/v1',
    kind: 'Masquerade',
    metadata: { name: 'help-anna' },
    spec: { user: 'anna', account: 'acme', reason: 'Ticket 4711: cannot attach a volume.', minutes: 15 },
  },
});
