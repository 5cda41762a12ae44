import type { Clock } from '../clock.ts';
import type { ObjectKey, StoredObject } from '../object.ts';
import type { Principal } from '../principal.ts';
import type { ObjectStore } from '../store.ts';
import { type Access, EVERYTHING, type Limit, NOTHING, type Statement } from './access.ts';
import type { Rule } from './rule.ts';
import { memberStatements, type Standing, statementsOf } from './standing.ts';

/** What people may do, from the roles, memberships and accounts in the store. */
export interface Rights {
  /** `fresh`: read now, as every change is judged; otherwise as it stood at most `KEPT_MS` ago. */
  of(principal: Principal, options?: { fresh?: boolean }): Promise<Access>;
  /** What a user as it stands, or would stand, may do. */
  ofUser(user: StoredObject): Promise<Statement[]>;
  /** What the members of a project get of their roles there. */
  ofMembers(project: StoredObject): Promise<Statement[]>;
  /** What a role, as it would stand, lets its holders do who stand where this user stands; null: the principal is no user. */
  ofRole(role: StoredObject, principal: Principal): Promise<Statement[] | null>;
  /** Something that rights are made of has changed. */
  forget(): void;
}

export interface RightsOptions {
  store: Pick<ObjectStore, 'getByKey' | 'list'>;
  /** Name of an authority → what it allows. */
  authorities: Readonly<Record<string, readonly Rule[]>>;
  clock: Pick<Clock, 'now'>;
}

/** Kinds that rights are made of. */
export const RIGHTS_KINDS = ['User', 'Role', 'Project', 'Account', 'ApiKey', 'Source'] as const;

/** Longest time for which another instance's change of roles may go unnoticed by reads here. */
const KEPT_MS = 5_000;
const KEPT_MAX = 10_000;
const PAGE = 500;
/** Projects of one account or channel; beyond it a role with that scope is refused, rather than cut short. */
const REACH_MAX = 20_000;
const SOURCE_DEPTH_MAX = 4;

export function createRights(options: RightsOptions): Rights {
  const kept = new Map<string, { access: Promise<Access>; at: number }>();
  const load = async (principal: Principal): Promise<Access> => {
    const { authentication, actor } = principal;
    if (authentication) return ofPerson(options, authentication.user, authentication.scopes);
    return actor.startsWith('source:') ? ofSource(options, actor, SOURCE_DEPTH_MAX) : EVERYTHING;
  };
  return {
    of: async (principal, { fresh = false } = {}) => {
      if (principal.access) return principal.access;
      if (!principal.authentication && !principal.actor.startsWith('source:')) return EVERYTHING;
      const name = JSON.stringify([principal.actor, principal.authentication?.user, principal.authentication?.scopes]);
      const now = options.clock.now();
      const known = kept.get(name);
      if (known && !fresh && now - known.at < KEPT_MS) return known.access;
      const access = load(principal);
      kept.delete(name);
      kept.set(name, { access, at: now });
      const [oldest] = kept.keys();
      if (kept.size > KEPT_MAX && oldest !== undefined) kept.delete(oldest);
      access.catch(() => kept.delete(name));
      return access;
    },
    ofUser: async (user) => statementsOfUser(options, user),
    ofMembers: async (project) => statementsOfMembers(options, project),
    ofRole: async (role, principal) => {
      const name = principal.authentication?.user;
      const user = name === undefined ? undefined : await one(options.store, userKey(name));
      if (!user) return null;
      const rules = rulesOf(options, role);
      return statementsOf({ name: role.metadata.name, rules }, await standingOf(options, user, rules));
    },
    forget: () => kept.clear(),
  };
}

async function ofPerson(options: RightsOptions, name: string, scopes: readonly string[] | null): Promise<Access> {
  const user = await one(options.store, userKey(name));
  if (!user || !isActive(user)) return NOTHING;
  return {
    root: false,
    statements: await statementsOfUser(options, user),
    limits: scopes === null ? null : scopes.map(limitOf),
    within: null,
    refused: [],
  };
}

/** `get:*`, `*:VirtualMachine`, `create:Volume`. */
function limitOf(scope: string): Limit {
  const [verb = '', kind = '*'] = scope.split(':');
  return { verb, kind };
}

async function statementsOfUser(options: RightsOptions, user: StoredObject): Promise<Statement[]> {
  const roles = await rolesNamed(options, texts(user.spec.roles));
  const standing = await standingOf(
    options,
    user,
    roles.flatMap(({ rules }) => rules),
  );
  const named = new Map(
    (
      await rolesNamed(
        options,
        standing.memberships.flatMap((m) => m.roles),
      )
    ).map((r) => [r.name, r]),
  );
  const memberships = standing.memberships.flatMap(({ project, roles: names }) =>
    names.flatMap((name) => {
      const role = named.get(name);
      return role ? memberStatements(role, standing, project) : [];
    }),
  );
  return [...roles.flatMap((role) => statementsOf(role, standing)), ...memberships];
}

async function statementsOfMembers(options: RightsOptions, project: StoredObject): Promise<Statement[]> {
  const members = membersOf(project);
  const roles = await rolesNamed(
    options,
    members.flatMap((member) => member.roles),
  );
  return roles.flatMap((role) => memberStatements(role, { actor: '', user: '' }, project.metadata.name));
}

async function standingOf(options: RightsOptions, user: StoredObject, rules: readonly Rule[]): Promise<Standing> {
  const { store } = options;
  const account = typeof user.spec.account === 'string' ? user.spec.account : null;
  const wide = rules.some(({ scope }) => scope === 'channel');
  const [paying, joined] = await Promise.all([
    account === null ? undefined : one(store, { kind: 'Account', project: null, name: account }),
    user.metadata.uid === '' ? [] : referring(store, 'Project', user.metadata.uid),
  ]);
  const projects = paying ? await referring(store, 'Project', paying.metadata.uid) : [];
  const name = user.metadata.name;
  return {
    actor: `user:${name}`,
    user: name,
    account: paying ? account : null,
    accountProjects: projects.filter(({ spec }) => spec.account === account).map(({ metadata }) => metadata.name),
    memberships: joined.map((project) => ({
      project: project.metadata.name,
      roles: membersOf(project).flatMap((member) => (member.user === name ? member.roles : [])),
    })),
    channel: wide && paying ? await channelOf(store, paying) : null,
  };
}

async function channelOf(store: RightsOptions['store'], { spec }: StoredObject): Promise<Standing['channel']> {
  const name = typeof spec.channel === 'string' ? spec.channel : null;
  const channel = name === null ? undefined : await one(store, { kind: 'Channel', project: null, name });
  if (!channel) return null;
  const accounts = (await referring(store, 'Account', channel.metadata.uid)).filter((one) => one.spec.channel === name);
  const projects: string[] = [];
  for (const { metadata } of accounts) {
    const some = await referring(store, 'Project', metadata.uid);
    projects.push(...some.filter((one) => one.spec.account === metadata.name).map((one) => one.metadata.name));
    if (projects.length > REACH_MAX) throw tooWide(name as string);
  }
  return { accounts: accounts.map(({ metadata }) => metadata.name), projects };
}

/** A source acts with the rights of whoever made it, and only in its own project, unless the administrator made it. */
async function ofSource(options: RightsOptions, actor: string, depth: number): Promise<Access> {
  const [project, name] = actor.slice('source:'.length).split('/');
  if (project === undefined || name === undefined || depth === 0) return NOTHING;
  const source = await one(options.store, { kind: 'Source', project, name });
  if (!source) return NOTHING;
  const { createdBy } = source.metadata;
  if (createdBy.startsWith('source:')) return ofSource(options, createdBy, depth - 1);
  const user = await personBehind(options.store, createdBy);
  if (user === null) return EVERYTHING;
  const access = user === undefined ? NOTHING : await ofPerson(options, user, null);
  return { ...access, within: [project] };
}

/** Name of the user behind an actor; null: the system or its administrator; undefined: somebody who is gone. */
async function personBehind(store: RightsOptions['store'], actor: string): Promise<string | null | undefined> {
  const [sort, name = ''] = actor.split(':');
  if (sort === 'user') return name;
  if (sort !== 'key') return null;
  const key = await one(store, { kind: 'ApiKey', project: null, name });
  return typeof key?.spec.user === 'string' ? key.spec.user : undefined;
}

async function rolesNamed(
  options: RightsOptions,
  names: readonly string[],
): Promise<{ name: string; rules: readonly Rule[] }[]> {
  const distinct = [...new Set(names)];
  if (distinct.length === 0) return [];
  const found = await options.store.getByKey(distinct.map((name) => ({ kind: 'Role', project: null, name })));
  return found.flatMap((role) =>
    role && role.metadata.deletedAt === null ? [{ name: role.metadata.name, rules: rulesOf(options, role) }] : [],
  );
}

/** The rules of a role: those of its authorities, and its own. */
function rulesOf({ authorities }: RightsOptions, { spec }: StoredObject): Rule[] {
  const own = Array.isArray(spec.rules) ? (spec.rules as unknown as Rule[]) : [];
  return [...texts(spec.authorities).flatMap((name) => authorities[name] ?? []), ...own];
}

/** Members of a project, as its spec says them. */
export function membersOf({ spec }: Pick<StoredObject, 'spec'>): { user: string; roles: readonly string[] }[] {
  const members = Array.isArray(spec.members) ? spec.members : [];
  return members.flatMap((member) => {
    if (member === null || typeof member !== 'object' || Array.isArray(member)) return [];
    return typeof member.user === 'string' ? [{ user: member.user, roles: texts(member.roles) }] : [];
  });
}

export function rolesOf({ spec }: Pick<StoredObject, 'spec'>): string[] {
  return texts(spec.roles);
}

function isActive({ metadata, spec }: StoredObject): boolean {
  return metadata.deletedAt === null && spec.disabled !== true;
}

function texts(value: unknown): string[] {
  return Array.isArray(value) ? value.filter((one) => typeof one === 'string') : [];
}

function userKey(name: string): ObjectKey {
  return { kind: 'User', project: null, name };
}

async function one(store: RightsOptions['store'], key: ObjectKey): Promise<StoredObject | undefined> {
  return (await store.getByKey([key]))[0];
}

async function referring(store: RightsOptions['store'], kind: string, uid: string): Promise<StoredObject[]> {
  const found: StoredObject[] = [];
  for (let after: string | undefined; ; ) {
    const page = await store.list({ kind, refersTo: uid, orderBy: 'name', limit: PAGE, ...(after && { after }) });
    found.push(...page.items.map(({ object }) => object));
    after = page.items.at(-1)?.cursor;
    if (!page.hasMore || after === undefined) return found;
    if (found.length > REACH_MAX) throw tooWide(kind);
  }
}

function tooWide(what: string): Error {
  return new Error(
    `More than ${REACH_MAX} things are in reach of one role (${what}). Give it the scope "all" instead.`,
  );
}
