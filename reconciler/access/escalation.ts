import type { StoredObject } from '../object.ts';
import { accessOf, type Principal } from '../principal.ts';
import type { ObjectStore } from '../store.ts';
import { type Access, targetOf } from './access.ts';
import { lacking } from './covers.ts';
import { membersOf, type Rights, rolesOf } from './rights.ts';

/** Role whose last holder stays: somebody must be able to let the others in. */
export const ROOT_ROLE = 'root';

const ROOTS_MAX = 500;

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
  if (object.kind === 'User' && (await takesLastRoot(guards, { before, after })))
    return `is the last user with the role "${ROOT_ROLE}", who cannot be removed, disabled or demoted.`;
  const access = accessOf(principal);
  if (access.root) return null;
  const why = await owned(rights, principal, { before, after });
  return why ?? (before === after ? null : given(guards, { access, principal, after }));
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
    const missing = lacking(access, await rights.ofUser(before));
    if (missing !== null) return `may do more than you: ${missing}.`;
  }
  if (before?.kind === 'Source' && after && before !== after && before.metadata.createdBy !== principal.actor)
    return 'acts with the rights of whoever made it; make another one instead.';
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
  if (kind === 'User') return said(lacking(access, await rights.ofUser(after)));
  if (kind === 'Project' && membersOf(after).length > 0) return said(lacking(access, await rights.ofMembers(after)));
  const { user } = targetOf(after);
  if (kind === 'Masquerade' || user == null || user === principal.authentication?.user) return null;
  const [person] = await store.getByKey([{ kind: 'User', project: null, name: user }]);
  return person ? said(lacking(access, await rights.ofUser(person))) : null;
}

async function takesLastRoot(
  { store }: Guards,
  { before, after }: { before?: StoredObject | undefined; after?: StoredObject | undefined },
): Promise<boolean> {
  if (!before || !isRoot(before) || (after && isRoot(after))) return false;
  const [role] = await store.getByKey([{ kind: 'Role', project: null, name: ROOT_ROLE }]);
  if (!role) return false;
  const page = await store.list({ kind: 'User', refersTo: role.metadata.uid, orderBy: 'name', limit: ROOTS_MAX });
  return !page.items.some(({ object }) => object.metadata.uid !== before.metadata.uid && isRoot(object));
}

function isRoot(user: StoredObject): boolean {
  return user.metadata.deletedAt === null && user.spec.disabled !== true && rolesOf(user).includes(ROOT_ROLE);
}
