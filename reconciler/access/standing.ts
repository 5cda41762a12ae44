import type { Reach, Statement } from './access.ts';
import type { Rule, Scope } from './rule.ts';

/** A role as a person has it: everywhere that its scopes reach from the own account, or only within one of these. */
export interface Grant {
  role: string;
  account?: string;
  project?: string;
  channel?: string;
}

export interface RoleRules {
  name: string;
  side: string;
  rules: readonly Rule[];
}

export interface Place {
  accounts: readonly string[];
  projects: readonly string[];
}

/** Where a person stands: what the scopes of roles mean for one. */
export interface Standing {
  /** Name of the User. */
  user: string;
  account: string | null;
  /** Projects that the person is a member of. */
  memberships: readonly string[];
  /** Each account that is asked about, with its projects. */
  accounts: ReadonlyMap<string, Place>;
  /** Each channel that is asked about, with its accounts and their projects. */
  channels: ReadonlyMap<string, Place>;
  /** Channel of the own account. */
  channel: string | null;
}

const NOWHERE: Place = { accounts: [], projects: [] };

/** Pure: what a person may do by one grant of a role. Nothing of a grant goes beyond what it is within. */
export function statementsOf(role: RoleRules, grant: Omit<Grant, 'role'>, standing: Standing): Statement[] {
  const bound = boundOf(grant, standing);
  return role.rules.map((rule) => ({
    role: role.name,
    side: role.side,
    rule,
    reach: bound === null ? reachOf(rule.scope, standing) : boundReach(rule.scope, bound, standing),
  }));
}

/** Actor of a person's writes, with whatever they are made: a session, a key. */
export function authorOf(principal: { actor: string; authentication?: { user: string } }): string {
  return principal.authentication ? `user:${principal.authentication.user}` : principal.actor;
}

function boundOf({ account, project, channel }: Omit<Grant, 'role'>, standing: Standing): Place | null {
  if (project !== undefined) return { accounts: [], projects: [project] };
  if (account !== undefined) return standing.accounts.get(account) ?? NOWHERE;
  return channel === undefined ? null : (standing.channels.get(channel) ?? NOWHERE);
}

function boundReach(scope: Scope, bound: Place, { user, memberships }: Standing): Reach {
  if (scope === 'public') return { kind: 'public' };
  // Within one project, whoever has the role there is a member.
  const single = bound.accounts.length === 0;
  const projects =
    scope === 'project' && !single ? bound.projects.filter((p) => memberships.includes(p)) : bound.projects;
  return { kind: 'some', ...bound, projects, own: scope === 'own' ? ownOf(user) : null };
}

function reachOf(scope: Scope, standing: Standing): Reach {
  const { user, account, memberships } = standing;
  const mine = (account === null ? undefined : standing.accounts.get(account)) ?? NOWHERE;
  switch (scope) {
    case 'all':
      return { kind: 'all' };
    case 'public':
      return { kind: 'public' };
    case 'own':
      return { kind: 'some', ...mine, projects: [...new Set([...mine.projects, ...memberships])], own: ownOf(user) };
    case 'project':
      return { kind: 'some', accounts: [], projects: memberships, own: null };
    case 'account':
      return { kind: 'some', ...mine, own: null };
    case 'channel': {
      const channel = standing.channel === null ? undefined : standing.channels.get(standing.channel);
      return { kind: 'some', ...(channel ?? mine), own: null };
    }
  }
}

function ownOf(user: string) {
  return { actor: `user:${user}`, user };
}
