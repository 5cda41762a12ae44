import type { ManifestInput } from '../../../reconciler/admission/manifest.ts';
import type { Authority } from './authorities.ts';
import type { RoleSpec } from './kind.ts';

interface Profile {
  displayName: string;
  side: RoleSpec['side'];
  authorities: readonly Authority[];
  rules?: RoleSpec['rules'];
}

/** The roles that every installation has. */
export const PROFILES: Readonly<Record<string, Profile>> = {
  root: {
    displayName: 'Root',
    side: 'provider',
    authorities: ['USER', 'ACCOUNT_MGMT'],
    rules: [{ verbs: ['*'], kinds: ['*'], scope: 'all' }],
  },
  'ops-admin': {
    displayName: 'Operations administrator',
    side: 'provider',
    authorities: ['USER', 'ACCOUNT_MGMT', 'OPERATIONS', 'OPS_COMMUNICATION', 'CONFIGURATION_CRUD', 'REPORTING_ADMIN'],
  },
  'finance-admin': {
    displayName: 'Finance administrator',
    side: 'provider',
    authorities: ['USER', 'ACCOUNT_MGMT', 'FINANCE_CRUD', 'REPORTING_ADMIN'],
  },
  'sales-support': {
    displayName: 'Sales support',
    side: 'provider',
    authorities: ['USER', 'ACCOUNT_MGMT', 'ACCOUNT_CRUD', 'USER_CRUD', 'TICKET_MANAGEMENT', 'MASQUERADE'],
  },
  'help-desk': {
    displayName: 'Help desk',
    side: 'provider',
    authorities: ['USER', 'ACCOUNT_MGMT', 'TICKET_MANAGEMENT', 'MASQUERADE'],
  },
  'product-manager': {
    displayName: 'Product manager',
    side: 'provider',
    authorities: ['USER', 'ACCOUNT_MGMT', 'PRODUCT_CRUD', 'REPORTING_ADMIN'],
  },
  'master-user': {
    displayName: 'Account owner',
    side: 'customer',
    authorities: [
      'USER',
      'ACCOUNT_ADMIN',
      'ACCOUNT_USER_CRUD',
      'ACCOUNT_BILLING_ADMIN',
      'ACCOUNT_RESOURCES',
      'OWN_RESOURCES',
      'PROJECT_RESOURCES',
      'PROJECT_ADMIN',
      'TENANT_TICKET_MANAGEMENT',
      'USER_TICKET_MANAGEMENT',
    ],
  },
  'billing-admin': {
    displayName: 'Billing administrator',
    side: 'customer',
    authorities: ['USER', 'ACCOUNT_BILLING_ADMIN', 'USER_TICKET_MANAGEMENT'],
  },
  'power-user': {
    displayName: 'Power user',
    side: 'customer',
    authorities: ['USER', 'ACCOUNT_RESOURCES', 'SPL_USER_TICKET_MANAGEMENT', 'USER_TICKET_MANAGEMENT'],
  },
  user: { displayName: 'User', side: 'customer', authorities: ['USER', 'OWN_RESOURCES', 'USER_TICKET_MANAGEMENT'] },
  'project-admin': {
    displayName: 'Project administrator',
    side: 'project',
    authorities: ['PROJECT_RESOURCES', 'PROJECT_ADMIN'],
  },
  'project-member': { displayName: 'Project member', side: 'project', authorities: ['PROJECT_RESOURCES'] },
  'project-viewer': { displayName: 'Project viewer', side: 'project', authorities: ['PROJECT_READ'] },
};

/** The predefined roles as manifests: protected, and as this version has them after every start. */
export function profileManifests(): ManifestInput[] {
  return Object.entries(PROFILES).map(([name, { displayName, side, authorities, rules = [] }]) => ({
    kind: 'Role',
    metadata: { name, deleteProtection: true, labels: { 'steward.io/predefined': 'true' } },
    spec: { displayName, side, authorities: [...authorities], rules: [...rules] } as ManifestInput['spec'],
  }));
}
