import { loginUnder, renewLogin } from './logins.ts';
import type { ForeignPerson, Parts, Person, RoleGrant } from './parts.ts';

/** An IdentityProvider object as signing in sees it. */
export interface ProviderView {
  name: string;
  type: 'ldap' | 'oidc' | 'saml';
  active: boolean;
  /** Epoch ms. Sessions from before belong to another provider of the same name. */
  createdAt: number;
  /** Of the object. */
  generation: number;
  /** Sessions that an earlier generation vouched for ended when the provider was suspended. */
  sessionsFrom: number;
  /** What people get who come for the first time; null: only Users that name the provider may come. */
  provision: { account: string; roles: readonly RoleGrant[] } | null;
  groupRoles: readonly (RoleGrant & { group: string })[];
}

/**
 * Somebody whom a provider vouches for becomes one of our users: the one who was linked at an earlier sign-in; a User that names the
 * provider and has that name; or a new one. Never a User of our own or of another provider: a provider answers for its people only.
 */
export async function arrive(
  parts: Parts,
  provider: ProviderView,
  { facts, from }: { facts: ForeignPerson; from: string },
): Promise<Person | undefined> {
  const person = (await linkedPerson(parts, provider, facts)) ?? (await newPerson(parts, provider, facts));
  if (!person?.active || person.provider !== provider.name) return undefined;
  if (provider.groupRoles.length > 0) await parts.people.setRoles(person.name, rolesOfGroups(provider, facts.groups));
  parts.noted({ what: 'Federated', user: person.name, from, how: `${provider.type}:${provider.name}` });
  return person;
}

/** Pure: the roles that somebody's groups stand for. A group is meant by its whole name or DN, or by the DN's first part. */
export function rolesOfGroups(
  { groupRoles }: Pick<ProviderView, 'groupRoles'>,
  groups: readonly string[],
): RoleGrant[] {
  const names = new Set(groups.flatMap((group) => [group.toLowerCase(), firstPart(group)]));
  return groupRoles.filter(({ group }) => names.has(group.toLowerCase())).map(({ group: _group, ...grant }) => grant);
}

/** Pure: what somebody of another house is called here. */
export function localName(foreign: string): string {
  return foreign
    .normalize('NFKD')
    .toLowerCase()
    .replaceAll(/[^a-z0-9]+/g, '-')
    .slice(0, 63)
    .replaceAll(/^-+|-+$/g, '');
}

async function linkedPerson(parts: Parts, provider: ProviderView, facts: ForeignPerson): Promise<Person | undefined> {
  const keys = linkKeys(parts, provider.name, facts.subject);
  const row = await loginUnder(parts.records, keys);
  if (!row) return undefined;
  const person = await parts.people.byName(row.value.user);
  if (person?.uid === row.value.uid) {
    await renewLogin(parts.records, row, { key: keys[0] ?? row.key, of: linked(provider.name, facts.subject) });
    return person;
  }
  // The user is gone; whoever comes now is linked anew.
  await parts.records.remove('login', row.key);
  return undefined;
}

async function newPerson(parts: Parts, provider: ProviderView, facts: ForeignPerson): Promise<Person | undefined> {
  const name = localName(facts.name);
  if (name === '' || facts.subject === '') return undefined;
  const known = await parts.people.byName(name);
  if (known && (known.provider !== provider.name || (await isLinked(parts, provider.name, known.uid))))
    return undefined;
  if (!known && !(await create(parts, provider, { name, facts }))) return undefined;
  const person = known ?? (await parts.people.byName(name));
  if (!person) return undefined;
  const [key = ''] = linkKeys(parts, provider.name, facts.subject);
  const value = { user: person.name, uid: person.uid, of: linked(provider.name, facts.subject) };
  const row = { key, subject: person.uid, value, expiresAt: null };
  return (await parts.records.insert('login', row)) ? person : undefined;
}

async function create(
  parts: Parts,
  { name: identityProvider, provision }: ProviderView,
  { name, facts }: { name: string; facts: ForeignPerson },
): Promise<boolean> {
  if (provision === null) return false;
  const { account, roles } = provision;
  const email = facts.email === null || !/^[^\s@]+@[^\s@]+\.[^\s@]+$/.test(facts.email) ? {} : { email: facts.email };
  const displayName = facts.displayName === null ? {} : { displayName: facts.displayName.slice(0, 200) };
  const spec = { account, roles, identityProvider, ...email, ...displayName };
  return (await parts.people.create([{ kind: 'User', metadata: { name }, spec }])).ok;
}

/** A person of a provider is one person there: a second one with the same name is somebody else. */
async function isLinked(parts: Parts, provider: string, uid: string): Promise<boolean> {
  const rows = await parts.records.ofSubject('login', uid, 20);
  return rows.some(({ key }) => key.startsWith(`${provider}:`));
}

/** Under which a link may be kept, the current one first. */
function linkKeys({ secrets }: Pick<Parts, 'secrets'>, provider: string, subject: string): string[] {
  return secrets.blindIndexes(linked(provider, subject)).map((index) => `${provider}:${index}`);
}

function linked(provider: string, subject: string): string {
  return `provider:${provider}:${subject}`;
}

function firstPart(group: string): string {
  return (/^cn=([^,]+)/i.exec(group)?.[1] ?? group).toLowerCase();
}
