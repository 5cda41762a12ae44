import { z } from 'zod';
import { ref } from '../../../reconciler/field-meta.ts';
import { defineKind } from '../../../reconciler/kind.ts';
import { cell, displayName } from '../../schema.ts';
import { KEPT_MESSAGES } from '../kept.ts';
import { roleGrant } from '../role-grant.ts';
import { userActs } from './acts.ts';
import { observeUser } from './observe.ts';
import { planUser } from './plan.ts';
import { reportUser } from './report.ts';

const spec = z.object({
  displayName: displayName().meta({ sensitivity: 'personal' }),
  email: z
    .email()
    .max(254)
    .optional()
    .meta({ update: 'live', sensitivity: 'personal' })
    .describe('Where letters go. Once proved, one may sign in by it too.'),
  account: ref('Account').optional().meta({ update: 'live' }).describe('Account that the user belongs to.'),
  roles: z
    .array(roleGrant())
    .max(64)
    .default([])
    .meta({ update: 'live' })
    .describe('What the user may do, and where. Without any: to sign in, and nothing else.'),
  suspended: z
    .boolean()
    .default(false)
    .meta({ update: 'live' })
    .describe('Nobody signs in as this user, and its sessions and keys count no more.'),
  locale: z
    .string()
    .regex(/^[a-z]{2,3}(-[A-Za-z0-9]{2,8})*$/, 'a language tag such as en or de-CH')
    .default('en')
    .meta({ update: 'live' })
    .describe('Language of letters and pages (BCP 47).'),
  zone: z
    .string()
    .regex(/^[A-Za-z]+(\/[A-Za-z0-9_+-]+)*$/, 'a time zone such as Europe/Berlin')
    .max(64)
    .default('UTC')
    .meta({ update: 'live' })
    .describe('Time zone in which times are shown (IANA).'),
  identityProvider: ref('IdentityProvider')
    .optional()
    .meta({ update: 'live' })
    .describe('Who checks that it is this user. Without one Steward does, by password or passkey.'),
});

const status = z.object({
  password: z.boolean().optional().describe('Has a password.'),
  secondFactor: z.boolean().optional().describe('Has a second factor: an authenticator app or a passkey.'),
  emailProved: z.boolean().optional().describe('Has answered a letter to the e-mail address.'),
});

export type UserSpec = z.output<typeof spec>;
export type UserStatus = z.output<typeof status>;

/** A person who signs in. Passwords, second factors and sessions are kept apart from the object: nobody reads or applies them. */
export const User = defineKind({
  kind: 'User',
  plural: 'users',
  group: 'identity',
  scope: 'global',
  shortNames: [],
  description: 'A person who signs in, with roles.',
  spec,
  status,
  conditions: ['Enabled', 'EmailProved'],
  columns: [
    { header: 'DISPLAY NAME', value: (user) => cell(user.spec.displayName) },
    { header: 'ACCOUNT', value: (user) => cell(user.spec.account) },
    { header: 'PROVIDER', wide: true, value: (user) => cell(user.spec.identityProvider) },
    { header: 'EMAIL', wide: true, value: (user) => cell(user.spec.email) },
  ],
  messages: {
    ...KEPT_MESSAGES,
    UserEnabled: 'May sign in.',
    UserSuspended: 'Is suspended.',
    EmailAbsent: 'Has no e-mail address.',
    EmailProved: 'Has shown that the e-mail address is theirs.',
    EmailAwaited: 'Has not answered the letter to the e-mail address yet.',
    EmailVouched: 'The identity provider {provider} vouches for the user.',
  },
  observe: observeUser,
  plan: planUser,
  acts: userActs,
  report: reportUser,
  example: {
    apiVersion: 'steward/v1',
    kind: 'User',
    metadata: { name: 'anna' },
    spec: {
      displayName: 'Anna Meier',
      email: 'anna@acme.example',
      account: 'default',
      roles: [{ role: 'master-user', account: 'default' }],
      locale: 'de',
      zone: 'Europe/Berlin',
    },
  },
});
