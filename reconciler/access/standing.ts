import type { Reach, Statement } from './access.ts';
import type { Rule, Scope } from './rule.ts';

/** Where a person stands: what the scopes of roles mean for one. */
export interface Standing {
  /** `user:anna` */
  actor: string;
  user: string;
  account: string | null;
  /** Projects of the account. */
  accountProjects: readonly string[];
  /** Projects that the person is a member of, with the roles there. */
  memberships: readonly { project: string; roles: readonly string[] }[];
  /** The account's channel: its accounts, and their projects. Null unless a role asks for it. */
  channel: { accounts: readonly string[]; projects: readonly string[] } | null;
}

/** Pure: the rules of a role that a person has everywhere. */
export function statementsOf(role: { name: string; rules: readonly Rule[] }, standing: Standing): Statement[] {
  return role.rules.map((rule) => ({ role: role.name, rule, reach: reachOf(rule.scope, standing) }));
}

/** Pure: the rules of a role that a person has in one project: nothing of them goes beyond it. */
export function memberStatements(
  role: { name: string; rules: readonly Rule[] },
  { actor, user }: Pick<Standing, 'actor' | 'user'>,
  project: string,
): Statement[] {
  const own = { actor, user };
  return role.rules.map((rule) => ({
    role: role.name,
    rule,
    reach:
      rule.scope === 'public'
        ? { kind: 'public' }
        : { kind: 'some', accounts: [], projects: [project], own: rule.scope === 'own' ? own : null },
  }));
}

function reachOf(scope: Scope, { actor, user, account, accountProjects, memberships, channel }: Standing): Reach {
  const accounts = account === null ? [] : [account];
  const members = memberships.map(({ project }) => project);
  switch (scope) {
    case 'all':
      return { kind: 'all' };
    case 'public':
      return { kind: 'public' };
    case 'own':
      return { kind: 'some', accounts, projects: [...new Set([...accountProjects, ...members])], own: { actor, user } };
    case 'project':
      return { kind: 'some', accounts: [], projects: members, own: null };
    case 'account':
      return { kind: 'some', accounts, projects: accountProjects, own: null };
    case 'channel':
      return {
        kind: 'some',
        accounts: channel?.accounts ?? accounts,
        projects: channel?.projects ?? accountProjects,
        own: null,
      };
  }
}
