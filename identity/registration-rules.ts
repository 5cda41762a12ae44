import type { RegistrationChannel, RegistrationPolicy } from './policy.ts';
import { addressDomain, isDomainWelcome, isWelcome } from './welcome.ts';

export interface RegistrationRequest {
  /** Name to sign in by, which becomes the account's name too. */
  name: string;
  email: string;
  displayName: string;
  currency: string;
  /** Version of the terms that was accepted, or empty. */
  terms: string;
  /** ISO 3166-1 code of the country that the customer names, or empty. Where somebody connects from is not looked at. */
  country: string;
  /** Name of the channel, or empty. */
  channel: string;
  /** Token of a letter that invites to a project, which is answered with yes by registering. */
  projectInvitation?: string | undefined;
}

export interface FieldIssue {
  field: keyof RegistrationRequest;
  message: string;
}

/** Who registers: a stranger, or staff for a customer. One path, two policies. */
export interface RegistrationMode {
  /** Strangers prove work, and that the address is theirs before anything is made of it; staff are known. */
  assisted: boolean;
}

const NAME = /^[a-z][a-z0-9-]{1,30}[a-z0-9]$/;
/** Names that would be taken for us, or for a part of us. */
const RESERVED = new Set([
  'root',
  'admin',
  'administrator',
  'system',
  'service',
  'portal',
  'engine',
  'steward',
  'support',
  'security',
  'default',
  'postmaster',
  'hostmaster',
  'webmaster',
  'abuse',
  'billing',
  'bootstrap',
  'anonymous',
  'everyone',
  'public',
  'me',
]);

/** Pure: everything that is wrong with a request, at once. None of it tells who is known here. */
export function registrationIssues(
  request: RegistrationRequest,
  policy: RegistrationPolicy,
  { assisted, channel = null }: RegistrationMode & { channel?: RegistrationChannel | null },
): FieldIssue[] {
  const issues = [...nameIssues(request), ...emailIssues(request, policy, channel)];
  const wrong = (field: FieldIssue['field'], message: string) => issues.push({ field, message });
  if (request.displayName.length > 200) wrong('displayName', 'has more than 200 characters');
  if (!/^[A-Z]{3}$/.test(request.currency)) wrong('currency', 'is no ISO 4217 code such as EUR');
  else if (channel !== null && !channel.currencies.includes(request.currency))
    wrong('currency', `is not sold in here; there are ${channel.currencies.join(', ')}`);
  if (!assisted && policy.termsVersion !== '' && request.terms !== policy.termsVersion)
    wrong('terms', `the terms of service, version ${policy.termsVersion}, have to be accepted`);
  if (request.channel !== '' && channel === null)
    wrong('channel', 'is none of ours: leave it out, or look at the link');
  return [...issues, ...countryIssues(request, policy, channel)];
}

function nameIssues({ name }: RegistrationRequest): FieldIssue[] {
  const message = NAME.test(name)
    ? RESERVED.has(name) && `"${name}" is reserved: choose another`
    : 'needs 3 to 32 lower-case letters, digits and "-", beginning with a letter';
  return message === false ? [] : [{ field: 'name', message }];
}

function emailIssues(
  { email }: RegistrationRequest,
  { allowedDomains: allow, refusedDomains: deny }: RegistrationPolicy,
  channel: RegistrationChannel | null,
): FieldIssue[] {
  const domain = addressDomain(email);
  if (domain === undefined) return [{ field: 'email', message: 'is no e-mail address such as anna@example.org' }];
  const levels = [...(channel === null ? [] : [channel.emailDomains]), { allow, deny }];
  return isDomainWelcome(domain, levels)
    ? []
    : [{ field: 'email', message: 'addresses of this domain are not taken here' }];
}

function countryIssues(
  { country }: RegistrationRequest,
  { allowedCountries: allow, refusedCountries: deny }: RegistrationPolicy,
  channel: RegistrationChannel | null,
): FieldIssue[] {
  const levels = [...(channel === null ? [] : [channel.countries]), { allow, deny }];
  const message = (text: string): FieldIssue[] => [{ field: 'country', message: text }];
  if (country !== '' && !/^[A-Za-z]{2}$/.test(country))
    return message('is no ISO 3166-1 code of two letters such as DE');
  if (levels.every((level) => level.allow.length === 0 && level.deny.length === 0)) return [];
  if (country === '') return message('has to be named, by an ISO 3166-1 code such as DE');
  const isListed = (list: readonly string[]) => list.some((one) => one.toUpperCase() === country.toUpperCase());
  return isWelcome(levels, isListed) ? [] : message('customers of this country are not taken here');
}
