import { z } from 'zod';
import { MASQUERADE_MINUTES_MAX } from '../../../reconciler/access/masquerade.ts';
import { JOB_PROPERTIES } from './jobs.ts';
import { property } from './property.ts';

const DOMAIN = /^[\p{L}\p{N}]([\p{L}\p{N}-]*[\p{L}\p{N}])?(\.[\p{L}\p{N}]([\p{L}\p{N}-]*[\p{L}\p{N}])?)*$/u;
const domains = z.array(z.string().max(253).regex(DOMAIN, 'a domain such as example.org')).max(1_000);
const countries = z.array(z.string().regex(/^[A-Za-z]{2}$/, 'two letters such as DE (ISO 3166-1)')).max(300);
const name = z.string().regex(/^([a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?)?$/, 'the name of an object, or nothing');
const whole = (min: number, max: number) => z.int().min(min).max(max);

const registration = { group: 'Registration' };
const signIn = { group: 'Signing in' };
const billing = { group: 'Billing' };

/** Every property, once: the kind, the API, the command and docs/settings.md derive from it, and the product reads each when it needs it. */
export const CATALOGUE = {
  'registration.open': property({
    ...registration,
    description: 'Anybody may register an account.',
    schema: z.boolean(),
    unit: 'true or false',
    fallback: false,
    file: 'signIn.registration.open',
    scopes: ['global', 'channel'],
  }),
  'registration.terms': property({
    ...registration,
    description: 'Version of the terms of service that has to be accepted; empty: none.',
    schema: z.string().max(64),
    unit: 'version',
    fallback: '',
    file: 'signIn.registration.terms',
    scopes: ['global', 'channel'],
  }),
  'registration.role': property({
    ...registration,
    description: 'Role of the first user of an account that registers, within it.',
    schema: name.min(1),
    unit: 'name of a Role',
    names: 'Role',
    fallback: 'master-user',
    file: 'signIn.registration.role',
    scopes: ['global', 'channel'],
    requiresApproval: true,
  }),
  'registration.channel': property({
    ...registration,
    description: 'Channel of accounts that register without naming one; empty: none.',
    schema: name,
    unit: 'name of a Channel',
    names: 'Channel',
    fallback: '',
  }),
  'registration.allowedEmailDomains': property({
    ...registration,
    description: 'Domains of e-mail addresses that may register, with all below them; with any, no others may.',
    schema: domains,
    unit: 'domains',
    fallback: [],
    file: 'signIn.registration.allowedDomains',
  }),
  'registration.refusedEmailDomains': property({
    ...registration,
    description: 'Domains of e-mail addresses that may not register, with all below them.',
    schema: domains,
    unit: 'domains',
    fallback: [],
    file: 'signIn.registration.refusedDomains',
  }),
  'registration.allowedCountries': property({
    ...registration,
    description: 'Countries that may register; with any, no others may.',
    schema: countries,
    unit: 'ISO 3166-1 codes',
    fallback: [],
  }),
  'registration.refusedCountries': property({
    ...registration,
    description: 'Countries that may not register.',
    schema: countries,
    unit: 'ISO 3166-1 codes',
    fallback: [],
  }),
  'signIn.passwordMinLength': property({
    ...signIn,
    description: 'Shortest password that is taken.',
    schema: whole(8, 64),
    unit: 'characters',
    fallback: 12,
    file: 'signIn.passwordMinLength',
    requiresApproval: true,
  }),
  'signIn.sessionIdleMinutes': property({
    ...signIn,
    description: 'A session of a browser ends when it is not used for so long.',
    schema: whole(1, 1_440),
    unit: 'minutes',
    fallback: 30,
    file: 'signIn.sessionIdleMinutes',
  }),
  'signIn.sessionHours': property({
    ...signIn,
    description: 'A session of a browser ends after so long; for those that begin from now on.',
    schema: whole(1, 720),
    unit: 'hours',
    fallback: 12,
    file: 'signIn.sessionHours',
  }),
  'signIn.commandLineIdleDays': property({
    ...signIn,
    description: 'A session of the command ends when it is not used for so long.',
    schema: whole(1, 365),
    unit: 'days',
    fallback: 7,
    file: 'signIn.commandLineIdleDays',
  }),
  'signIn.commandLineDays': property({
    ...signIn,
    description: 'A session of the command ends after so long; for those that begin from now on.',
    schema: whole(1, 365),
    unit: 'days',
    fallback: 30,
    file: 'signIn.commandLineDays',
  }),
  'signIn.freshMinutes': property({
    ...signIn,
    description: 'A proof of who one is does for passwords, second factors and keys for so long.',
    schema: whole(1, 1_440),
    unit: 'minutes',
    fallback: 10,
    file: 'signIn.freshMinutes',
  }),
  'signIn.captchaAfter': property({
    ...signIn,
    description: 'Failed sign-ins after which a proof of work is asked for.',
    schema: whole(0, 100),
    unit: 'failures',
    fallback: 3,
    file: 'signIn.captchaAfter',
  }),
  'signIn.captchaWork': property({
    ...signIn,
    description: 'Most hashes that a proof of work takes.',
    schema: whole(1_000, 10_000_000),
    unit: 'hashes',
    fallback: 200_000,
    file: 'signIn.captchaWork',
  }),
  'signIn.lockOutAfter': property({
    ...signIn,
    description:
      'Failed sign-ins of one name, or wrong second factors, after which each further one has to wait longer.',
    schema: whole(1, 100),
    unit: 'failures',
    fallback: 5,
    requiresApproval: true,
  }),
  'signIn.lockOutMinutes': property({
    ...signIn,
    description: 'Longest wait after failed sign-ins.',
    schema: whole(1, 1_440),
    unit: 'minutes',
    fallback: 15,
    requiresApproval: true,
  }),
  'signIn.invitationDays': property({
    ...signIn,
    description: 'How long the link of an invitation is good; for those that are sent from now on.',
    schema: whole(1, 90),
    unit: 'days',
    fallback: 7,
  }),
  'signIn.projectInvitationHours': property({
    ...signIn,
    description: 'How long an invitation to a project is good; for those that are sent from now on.',
    schema: whole(1, 2_160),
    unit: 'hours',
    fallback: 24,
  }),
  'signIn.lettersPerRecipient': property({
    ...signIn,
    description:
      'Letters that strangers can have sent to one address before each further one has to wait, up to a day.',
    schema: whole(1, 100),
    unit: 'letters',
    fallback: 3,
  }),
  'signIn.requestsPerAddress': property({
    ...signIn,
    description:
      'Registrations, resets and challenges from one network address before each further one has to wait, up to an hour.',
    schema: whole(1, 100_000),
    unit: 'requests',
    fallback: 120,
  }),
  'masquerade.maxMinutes': property({
    ...signIn,
    description: "Longest that somebody of the provider acts as a customer's user at a time.",
    schema: whole(1, MASQUERADE_MINUTES_MAX),
    unit: 'minutes',
    fallback: MASQUERADE_MINUTES_MAX,
    requiresApproval: true,
  }),
  'billing.period': property({
    ...billing,
    description:
      'Whether periods of accounts without a BillingPolicy begin with the subscription or with the calendar.',
    schema: z.enum(['ANNIVERSARY', 'CALENDAR']),
    unit: 'ANNIVERSARY or CALENDAR',
    fallback: 'ANNIVERSARY',
    requiresApproval: true,
    frozen: 'firstAccount',
  }),
  'billing.collectionWindowHours': property({
    ...billing,
    description: 'How long an invoice waits for usage after its period, for accounts without a BillingPolicy.',
    schema: whole(0, 744),
    unit: 'hours',
    fallback: 1,
    scopes: ['global', 'channel', 'accountType'],
  }),
  'billing.dueDays': property({
    ...billing,
    description: 'Days until an invoice must be paid, for accounts without a BillingPolicy.',
    schema: whole(0, 365),
    unit: 'days',
    fallback: 30,
    scopes: ['global', 'channel', 'accountType'],
    requiresApproval: true,
  }),
  'billing.dunningPolicy': property({
    ...billing,
    description: 'What happens to accounts that do not pay and whose type names no DunningPolicy; empty: nothing.',
    schema: name,
    unit: 'name of a DunningPolicy',
    names: 'DunningPolicy',
    fallback: '',
    scopes: ['global', 'channel'],
    requiresApproval: true,
  }),
  'billing.budgetMarks': property({
    ...billing,
    description: 'At which parts of its amount a Budget without thresholds of its own tells somebody.',
    schema: z.array(whole(1, 1_000)).max(20),
    unit: 'percent',
    fallback: [],
    scopes: ['global', 'channel', 'accountType'],
  }),
  ...JOB_PROPERTIES,
} as const;

export type SettingKey = keyof typeof CATALOGUE;

/** What a property holds. */
export type SettingValue<Key extends SettingKey> = ReturnType<(typeof CATALOGUE)[Key]['schema']['parse']>;

export const SETTING_KEYS = Object.keys(CATALOGUE) as SettingKey[];

export function isSettingKey(key: string): key is SettingKey {
  return Object.hasOwn(CATALOGUE, key);
}
