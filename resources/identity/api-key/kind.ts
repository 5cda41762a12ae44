import { z } from 'zod';
import { ref } from '../../../reconciler/field-meta.ts';
import { defineKind } from '../../../reconciler/kind.ts';
import { cell } from '../../schema.ts';
import { KEPT_MESSAGES } from '../kept.ts';
import { apiKeyActs } from './acts.ts';
import { observeApiKey } from './observe.ts';
import { planApiKey } from './plan.ts';
import { reportApiKey } from './report.ts';

const spec = z.object({
  user: ref('User')
    .meta({ update: 'immutable' })
    .describe('User for whom the key acts: it may never do more than the user.'),
  scopes: z
    .array(
      z.string().regex(/^([a-z]+|\*):([A-Z][A-Za-z]+|\*)$/, 'verb:Kind, each may be "*": get:*, update:VirtualMachine'),
    )
    .min(1)
    .max(64)
    .meta({ update: 'live' })
    .describe('What the key may do of what its user may: verb:Kind, each may be "*".'),
  signedOnly: z
    .boolean()
    .default(false)
    .meta({ update: 'live' })
    .describe('Only signed requests are taken; the bearer token is refused.'),
  expiresAt: z.iso
    .datetime()
    .optional()
    .meta({ update: 'live' })
    .describe('The key counts until then. Without: until it is deleted.'),
  suspended: z.boolean().default(false).meta({ update: 'live' }).describe('The key is refused while this is set.'),
});

export type ApiKeySpec = z.output<typeof spec>;

/** A key for programs. Its secrets are issued apart from the object, shown once, and kept hashed or sealed. */
export const ApiKey = defineKind({
  kind: 'ApiKey',
  plural: 'apiKeys',
  group: 'identity',
  scope: 'global',
  shortNames: ['ak'],
  description: 'A key with which a program acts for a user, within scopes.',
  spec,
  status: z.object({}),
  conditions: ['Enabled'],
  columns: [
    { header: 'USER', value: (key) => cell(key.spec.user) },
    { header: 'SCOPES', value: (key) => cell(key.spec.scopes) },
    { header: 'EXPIRES', value: (key) => cell(key.spec.expiresAt) },
  ],
  messages: {
    ...KEPT_MESSAGES,
    KeyEnabled: 'May be used.',
    KeySuspended: 'Is suspended.',
    KeyExpired: 'Ran out at {at}.',
  },
  observe: observeApiKey,
  plan: planApiKey,
  acts: apiKeyActs,
  report: reportApiKey,
  example: {
    apiVersion: 'steward/v1',
    kind: 'ApiKey',
    metadata: { name: 'deploy' },
    spec: {
      user: 'anna',
      scopes: ['get:*', 'update:VirtualMachine'],
      signedOnly: true,
      expiresAt: '2030-01-01T00:00:00Z',
    },
  },
});
