import type { Rule, Scope, Verb } from '../../../reconciler/access/rule.ts';

/** What everybody chooses from: shown to all, changed by those who run the cloud. */
const OFFERED = ['Zone', 'ComputeOffering', 'DiskOffering'];
const SOLD = ['Channel', 'Catalog', 'Product', 'Bundle', 'RateCard', 'Meter', 'Campaign', 'AccountType'];
/** Machinery of the cloud that customers never see. */
const MACHINERY = ['Zone', 'Pod', 'Cluster', 'Host', 'StoragePool', 'ImageCopy'];
const OFFERINGS = ['ComputeOffering', 'DiskOffering'];
/** What people run in their projects. */
const RESOURCES = ['VirtualMachine', 'Volume', 'VolumeSnapshot', 'Network', 'Image', 'SshKey', 'Secret'];
const BOUGHT = ['Subscription', 'Budget'];
const PAID = ['PaymentMethod', 'Wallet', 'Adjustment'];
const BOOKS = [
  'Invoice',
  'CreditNote',
  'Payment',
  'LedgerEntry',
  'RatedLine',
  'UsageRecord',
  'Statement',
  'JournalEntry',
];
const MONEY_RULES = ['TaxRule', 'BillingPolicy', 'DunningPolicy', 'NumberSeries', 'ExchangeRate'];
const HISTORY = ['Event', 'Step'];
const PERSONAL = ['/displayName', '/email', '/locale', '/zone'];

const WRITE: readonly Verb[] = ['create', 'update', 'delete', 'request', 'override'];
const ALL: readonly Verb[] = ['get', 'use', ...WRITE];

function rule(verbs: readonly Verb[], kinds: readonly string[], scope: Scope, fields?: readonly string[]): Rule {
  return { verbs, kinds, scope, ...(fields && { fields }) };
}

function resources(scope: Scope): Rule[] {
  return [
    rule([...ALL, 'console'], ['VirtualMachine'], scope),
    rule(
      ALL,
      RESOURCES.filter((kind) => kind !== 'VirtualMachine'),
      scope,
    ),
    rule(['get', 'use'], ['Project'], scope === 'own' ? 'account' : scope),
  ];
}

/**
 * Authorities by name, in the words of the trade: the one table of verb × kind × scope. Roles are made of them, of further rules, or of
 * both. What no authority of a role allows is denied.
 */
export const AUTHORITIES = {
  /** What everybody needs who signs in. */
  USER: [
    rule(['get', 'use'], OFFERED, 'public'),
    rule(['get', 'use'], SOLD, 'public'),
    rule(['get', 'use'], ['Image', 'Network'], 'public'),
    rule(['get', 'use'], ['Account'], 'account'),
    rule(['get', 'use'], ['User'], 'own'),
    rule(['update'], ['User'], 'own', PERSONAL),
    rule(['get', 'create', 'update', 'delete'], ['ApiKey'], 'own'),
    rule(['get'], ['Masquerade'], 'account'),
    rule(['get'], HISTORY, 'account'),
  ],
  OWN_RESOURCES: [...resources('own'), rule(['get', 'use', 'create', 'update', 'delete'], ['Subscription'], 'own')],
  ACCOUNT_RESOURCES: [...resources('account'), rule([...ALL], BOUGHT, 'account')],
  PROJECT_RESOURCES: [...resources('project'), rule(['get', 'use'], BOUGHT, 'project')],
  PROJECT_READ: [rule(['get'], RESOURCES, 'project'), rule(['get'], ['Project'], 'project')],
  PROJECT_ADMIN: [
    rule(['get', 'update'], ['Project'], 'project', ['/displayName', '/members']),
    rule(['get', 'create', 'update', 'delete', 'override'], ['Source'], 'project'),
    rule(['get'], ['AuditEntry'], 'project'),
  ],
  ACCOUNT_ADMIN: [
    rule(['update'], ['Account'], 'account', ['/displayName', '/ownerEmail', '/language', '/zone', '/convertTo']),
    rule(ALL, ['Project'], 'account'),
    rule(['get', 'create', 'update', 'delete', 'override'], ['Source'], 'account'),
    rule(['get'], ['Quota', 'AuditEntry', 'Notification'], 'account'),
    rule(['delete'], ['Masquerade'], 'account'),
    rule(['get', 'use'], ['Role'], 'public'),
  ],
  ACCOUNT_USER_CRUD: [rule(['get', 'use', 'create', 'update', 'delete'], ['User'], 'account')],
  ACCOUNT_BILLING_ADMIN: [
    rule(['update'], ['Account'], 'account', [
      '/legalName',
      '/billingAddress',
      '/billingContact',
      '/taxId',
      '/purchaseOrder',
    ]),
    rule(['get', 'use', 'create', 'update', 'delete'], ['PaymentMethod', 'Budget'], 'account'),
    rule(['get'], ['Wallet', 'Adjustment', 'Subscription', 'Project'], 'account'),
    rule(['get'], [...BOOKS, 'Report', 'Notification'], 'account'),
  ],
  USER_TICKET_MANAGEMENT: [rule(['get', 'create', 'update'], ['Ticket'], 'own')],
  SPL_USER_TICKET_MANAGEMENT: [rule(['get', 'update'], ['Ticket'], 'account')],
  TENANT_TICKET_MANAGEMENT: [rule(ALL, ['Ticket'], 'account')],
  /** Every role of the provider's own people has it: customers and what they have, to look at. */
  ACCOUNT_MGMT: [
    rule(['get', 'use'], ['Account', 'Project', 'User', 'Quota', 'Domain', 'Masquerade'], 'all'),
    rule(['get'], [...RESOURCES, ...BOUGHT], 'all'),
    rule(['get'], [...HISTORY, 'AccountHistory', 'Notification'], 'all'),
  ],
  ACCOUNT_CRUD: [
    rule(WRITE, ['Account', 'Project', 'Domain', 'Quota'], 'all'),
    rule(['get', 'use', ...WRITE], ['Subscription'], 'all'),
    // Fixed when an account is made, so whoever makes it must be able to name it.
    rule(['get', 'use'], ['BillingPolicy'], 'all'),
  ],
  USER_CRUD: [
    rule(WRITE, ['User'], 'all'),
    rule(['get', 'delete'], ['ApiKey'], 'all'),
    rule(['create'], ['CustomerGrant'], 'all'),
    rule(['get', 'use'], ['Role'], 'public'),
  ],
  FINANCE_CRUD: [
    rule(ALL, [...PAID, ...MONEY_RULES], 'all'),
    rule(['get'], BOOKS, 'all'),
    rule(['update'], ['Account'], 'all', [
      '/creditLimit',
      '/type',
      '/billingPolicy',
      '/jurisdiction',
      '/taxId',
      '/convertTo',
    ]),
    rule(['create', 'delete'], ['AccountHold'], 'all'),
    rule(['create'], ['AccountApproval'], 'all'),
  ],
  PRODUCT_CRUD: [
    rule(WRITE, SOLD, 'all'),
    rule(['create', 'update', 'delete'], OFFERINGS, 'all'),
    // Types of accounts name what happens when nobody pays, and channels their numbers.
    rule(['get', 'use'], MONEY_RULES, 'all'),
  ],
  OPERATIONS: [
    rule(ALL, [...MACHINERY, ...OFFERINGS], 'all'),
    rule([...WRITE, 'use', 'console'], [...RESOURCES, 'Source'], 'all'),
    rule(['get'], ['Source', 'Capacity', 'Metrics', 'AuditEntry', 'JournalEntry'], 'all'),
    rule(['get', 'create'], ['File'], 'all'),
    rule(['use'], ['Adoption', 'ServerFolder'], 'all'),
  ],
  OPS_COMMUNICATION: [rule(ALL, ['Announcement', 'Maintenance', 'EmailTemplate'], 'all')],
  TICKET_MANAGEMENT: [rule(ALL, ['Ticket'], 'all')],
  MASQUERADE: [rule(['create', 'delete'], ['Masquerade'], 'all')],
  REPORTING_ADMIN: [rule(['get', 'create', 'delete'], ['Report'], 'all'), rule(ALL, ['ReportSchedule'], 'all')],
  PROFILE_CRUD: [rule(ALL, ['Role'], 'all')],
  CONFIGURATION_CRUD: [rule(ALL, ['Setting', 'IdentityProvider'], 'all'), rule(['get', 'use'], ['Role'], 'all')],
} as const satisfies Record<string, readonly Rule[]>;

export type Authority = keyof typeof AUTHORITIES;

export const AUTHORITY_NAMES = Object.keys(AUTHORITIES) as [Authority, ...Authority[]];

/** Authorities that only the provider's own people may have. */
export const PROVIDER_AUTHORITIES: readonly Authority[] = [
  'ACCOUNT_MGMT',
  'ACCOUNT_CRUD',
  'USER_CRUD',
  'FINANCE_CRUD',
  'PRODUCT_CRUD',
  'OPERATIONS',
  'OPS_COMMUNICATION',
  'TICKET_MANAGEMENT',
  'MASQUERADE',
  'REPORTING_ADMIN',
  'PROFILE_CRUD',
  'CONFIGURATION_CRUD',
];
