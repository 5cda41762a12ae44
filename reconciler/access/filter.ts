import type { StoredObject } from '../object.ts';
import { type Access, grants, hasLabels, ownership, type Reach, type Statement, unlimited } from './access.ts';
import { plainVerb, type Verb } from './rule.ts';

/** Which objects of a kind somebody may see: those that fit one of the clauses. None fits the empty filter. */
export type Filter = readonly Clause[];

/** All that is present must hold. */
export interface Clause {
  projects?: readonly string[];
  /** Things without a project, by the account that their spec names. */
  accounts?: readonly string[];
  names?: readonly string[];
  /** By the user that the spec names. */
  users?: readonly string[];
  createdBy?: string;
  labels?: Readonly<Record<string, string>>;
  public?: boolean;
}

/** Pure: what a list of the kind shows. Null: everything. */
export function visible(
  access: Access,
  kind: { kind: string; scope: 'global' | 'project' },
  verb: Verb = 'get',
): Filter | null {
  if (access.root) return null;
  const plain = plainVerb(verb);
  if (!unlimited(access, plain, kind.kind)) return [];
  const fitting = access.statements.filter(({ rule }) => grants(rule, plain, kind.kind));
  const everywhere = ({ reach }: Statement) =>
    reach.kind === 'all' || (reach.kind === 'public' && kind.scope === 'global');
  const unbounded = fitting.some((statement) => everywhere(statement) && statement.rule.selector === undefined);
  if (unbounded) return access.within === null ? null : inside(access.within, kind);
  const clauses = merged(fitting.flatMap((statement) => clausesOf(statement, kind)));
  const { within } = access;
  if (within === null) return clauses;
  return kind.scope === 'global' ? [] : clauses.flatMap((clause) => narrowed(clause, within));
}

function inside(projects: readonly string[], kind: { scope: 'global' | 'project' }): Filter {
  return kind.scope === 'project' ? [{ projects }] : [];
}

function narrowed(clause: Clause, within: readonly string[]): Clause[] {
  const projects = clause.projects?.filter((project) => within.includes(project)) ?? within;
  return projects.length > 0 ? [{ ...clause, projects }] : [];
}

function clausesOf({ rule, reach }: Statement, kind: { kind: string; scope: 'global' | 'project' }): Clause[] {
  const labels = rule.selector === undefined ? {} : { labels: rule.selector };
  return placesOf(reach, kind).map((clause) => ({ ...clause, ...labels }));
}

function placesOf(reach: Reach, { kind, scope }: { kind: string; scope: 'global' | 'project' }): Clause[] {
  if (reach.kind === 'all') return [{}];
  if (reach.kind === 'public') return scope === 'global' ? [{}] : [{ public: true }];
  const { accounts, projects, own } = reach;
  const made = own === null ? {} : { createdBy: own.actor };
  const named = own === null ? [] : [kind === 'User' ? { names: [own.user] } : { users: [own.user] }];
  if (scope === 'project') return projects.length > 0 ? [{ projects, ...made }] : [];
  const ofAccounts: Clause[] = accounts.length === 0 ? [] : [kind === 'Account' ? { names: accounts } : { accounts }];
  const ofProjects: Clause[] = kind === 'Project' && projects.length > 0 ? [{ names: projects }] : [];
  return [...[...ofAccounts, ...ofProjects].map((clause) => ({ ...clause, ...made })), ...named];
}

/** Clauses that differ in one list only become one, so that many roles cost no more than one. */
function merged(clauses: readonly Clause[]): Clause[] {
  const byShape = new Map<string, Clause>();
  for (const clause of clauses) {
    const { projects, accounts, names, users, ...rest } = clause;
    const lists = { projects, accounts, names, users };
    const present = Object.entries(lists).filter(([, list]) => list !== undefined);
    const shape = JSON.stringify([present.map(([name]) => name), rest]);
    const before = byShape.get(shape);
    const joined = present.map(([name, list]) => {
      const earlier = before?.[name as keyof typeof lists] ?? [];
      return [name, [...new Set([...earlier, ...(list ?? [])])]];
    });
    byShape.set(shape, { ...rest, ...Object.fromEntries(joined) });
  }
  return [...byShape.values()];
}

/** Whether an object fits the filter, as the store's lists decide it. */
export function fits(filter: Filter, object: StoredObject): boolean {
  const { metadata } = object;
  const { account, user } = ownership({
    kind: object.kind,
    name: metadata.name,
    project: metadata.project,
    spec: object.spec,
  });
  return filter.some(
    (clause) =>
      (clause.projects === undefined || (metadata.project !== null && clause.projects.includes(metadata.project))) &&
      (clause.accounts === undefined || (account != null && clause.accounts.includes(account))) &&
      (clause.names === undefined || clause.names.includes(metadata.name)) &&
      (clause.users === undefined || (user != null && clause.users.includes(user))) &&
      (clause.createdBy === undefined || clause.createdBy === metadata.createdBy) &&
      (clause.public !== true || metadata.sharing === 'public') &&
      hasLabels(metadata.labels, clause.labels),
  );
}
