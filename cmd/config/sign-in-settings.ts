import { z } from 'zod';
import { type SignInPolicy, USUAL_LIMITS } from '../../identity/policy.ts';

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;

const DOMAIN = /^[a-z0-9]([a-z0-9-]*[a-z0-9])?(\.[a-z0-9]([a-z0-9-]*[a-z0-9])?)*$/i;

const domains = (what: string) =>
  z.array(z.string().regex(DOMAIN, 'a domain such as example.org')).max(1_000).default([]).describe(what);

/** How people sign in and register. */
export const SIGN_IN_SCHEMA = z.object({
  publicUrl: z
    .string()
    .regex(/^(https?:\/\/[^\s/]+)?$/, 'an address without a path, e.g. https://cloud.example.org')
    .default('')
    .describe(
      'Address that browsers use; links in letters and identity providers go by it. Empty: where the server listens.',
    ),
  issuer: z.string().min(1).max(64).default('Steward').describe('Name that authenticator apps show.'),
  passwordMinLength: z.int().min(8).max(64).default(12).describe('Shortest password that is taken.'),
  sessionIdleMinutes: z
    .int()
    .min(1)
    .max(1_440)
    .default(30)
    .describe('A session of a browser ends when it is not used for so long.'),
  sessionHours: z.int().min(1).max(720).default(12).describe('A session of a browser ends after so long.'),
  commandLineIdleDays: z
    .int()
    .min(1)
    .max(365)
    .default(7)
    .describe('A session of the command ends when it is not used for so long.'),
  commandLineDays: z.int().min(1).max(365).default(30).describe('A session of the command ends after so long.'),
  freshMinutes: z
    .int()
    .min(1)
    .max(1_440)
    .default(10)
    .describe('A proof of who one is does for passwords, second factors and keys for so long.'),
  captchaAfter: z
    .int()
    .min(0)
    .max(100)
    .default(3)
    .describe('Failed sign-ins after which a proof of work is asked for.'),
  captchaWork: z.int().min(1_000).max(10_000_000).default(200_000).describe('Most hashes that a proof of work takes.'),
  registration: z.object({
    open: z.boolean().default(false).describe('Anybody may register an account.'),
    terms: z
      .string()
      .max(64)
      .default('')
      .describe('Version of the terms of service that has to be accepted; empty: none.'),
    allowedDomains: domains('Domains of e-mail addresses that may register; with any, no others may.'),
    refusedDomains: domains('Domains of e-mail addresses that may not register.'),
    role: z.string().min(1).max(63).default('master-user').describe('Role of the first user of an account, within it.'),
  }),
});

/** As without any settings. */
export const DEFAULT_SIGN_IN = signInPolicy(SIGN_IN_SCHEMA.parse({ registration: {} }));

export type SignInSettings = z.output<typeof SIGN_IN_SCHEMA>;

/** The rules of signing in, in the units that the code counts in. */
export function signInPolicy(settings: SignInSettings): SignInPolicy {
  const { registration } = settings;
  return {
    publicUrl: settings.publicUrl,
    issuer: settings.issuer,
    passwordMinLength: settings.passwordMinLength,
    browser: { idleMs: settings.sessionIdleMinutes * MINUTE, absoluteMs: settings.sessionHours * HOUR },
    commandLine: { idleMs: settings.commandLineIdleDays * DAY, absoluteMs: settings.commandLineDays * DAY },
    freshMs: settings.freshMinutes * MINUTE,
    captchaAfter: settings.captchaAfter,
    captchaWork: settings.captchaWork,
    ...USUAL_LIMITS,
    registration: {
      open: registration.open,
      termsVersion: registration.terms,
      allowedDomains: registration.allowedDomains,
      refusedDomains: registration.refusedDomains,
      allowedCountries: [],
      refusedCountries: [],
      role: registration.role,
    },
  };
}
