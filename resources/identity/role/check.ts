import type { SpecIssue } from '../../../reconciler/kind.ts';
import { type Authority, PROVIDER_AUTHORITIES } from './authorities.ts';
import type { RoleSpec } from './kind.ts';

/** Authorities that mean nothing without one of these. */
const NEEDS: Partial<Record<Authority, readonly Authority[]>> = {
  FINANCE_CRUD: ['ACCOUNT_CRUD', 'ACCOUNT_MGMT'],
  USER_CRUD: ['ACCOUNT_CRUD', 'ACCOUNT_MGMT'],
  PROFILE_CRUD: ['CONFIGURATION_CRUD'],
  MASQUERADE: ['ACCOUNT_MGMT'],
  PROJECT_ADMIN: ['PROJECT_RESOURCES', 'PROJECT_READ'],
};

/** Pure: which combinations are roles. */
export function checkRole({ side, authorities, rules }: RoleSpec): SpecIssue[] {
  const has = new Set<Authority>(authorities);
  const missing = (what: string) => ({ path: '/authorities', message: what });
  const issues: SpecIssue[] = [];
  if (side !== 'project' && !has.has('USER'))
    issues.push(missing('needs USER: every role of a person who signs in has it.'));
  if (side === 'provider' && !has.has('ACCOUNT_MGMT'))
    issues.push(missing('needs ACCOUNT_MGMT: every role of the provider has it.'));
  for (const [authority, others] of Object.entries(NEEDS)) {
    if (has.has(authority as Authority) && !others.some((other) => has.has(other)))
      issues.push(missing(`has ${authority}, which needs ${others.join(' or ')} beside it.`));
  }
  if (side === 'provider') return issues;
  for (const authority of authorities.filter((one) => PROVIDER_AUTHORITIES.includes(one)))
    issues.push(missing(`has ${authority}, which only roles with side: provider may have.`));
  for (const [index, { scope }] of rules.entries())
    if (scope === 'all' || scope === 'channel')
      issues.push({
        path: `/rules/${index}/scope`,
        message: `is "${scope}", which only roles with side: provider may have.`,
      });
  return issues;
}
