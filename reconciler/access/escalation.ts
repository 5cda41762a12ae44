import type { StoredObject } from '../object.ts';
import { accessOf, type Principal } from '../principal.ts';
import type { ObjectStore } from '../store.ts';
import { type Access, allows, type Statement, targetOf } from './access.ts';
import { lacking } from './covers.ts';
import { isCustomer, personFault } from './masquerade.ts';
import { grantsOf, membersOf, type Rights } from './rights.ts';
import { authorOf } from './standing.ts';

/** Role whose last holder stays: somebody must be able to let the others in. */
const ROOT_ROLE = 'root';

const PAGE = 500;

interface Guards {
  rights?: Rights | undefined;
  store: Pick<ObjectStore, 'getByKey' | 'list'>;
}

/**
 * Why a principal may not make this change though its roles allow the kind and the verb: it would give, or take from somebody, more
 * than the principal has itself. Null: it may. `before` is undefined for a new object, `after` for a deletion.
 */
export async function escalation(
  guards: Guards,
  principal: Principal,
  { before, after }: { before?: StoredObject | undefined; after?: StoredObject | undefined },
): Promise<string | null> {
  const { rights } = guards;
  const object = after ?? before;
  if (!rights || !object) return null;
  const access = accessOf(principal);
  const why = access.root ? null : await owned(rights, principal, { before, after });
  const beyond = why ?? (access.root || before === after ? null : await given(guards, { access, principal, after }));
  if (beyond !== null || object.kind !== 'User' || !(await takesLastRoot(guards, { before, after }))) return beyond;
  return `is the last user with the role "${ROOT_ROLE}", who cannot be removed, suspended or demoted.`;
}

/** What is bound to a person is not changed by those who may do less than that person. */
async function owned(
  rights: Rights,
  principal: Principal,
  { before, after }: { before?: StoredObject | undefined; after?: StoredObject | undefined },
): Promise<string | null> {
  const me = principal.authentication?.user;
  const access = accessOf(principal);
  if (before?.kind === 'User' && before.metadata.name !== me) {
    const missing = lacks(access, await rights.ofUser(before));
    if (missing !== null) return `may do more than you: ${missing}.`;
  }
  if (before?.kind === 'Source' && after && before !== after && before.metadata.createdBy !== authorOf(principal)) {
    const missing = lacks(access, await rights.ofAuthor(before.metadata.createdBy));
    if (missing !== null) return `acts with the rights of whoever made it, who may do more than you: ${missing}.`;
  }
  return null;
}

/** What a role, a user, a membership or a key would hand out. */
async function given(
  { rights, store }: Guards,
  change: { access: Access; principal: Principal; after: StoredObject | undefined },
): Promise<string | null> {
  const { access, principal, after } = change;
  if (!rights || !after) return null;
  const { kind } = after;
  const said = (missing: string | null) => (missing === null ? null : `would give what you lack yourself: ${missing}.`);
  if (kind === 'Role') return said(lacking(access, (await rights.ofRole(after, principal)) ?? []));
  if (kind === 'User') return said(lacks(access, await rights.ofUser(after)));
  if (kind === 'Project' && membersOf(after).length > 0) return said(lacks(access, await rights.ofMembers(after)));
  const { user } = targetOf(after);
  if (kind === 'Masquerade') return masqueraded({ rights, store }, principal, after);
  if (user == null || user === principal.authentication?.user) return null;
  const [person] = await store.getByKey([{ kind: 'User', project: null, name: user }]);
  return person ? said(lacks(access, await rights.ofUser(person))) : null;
}

/** Only a person signed in acts as another, who is a customer's. */
async function masqueraded(
  { rights, store }: Guards,
  principal: Principal,
  { spec }: StoredObject,
): Promise<string | null> {
  if (principal.authentication?.session == null) return 'is made by a person who signed in.';
  const [person] = await store.getByKey([{ kind: 'User', project: null, name: String(spec.user) }]);
  const fault = personFault(person, spec.account);
  if (fault !== null || !person || !rights) return fault;
  return isCustomer(await rights.ofUser(person)) ? null : 'names somebody of the provider.';
}

/** Whoever may manage customers' users hands out customers' roles without having them; the provider's only if they have them. */
function lacks(access: Access, wanted: readonly Statement[]): string | null {
  const managing = allows(access, 'create', { kind: 'CustomerGrant', project: null });
  return lacking(access, managing ? wanted.filter(({ side }) => side === 'provider') : wanted);
}

async function takesLastRoot(
  { store }: Guards,
  { before, after: next }: { before?: StoredObject | undefined; after?: StoredObject | undefined },
): Promise<boolean> {
  if (!before || !isRoot(before) || (next && isRoot(next))) return false;
  for (let after: string | undefined; ; ) {
    const page = await store.list({ kind: 'User', orderBy: 'name', limit: PAGE, ...(after && { after }) });
    if (page.items.some(({ object }) => object.metadata.uid !== before.metadata.uid && isRoot(object))) return false;
    after = page.items.at(-1)?.cursor;
    if (!page.hasMore || after === undefined) return true;
  }
}

/** Root everywhere: what is root within an account only cannot let everybody in. */
function isRoot(user: StoredObject): boolean {
  const everywhere = grantsOf(user).some((grant) => grant.role === ROOT_ROLE && Object.keys(grant).length === 1);
  return user.metadata.deletedAt === null && user.spec.suspended !== true && everywhere;
}
