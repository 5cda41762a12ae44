import type { RegistrationPolicy } from './policy.ts';

export interface RegistrationRequest {
  /** Name to sign in by, which becomes the account's name too. */
  name: string;
  email: string;
  displayName: string;
  currency: string;
  /** Version of the terms that was accepted, or empty. */
  terms: string;
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
const EMAIL =
  /^[^\s@"<>()[\],;:\\]{1,64}@([a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?(?:\.[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?)+)$/i;
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

/** Pure: everything that is wrong with a request, at once. */
export function registrationIssues(
  request: RegistrationRequest,
  policy: RegistrationPolicy,
  { assisted }: RegistrationMode,
): FieldIssue[] {
  const issues: FieldIssue[] = [];
  if (!NAME.test(request.name))
    issues.push({
      field: 'name',
      message: 'needs 3 to 32 lower-case letters, digits and "-", beginning with a letter',
    });
  else if (RESERVED.has(request.name))
    issues.push({ field: 'name', message: `"${request.name}" is reserved: choose another` });
  const domain = EMAIL.exec(request.email)?.[1]?.toLowerCase();
  if (domain === undefined || request.email.length > 254)
    issues.push({ field: 'email', message: 'is no e-mail address such as anna@example.org' });
  else if (!isDomainAllowed(domain, policy))
    issues.push({ field: 'email', message: 'addresses of this domain are not taken here' });
  if (request.displayName.length > 200) issues.push({ field: 'displayName', message: 'has more than 200 characters' });
  if (!/^[A-Z]{3}$/.test(request.currency))
    issues.push({ field: 'currency', message: 'is no ISO 4217 code such as EUR' });
  if (!assisted && policy.termsVersion !== '' && request.terms !== policy.termsVersion)
    issues.push({
      field: 'terms',
      message: `the terms of service, version ${policy.termsVersion}, have to be accepted`,
    });
  return issues;
}

/** The white list, unless it is empty, is the only one that counts. A domain stands for those below it too; capitals do not matter. */
export function isDomainAllowed(
  domain: string,
  { allowedDomains, refusedDomains }: Pick<RegistrationPolicy, 'allowedDomains' | 'refusedDomains'>,
): boolean {
  const within = (list: readonly string[]) =>
    list.some((listed) => `.${domain.toLowerCase()}`.endsWith(`.${listed.toLowerCase()}`));
  return allowedDomains.length > 0 ? within(allowedDomains) : !within(refusedDomains);
}
