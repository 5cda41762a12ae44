import { z } from 'zod';
import { defineKind } from '../../../reconciler/kind.ts';
import { cell, displayName } from '../../schema.ts';

/** Who pays. An account owns projects; everything in a project is billed to the project's account. */
export const Account = defineKind({
  kind: 'Account',
  plural: 'accounts',
  group: 'identity',
  scope: 'global',
  shortNames: ['acct'],
  description: 'Who pays: owns projects, and everything in them is booked to it.',
  spec: z.object({
    displayName: displayName(),
    ownerEmail: z
      .email()
      .max(254)
      .optional()
      .meta({ update: 'live', sensitivity: 'personal' })
      .describe('Where letters about the account go.'),
    currency: z
      .string()
      .regex(/^[A-Z]{3}$/, 'an ISO 4217 code such as EUR')
      .default('EUR')
      .meta({ update: 'immutable' })
      .describe('ISO 4217 currency that the account is billed in.'),
  }),
  status: z.object({}),
  conditions: [],
  columns: [
    { header: 'DISPLAY NAME', value: (account) => cell(account.spec.displayName) },
    { header: 'CURRENCY', value: (account) => cell(account.spec.currency) },
    { header: 'OWNER', wide: true, value: (account) => cell(account.spec.ownerEmail) },
  ],
  example: {
    apiVersion: 'steward/v1',
    kind: 'Account',
    metadata: { name: 'acme' },
    spec: { displayName: 'Acme Ltd', ownerEmail: 'billing@acme.example', currency: 'EUR' },
  },
});
