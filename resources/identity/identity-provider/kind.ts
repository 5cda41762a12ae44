import { z } from 'zod';
import { ref, secret } from '../../../reconciler/field-meta.ts';
import { defineKind, type SpecIssue } from '../../../reconciler/kind.ts';
import { cell, displayName } from '../../schema.ts';
import { roleGrant } from '../role-grant.ts';
import { reportIdentityProvider } from './report.ts';

const attribute = (name: string) =>
  z
    .string()
    .regex(/^[A-Za-z0-9:._/-]{1,255}$/, 'name of an attribute')
    .default(name);

const ldap = z.object({
  urls: z
    .array(z.string().regex(/^ldaps?:\/\/[^\s/]+$/, 'ldap://host:389 or ldaps://host:636'))
    .min(1)
    .max(8)
    .describe('Servers, asked in this order.'),
  startTls: z.boolean().default(true).describe('Encrypt ldap:// connections before anything is said.'),
  ca: z.string().max(65_536).optional().describe('Certificates that are trusted, PEM; without: those of the system.'),
  bindDn: z.string().max(512).optional().describe('Who searches for people; without: nobody in particular.'),
  bindPassword: secret(1_024).optional().describe('Password of bindDn.'),
  baseDn: z.string().min(1).max(512).describe('Below which people are searched.'),
  userFilter: z.string().max(512).default('(objectClass=person)').describe('What is a person there.'),
  nameAttribute: attribute('uid').describe('Holds the name by which one signs in; sAMAccountName in Active Directory.'),
  idAttribute: attribute('entryUUID').describe('Names a person for ever; objectGUID in Active Directory.'),
  emailAttribute: attribute('mail').describe('Holds the e-mail address.'),
  displayNameAttribute: attribute('cn').describe('Holds the name for people.'),
  groupAttribute: attribute('memberOf').describe('Names the groups of a person.'),
});

const oidc = z.object({
  issuer: z.url().max(512).describe('Address of the issuer; its discovery document lies below it.'),
  clientId: z.string().min(1).max(256).describe('What the issuer calls this installation.'),
  clientSecret: secret(1_024).optional().describe('Secret that goes with clientId.'),
  scopes: z
    .array(z.string().regex(/^[\x21\x23-\x5B\x5D-\x7E]{1,64}$/, 'a scope'))
    .max(32)
    .default(['openid', 'email', 'profile'])
    .describe('What is asked for.'),
  nameClaim: attribute('preferred_username').describe('Holds the name by which one signs in.'),
  groupsClaim: attribute('groups').describe('Names the groups of a person.'),
});

const saml = z.object({
  entryPoint: z.url().max(512).describe('Address of the single sign-on service (HTTP-Redirect).'),
  issuer: z.string().min(1).max(512).describe('Entity id of the identity provider.'),
  certificates: z
    .array(z.string().min(64).max(8_192))
    .min(1)
    .max(4)
    .describe('Certificates that sign its assertions, PEM; two while they change.'),
  encryption: z
    .object({
      key: secret(16_384).describe('Private key of ours that opens them: RSA, PEM.'),
      certificate: z
        .string()
        .min(64)
        .max(8_192)
        .describe('Certificate of that key, PEM; our metadata shows it to the provider.'),
    })
    .optional()
    .describe('For assertions that the provider encrypts.'),
  nameAttribute: attribute('uid').describe('Holds the name by which one signs in.'),
  emailAttribute: attribute('email').describe('Holds the e-mail address.'),
  displayNameAttribute: attribute('displayName').describe('Holds the name for people.'),
  groupsAttribute: attribute('groups').describe('Names the groups of a person.'),
});

const spec = z.object({
  displayName: displayName(),
  type: z.enum(['ldap', 'oidc', 'saml']).meta({ update: 'immutable' }).describe('How it is asked.'),
  suspended: z.boolean().default(false).meta({ update: 'live' }).describe('Nobody signs in by it while this is set.'),
  ldap: ldap.optional().meta({ update: 'live' }).describe('A directory: LDAP, Active Directory.'),
  oidc: oidc.optional().meta({ update: 'live' }).describe('OpenID Connect.'),
  saml: saml.optional().meta({ update: 'live' }).describe('SAML 2.0.'),
  provision: z
    .object({
      account: ref('Account').describe('Account of people who come for the first time.'),
      roles: z.array(roleGrant()).max(64).default([]).describe('Roles of people who come for the first time.'),
    })
    .optional()
    .meta({ update: 'live' })
    .describe(
      'Makes a User of whoever comes for the first time. Without: only Users that name this provider may come.',
    ),
  groupRoles: z
    .array(roleGrant().extend({ group: z.string().min(1).max(512).describe('Name or DN of the group.') }))
    .max(256)
    .default([])
    .meta({ update: 'live' })
    .describe('Roles that groups stand for; with any, they replace the roles of a user at each sign-in.'),
});

const status = z.object({
  sessionsFrom: z
    .int()
    .optional()
    .describe('Generation since which sessions count: those of earlier ones ended when it was suspended.'),
});

export type IdentityProviderSpec = z.output<typeof spec>;
export type IdentityProviderStatus = z.output<typeof status>;

/** Another house that knows who somebody is. */
export const IdentityProvider = defineKind({
  kind: 'IdentityProvider',
  plural: 'identityProviders',
  group: 'identity',
  scope: 'global',
  shortNames: ['idp'],
  description: 'Another house that answers for people: LDAP or Active Directory, OpenID Connect, SAML.',
  spec,
  status,
  conditions: [],
  columns: [
    { header: 'TYPE', value: (provider) => cell(provider.spec.type) },
    { header: 'DISPLAY NAME', value: (provider) => cell(provider.spec.displayName) },
  ],
  report: reportIdentityProvider,
  check: ({ spec: wished }) => sectionIssues(wished),
  example: {
    apiVersion: 'steward/v1',
    kind: 'IdentityProvider',
    metadata: { name: 'corp' },
    spec: {
      type: 'ldap',
      displayName: 'Staff of Acme',
      ldap: { urls: ['ldaps://ldap.acme.example:636'], baseDn: 'ou=people,dc=acme,dc=example' },
      groupRoles: [{ group: 'cn=ops,ou=groups,dc=acme,dc=example', role: 'power-user', account: 'default' }],
    },
  },
});

function sectionIssues(wished: IdentityProviderSpec): SpecIssue[] {
  const sections = (['ldap', 'oidc', 'saml'] as const).flatMap((type) => {
    const given = wished[type] !== undefined;
    if (given === (wished.type === type)) return [];
    const message = given
      ? `is for the type ${type}; this provider is of type ${wished.type}`
      : `is missing; the type ${type} needs it`;
    return [{ path: `/${type}`, message }];
  });
  return [...sections, ...clearIssues(wished)];
}

/** Passwords travel encrypted, but for a directory on this very machine. */
function clearIssues({ ldap: wished }: IdentityProviderSpec): SpecIssue[] {
  if (!wished || wished.startTls) return [];
  return wished.urls.flatMap((url, index) => {
    if (url.startsWith('ldaps:') || /^ldap:\/\/(127\.0\.0\.1|\[::1\]|localhost)(:\d+)?$/.test(url)) return [];
    const message = `${url} would send passwords unencrypted: use ldaps:// or startTls`;
    return [{ path: `/ldap/urls/${index}`, message }];
  });
}
