import type { Invitation } from '../../identity/project-invitations.ts';
import { type Access, allows, targetOf } from '../../reconciler/access/access.ts';
import { escalation } from '../../reconciler/access/escalation.ts';
import { membersOf } from '../../reconciler/access/rights.ts';
import type { Admission } from '../../reconciler/admission/apply.ts';
import type { StoredObject } from '../../reconciler/object.ts';
import type { Principal } from '../../reconciler/principal.ts';

const TRIES = 5;
const MEMBERS_MAX = 1_000;

/**
 * Makes a user a member of a project, with what an invitation says, as long as whoever invited may still do that. The wish changes, and
 * whoever owned its members owns them further: a source that names them has the last word. Null: it is done; else why not.
 */
export async function joinProject(
  admission: Admission,
  { invitation, user, principal }: { invitation: Invitation; user: string; principal: Principal },
): Promise<string | null> {
  for (let tries = 0; tries < TRIES; tries++) {
    const [project] = await admission.store.getByUid([invitation.subject]);
    if (project === undefined || project.metadata.deletedAt !== null) return 'The project is gone.';
    const joined = withMember(project, user, invitation.value.roles);
    if (!(await mayStill(admission, { invitation, project, joined })))
      return 'Whoever invited may not do so any more. Ask for another invitation.';
    if (membersOf(joined).length > MEMBERS_MAX) return 'The project has as many members as there may be.';
    const write = { op: 'update' as const, object: joined, expect: project.metadata.resourceVersion, uniqueKeys: [] };
    if (!(await admission.store.write([write], principal)).ok) continue;
    // Whoever has joined looks at once.
    admission.rights?.forget();
    return null;
  }
  return 'The project is being changed by others all the time: try again.';
}

function withMember(project: StoredObject, user: string, roles: readonly string[]): StoredObject {
  const members = membersOf(project);
  const has = members.find((member) => member.user === user)?.roles ?? [];
  const member = { user, roles: [...new Set([...has, ...roles])] };
  const others = members.filter((one) => one.user !== user).map((one) => ({ user: one.user, roles: [...one.roles] }));
  const metadata = { ...project.metadata, generation: project.metadata.generation + 1 };
  return { ...project, metadata, spec: { ...project.spec, members: [...others, member] } };
}

/** With the rights that the inviter has now. */
async function mayStill(
  { rights, store }: Admission,
  { invitation, project, joined }: { invitation: Invitation; project: StoredObject; joined: StoredObject },
): Promise<boolean> {
  const { byActor, byUser } = invitation.value;
  if (rights === undefined || byUser === null) return true;
  const [inviter] = await store.getByKey([{ kind: 'User', project: null, name: byUser }]);
  if (inviter === undefined || inviter.metadata.deletedAt !== null || inviter.spec.suspended === true) return false;
  const statements = await rights.ofUser(inviter);
  const access: Access = { root: false, statements, limits: null, within: null, refused: [] };
  const principal = { actor: byActor, onBehalfOf: null, from: 'invitation', requestId: 'invitation', access };
  if (!allows(access, 'update', targetOf(project), ['/members'])) return false;
  return (await escalation({ rights, store }, principal, { before: project, after: joined })) === null;
}
