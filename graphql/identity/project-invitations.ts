import {
  INVITATION_GONE,
  invitationFor,
  inviteToProject,
  type PendingInvitation,
  pendingInvitations,
  revokeInvitation,
  useInvitation,
} from '../../identity/project-invitations.ts';
import { targetOf } from '../../reconciler/access/access.ts';
import { escalation } from '../../reconciler/access/escalation.ts';
import { withAccess } from '../../reconciler/admission/permissions.ts';
import { iso } from '../../reconciler/clock.ts';
import type { StoredObject } from '../../reconciler/object.ts';
import { authorize, type Principal } from '../../reconciler/principal.ts';
import type { Builder } from '../builder.ts';
import type { Context } from '../context.ts';
import { UserError } from '../derive/list.ts';
import { joinProject } from './join-project.ts';
import { callerOf, identityOf } from './signed-in.ts';

const EMAIL = /^[^\s@"<>()[\],;:\\]{1,64}@[A-Za-z0-9.-]{1,189}$/;
const ROLES_MAX = 16;
const PROJECT = 'Name of the Project.';
const TOKEN = 'From the link of the letter.';

/** Taking part in a project, by letter: also for people of other accounts. */
export function addProjectInvitations(builder: Builder): void {
  addInviting(builder);
  addPending(builder);
  addAnswers(builder);
}

function addInviting(builder: Builder): void {
  builder.mutationField('inviteToProject', (t) =>
    t.string({
      description:
        'Invites an address, or a user by name, to take part in a project, by letter. The link works once, and only for a while. Answers the invitation’s id, whether or not anybody is there.',
      args: {
        project: t.arg.string({ required: true, description: PROJECT }),
        email: t.arg.string({ description: 'Address; whoever reads the letter may accept.' }),
        user: t.arg.string({ description: 'Name of a User, who alone may accept.' }),
        roles: t.arg.stringList({ required: true, description: 'Names of roles, as those of members.' }),
      },
      resolve: async (_root, { project, email, user, roles }, context) => {
        const { principal, object } = await theProject(context, project);
        const to = recipient(email ?? null, user ?? null);
        await needRoles(context, { principal, object, roles });
        const by = { actor: principal.actor, user: principal.authentication?.user ?? null };
        const { uid, name } = object.metadata;
        const invited = await inviteToProject(identityOf(context), { project: { uid, name }, roles, to, by });
        if (invited.state === 'waiting') throw new UserError('Letters went there already. Wait a while.');
        if (invited.state === 'full') throw new UserError('Too many invitations are pending: revoke some first.');
        return invited.id;
      },
    }),
  );
}

function addPending(builder: Builder): void {
  const pending = builder.objectRef<PendingInvitation>('ProjectInvitation').implement({
    description: 'Somebody was invited to a project, and has not answered.',
    fields: (t) => ({
      id: t.exposeString('id'),
      to: t.exposeString('to', { description: 'As it was written: an address, or the name of a user.' }),
      roles: t.stringList({ resolve: ({ roles }) => [...roles] }),
      by: t.exposeString('by'),
      createdAt: t.field({ type: 'DateTime', resolve: ({ createdAt }) => iso(createdAt) }),
      expiresAt: t.field({ type: 'DateTime', resolve: ({ expiresAt }) => iso(expiresAt) }),
    }),
  });
  builder.queryField('projectInvitations', (t) =>
    t.field({
      type: [pending],
      description: 'Who was invited to a project and has not answered, the oldest first.',
      args: { project: t.arg.string({ required: true, description: PROJECT }) },
      resolve: async (_root, { project }, context) => {
        const { object } = await theProject(context, project);
        return pendingInvitations(identityOf(context), object.metadata.uid);
      },
    }),
  );
  builder.mutationField('revokeProjectInvitation', (t) =>
    t.boolean({
      description: 'Takes an invitation back. False: there is none such.',
      args: { project: t.arg.string({ required: true, description: PROJECT }), id: t.arg.string({ required: true }) },
      resolve: async (_root, { project, id }, context) => {
        const { object } = await theProject(context, project);
        return revokeInvitation(identityOf(context), object.metadata.uid, id);
      },
    }),
  );
}

function addAnswers(builder: Builder): void {
  builder.mutationField('acceptProjectInvitation', (t) =>
    t.string({
      description:
        'Makes the caller a member of the project that a letter invites to. Answers the name of the project.',
      args: { token: t.arg.string({ required: true, description: TOKEN }) },
      resolve: async (_root, { token }, context) => {
        const { parts, person } = await callerOf(context);
        const invitation = await invitationFor(parts, token, person.name);
        if (invitation === undefined || !(await useInvitation(parts, invitation))) throw new UserError(INVITATION_GONE);
        const wish = { invitation, user: person.name, principal: context.principal };
        const why = await joinProject(context.api.admission, wish);
        if (why !== null) throw new UserError(why);
        return invitation.value.project;
      },
    }),
  );
  builder.mutationField('declineProjectInvitation', (t) =>
    t.boolean({
      description: 'Answers a letter’s invitation with no. False: it was answered already, or has run out.',
      args: { token: t.arg.string({ required: true, description: TOKEN }) },
      resolve: async (_root, { token }, context) => {
        const { parts, person } = await callerOf(context);
        const invitation = await invitationFor(parts, token, person.name);
        return invitation !== undefined && useInvitation(parts, invitation);
      },
    }),
  );
}

/** The project, for who may change its members. To others it is not there, or not theirs to change. */
async function theProject(context: Context, name: string): Promise<{ principal: Principal; object: StoredObject }> {
  const object = await context.byKey({ kind: 'Project', project: null, name });
  if (!object || object.metadata.deletedAt !== null) throw new UserError(`There is no Project "${name}".`);
  const principal = await withAccess(context.api.admission, context.principal);
  if (principal.masquerade !== undefined || !authorize(principal, 'update', targetOf(object), ['/members']))
    throw new UserError(`${principal.actor} may not invite to Project "${name}".`);
  return { principal, object };
}

function recipient(email: string | null, user: string | null): { email: string } | { user: string } {
  if (user !== null && email === null) return { user: user.slice(0, 63) };
  if (user === null && email !== null && EMAIL.test(email.trim())) return { email };
  throw new UserError('Name either an e-mail address such as anna@example.org, or a user.');
}

/** Nobody hands out what they lack themselves. */
async function needRoles(
  { api, principal: { actor } }: Context,
  { principal, object, roles }: { principal: Principal; object: StoredObject; roles: readonly string[] },
): Promise<void> {
  const { rights, store } = api.admission;
  if (roles.length === 0 || roles.length > ROLES_MAX) throw new UserError(`roles: name 1 to ${ROLES_MAX}.`);
  const found = await store.getByKey(roles.map((name) => ({ kind: 'Role', project: null, name })));
  const unknown = roles.filter((_, index) => found[index] === undefined);
  if (unknown.length > 0) throw new UserError(`There is no Role "${unknown.join('", "')}".`);
  const after = { ...object, spec: { ...object.spec, members: [{ user: actor, roles: [...roles] }] } };
  const why = await escalation({ rights, store }, principal, { before: object, after });
  if (why !== null) throw new UserError(`The invitation ${why}`);
}
