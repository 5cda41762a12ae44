import type { Clock } from '../clock.ts';
import type { ObjectKey, StoredObject } from '../object.ts';
import type { Principal } from '../principal.ts';
import type { ObjectStore } from '../store.ts';
import { type Access, allows, EVERYTHING, type Limit, NOTHING, type Statement } from './access.ts';
import { isCustomer, MASQUERADE_REFUSED, masqueradeFault } from './masquerade.ts';
import type { Rule } from './rule.ts';
import { type Grant, type Place, type RoleRules, type Standing, statementsOf } from './standing.ts';

/** What people may do, from the roles, memberships and accounts in the store. */
export interface Rights {
  /** `fresh`: read now, as every change is judged; otherwise as it stood at most `KEPT_MS` ago. */
  of(principal: Principal, options?: { fresh?: boolean }): Promise<Access>;
  /** What a user as it stands, or would stand, may do. */
  ofUser(user: StoredObject): Promise<Statement[]>;
  /** What the one may do who wrote something, by its `createdBy`. */
  ofAuthor(actor: string): Promise<Statement[]>;
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
export const RIGHTS_KINDS = [
  'User',
  'Role',
  'Project',
  'Account',
  'ApiKey',
  'Source',
  'Channel',
  'Masquerade',
] as const;

/** Longest time for which another instance's change of roles may go unnoticed by reads here. */
const KEPT_MS = 5_000;
const KEPT_MAX = 10_000;
const PAGE = 500;
/** Projects of one account or channel; beyond it a role with that scope is refused, rather than cut short. */
const REACH_MAX = 20_000;
const SOURCE_DEPTH_MAX = 4;

/** What the system itself may do, as a permission that only those have who may do everything. */
const WHOLE: Statement = {
  role: 'system',
  side: 'provider',
  rule: { verbs: ['*'], kinds: ['*'], scope: 'all' },
  reach: { kind: 'all' },
};

export function createRights(options: RightsOptions): Rights {
  const kept = new Map<string, { access: Promise<Access>; at: number }>();
  const load = async (principal: Principal): Promise<Access> => {
    const { authentication, actor } = principal;
    if (principal.masquerade !== undefined) return ofMasquerade(options, principal, principal.masquerade);
    if (authentication) return ofPerson(options, authentication.user, authentication.scopes);
    return actor.startsWith('source:') ? ofSource(options, actor, SOURCE_DEPTH_MAX) : EVERYTHING;
  };
  return {
    of: async (principal, { fresh = false } = {}) => {
      if (principal.access) return principal.access;
      if (!principal.authentication && !principal.actor.startsWith('source:')) return EVERYTHING;
      const { actor, authentication, masquerade } = principal;
      const name = JSON.stringify([actor, authentication?.user, authentication?.scopes, masquerade]);
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
    ofAuthor: async (actor) => {
      const name = await personBehind(options.store, actor);
      if (name === null) return [WHOLE];
      const user = name === undefined ? undefined : await one(options.store, userKey(name));
      return user ? statementsOfUser(options, user) : [];
    },
    ofMembers: async (project) => statementsOfMembers(options, project),
    ofRole: async (role, principal) => {
      const name = principal.authentication?.user;
      const user = name === undefined ? undefined : await one(options.store, userKey(name));
      if (!user) return null;
      const wished = rulesOf(options, role);
      return statementsOf(wished, {}, await standingOf(options, user, { grants: [], rules: wished.rules, joined: [] }));
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

/** What the customer may do but for what nobody does as somebody else, for as long as it lasts. */
async function ofMasquerade(
  options: RightsOptions,
  { actor, authentication }: Principal,
  name: string,
): Promise<Access> {
  const masquerade = await one(options.store, { kind: 'Masquerade', project: null, name });
  const fault = await masqueradeFault(options.store, masquerade, { actor, now: options.clock.now() });
  if (fault !== null || masquerade?.spec.user !== authentication?.user) return NOTHING;
  // It ends with the right to make one, and with whoever made it.
  const staff = await ofPerson(options, actor.replace(/^user:/, ''), null);
  const account = String(masquerade?.spec.account);
  if (!allows(staff, 'create', { kind: 'Masquerade', project: null, account })) return NOTHING;
  const access = await ofPerson(options, String(masquerade?.spec.user), null);
  return isCustomer(access.statements) ? { ...access, refused: MASQUERADE_REFUSED } : NOTHING;
}

/** `get:*`, `*:VirtualMachine`, `create:Volume`. */
function limitOf(scope: string): Limit {
  const [verb = '', kind = '*'] = scope.split(':');
  return { verb, kind };
}

async function statementsOfUser(options: RightsOptions, user: StoredObject): Promise<Statement[]> {
  const joined = user.metadata.uid === '' ? [] : await referring(options.store, 'Project', user.metadata.uid);
  const name = user.metadata.name;
  const member = joined.flatMap((project) =>
    membersOf(project).flatMap(({ user: one, roles }) =>
      one === name ? roles.map((role): Grant => ({ role, project: project.metadata.name })) : [],
    ),
  );
  const grants = [...grantsOf(user), ...member];
  const roles = await rolesNamed(
    options,
    grants.map(({ role }) => role),
  );
  const rules = [...roles.values()].flatMap((role) => role.rules);
  const standing = await standingOf(options, user, { grants, rules, joined });
  return grants.flatMap(({ role: name, ...within }) => {
    const role = roles.get(name);
    return role ? statementsOf(role, within, standing) : [];
  });
}

async function statementsOfMembers(options: RightsOptions, project: StoredObject): Promise<Statement[]> {
  const names = membersOf(project).flatMap((member) => member.roles);
  const roles = await rolesNamed(options, names);
  const nobody: Standing = {
    user: '',
    account: null,
    memberships: [],
    accounts: new Map(),
    channels: new Map(),
    channel: null,
  };
  return [...roles.values()].flatMap((role) => statementsOf(role, { project: project.metadata.name }, nobody));
}

async function standingOf(
  { store }: RightsOptions,
  user: StoredObject,
  has: { grants: readonly Grant[]; rules: readonly Rule[]; joined: readonly StoredObject[] },
): Promise<Standing> {
  const account = typeof user.spec.account === 'string' ? user.spec.account : null;
  const named = new Set([
    ...(account === null ? [] : [account]),
    ...has.grants.flatMap((grant) => grant.account ?? []),
  ]);
  const accounts = new Map<string, Place>();
  let channel: string | null = null;
  for (const object of await found(store, 'Account', [...named])) {
    const { name } = object.metadata;
    accounts.set(name, { accounts: [name], projects: await projectsOf(store, object) });
    if (name === account && typeof object.spec.channel === 'string') channel = object.spec.channel;
  }
  const wide = has.rules.some(({ scope }) => scope === 'channel') && channel !== null ? [channel] : [];
  const channels = new Map<string, Place>();
  for (const object of await found(store, 'Channel', [...wide, ...has.grants.flatMap((grant) => grant.channel ?? [])]))
    channels.set(object.metadata.name, await placeOfChannel(store, object));
  return {
    user: user.metadata.name,
    account,
    memberships: has.joined.map(({ metadata }) => metadata.name),
    accounts,
    channels,
    channel,
  };
}

async function placeOfChannel(store: RightsOptions['store'], { metadata }: StoredObject): Promise<Place> {
  const all = await referring(store, 'Account', metadata.uid);
  const accounts = all.filter(({ spec }) => spec.channel === metadata.name);
  const projects: string[] = [];
  for (const account of accounts) {
    projects.push(...(await projectsOf(store, account)));
    if (projects.length > REACH_MAX) throw tooWide(metadata.name);
  }
  return { accounts: accounts.map((account) => account.metadata.name), projects };
}

async function projectsOf(store: RightsOptions['store'], { metadata }: StoredObject): Promise<string[]> {
  const projects = await referring(store, 'Project', metadata.uid);
  return projects.filter(({ spec }) => spec.account === metadata.name).map((project) => project.metadata.name);
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

async function rolesNamed(options: RightsOptions, names: readonly string[]): Promise<Map<string, RoleRules>> {
  const roles = await found(options.store, 'Role', [...new Set(names)]);
  return new Map(roles.map((role) => [role.metadata.name, rulesOf(options, role)]));
}

/** The rules of a role: those of its authorities, and its own. */
function rulesOf({ authorities }: RightsOptions, { metadata, spec }: StoredObject): RoleRules {
  const own = Array.isArray(spec.rules) ? (spec.rules as unknown as Rule[]) : [];
  const rules = [...texts(spec.authorities).flatMap((name) => authorities[name] ?? []), ...own];
  return { name: metadata.name, side: typeof spec.side === 'string' ? spec.side : 'provider', rules };
}

/** Members of a project, as its spec says them. */
export function membersOf({ spec }: Pick<StoredObject, 'spec'>): { user: string; roles: readonly string[] }[] {
  const members = Array.isArray(spec.members) ? spec.members : [];
  return members.flatMap((member) => {
    if (member === null || typeof member !== 'object' || Array.isArray(member)) return [];
    return typeof member.user === 'string' ? [{ user: member.user, roles: texts(member.roles) }] : [];
  });
}

/** Roles of a user, as its spec says them. */
export function grantsOf({ spec }: Pick<StoredObject, 'spec'>): Grant[] {
  const grants = Array.isArray(spec.roles) ? spec.roles : [];
  return grants.flatMap((grant) => {
    if (grant === null || typeof grant !== 'object' || Array.isArray(grant) || typeof grant.role !== 'string')
      return [];
    const { role, account, project, channel } = grant;
    return [
      {
        role,
        ...(typeof account === 'string' ? { account } : {}),
        ...(typeof project === 'string' ? { project } : {}),
        ...(typeof channel === 'string' ? { channel } : {}),
      },
    ];
  });
}

function isActive({ metadata, spec }: StoredObject): boolean {
  return metadata.deletedAt === null && spec.suspended !== true;
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

/** Those of the named objects that stand. */
async function found(store: RightsOptions['store'], kind: string, names: readonly string[]): Promise<StoredObject[]> {
  if (names.length === 0) return [];
  const objects = await store.getByKey(names.map((name) => ({ kind, project: null, name })));
  return objects.flatMap((object) => (object && object.metadata.deletedAt === null ? [object] : []));
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
