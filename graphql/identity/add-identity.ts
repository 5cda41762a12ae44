import { type IssuedKey, issueKey, revokeKeySecret, secretsOfKey } from '../../identity/api-keys.ts';
import type { SessionValue } from '../../identity/records.ts';
import { register } from '../../identity/registration.ts';
import { invitationLink, invite, sendReset } from '../../identity/reset.ts';
import { revokeSession, revokeSessions, sessionsOf } from '../../identity/sessions.ts';
import { standingOf } from '../../identity/standing.ts';
import { withAccess } from '../../reconciler/admission/permissions.ts';
import { iso } from '../../reconciler/clock.ts';
import { authorize } from '../../reconciler/principal.ts';
import type { Builder } from '../builder.ts';
import type { Context } from '../context.ts';
import { UserError } from '../derive/list.ts';
import { addProjectInvitations } from './project-invitations.ts';
import { allowedObject, callerOf, identityOf, needFresh } from './signed-in.ts';

/** Who asks, where they are signed in, and what lets others in. Passwords and second factors are at /auth, never here. */
export function addIdentity(builder: Builder): void {
  addCaller(builder);
  addSessions(builder);
  addUsers(builder);
  addKeys(builder);
  addRegistration(builder);
  addProjectInvitations(builder);
}

function addCaller(builder: Builder): void {
  const caller = builder.objectRef<Context['principal']>('Caller').implement({
    description: 'Who asks.',
    fields: (t) => ({
      actor: t.exposeString('actor', { description: 'user:anna, key:deploy, token:admin.' }),
      onBehalfOf: t.string({ nullable: true, resolve: ({ onBehalfOf }) => onBehalfOf }),
      user: t.string({ nullable: true, resolve: ({ authentication }) => authentication?.user ?? null }),
      scopes: t.stringList({
        nullable: true,
        resolve: ({ authentication }) => authentication?.scopes?.slice() ?? null,
      }),
      session: t.string({ nullable: true, resolve: ({ authentication }) => authentication?.session ?? null }),
      provedAt: t.field({
        type: 'DateTime',
        nullable: true,
        resolve: ({ authentication: a }) => (a ? iso(a.provedAt) : null),
      }),
      secondFactorAt: t.field({
        type: 'DateTime',
        nullable: true,
        resolve: ({ authentication: a }) => (a?.secondFactorAt ? iso(a.secondFactorAt) : null),
      }),
    }),
  });
  builder.queryField('me', (t) => t.field({ type: caller, resolve: (_root, _args, { principal }) => principal }));
}

function addSessions(builder: Builder): void {
  const session = builder.objectRef<SessionValue & { current: boolean }>('Session').implement({
    description: 'Where somebody is signed in.',
    fields: (t) => ({
      id: t.exposeString('id'),
      use: t.exposeString('use', { description: 'browser or commandLine.' }),
      how: t.exposeString('how', { description: 'password, passkey, or the identity provider.' }),
      from: t.exposeString('from', { description: 'Address at the sign-in.' }),
      agent: t.exposeString('agent'),
      current: t.exposeBoolean('current'),
      createdAt: t.field({ type: 'DateTime', resolve: (s) => iso(s.createdAt) }),
      seenAt: t.field({ type: 'DateTime', resolve: (s) => iso(s.seenAt) }),
      endsAt: t.field({ type: 'DateTime', resolve: (s) => iso(s.endsAt) }),
    }),
  });
  builder.queryField('sessions', (t) =>
    t.field({
      type: [session],
      description: 'Sessions of the caller, the one used last first.',
      resolve: async (_root, _args, context) => {
        const { parts, person, session: own } = await callerOf(context);
        return (await sessionsOf(parts, person.uid)).map((one) => ({ ...one, current: one.id === own }));
      },
    }),
  );
  builder.mutationField('revokeSession', (t) =>
    t.boolean({
      description: 'Ends one session of the caller. False: there is none such.',
      args: { id: t.arg.string({ required: true }) },
      resolve: async (_root, { id }, context) => {
        const { parts, person } = await callerOf(context);
        const revoked = await revokeSession(parts, person.uid, id);
        parts.noted({ what: 'SessionsRevoked', user: person.name, from: context.principal.from });
        return revoked;
      },
    }),
  );
  builder.mutationField('revokeOtherSessions', (t) =>
    t.int({
      description: 'Ends all sessions of the caller but this one. Answers how many.',
      resolve: async (_root, _args, context) => {
        const { parts, person, session: own } = await callerOf(context);
        const revoked = await revokeSessions(parts, person.uid, own);
        parts.noted({ what: 'SessionsRevoked', user: person.name, from: context.principal.from });
        return revoked;
      },
    }),
  );
}

function addUsers(builder: Builder): void {
  const user = 'Name of the User.';
  builder.mutationField('inviteUser', (t) =>
    t.boolean({
      description: 'Sends a letter with which the user chooses a password. False: the user has no address.',
      args: { user: t.arg.string({ required: true, description: user }) },
      resolve: (_root, { user: name }, context) => byLetter(context, name, 'invite'),
    }),
  );
  builder.mutationField('makeInvitationLink', (t) =>
    t.string({
      description:
        'A link by which a user who never had a password chooses one, for where no letters are sent. It is shown this once.',
      args: { user: t.arg.string({ required: true, description: user }) },
      resolve: async (_root, { user: name }, context) => {
        const parts = identityOf(context);
        const { metadata } = await allowedObject(context, { kind: 'User', name, verb: 'update' });
        const person = await parts.people.byName(name);
        const { known } = await standingOf(parts.records, metadata.uid);
        if (!person?.active || person.provider !== null || known)
          throw new UserError(`User "${name}" has signed in before, or elsewhere: only a letter lets in there.`);
        return invitationLink(parts, person, by(context));
      },
    }),
  );
  builder.mutationField('sendPasswordReset', (t) =>
    t.boolean({
      description: 'Sends the letter that a forgotten password has. Nobody but the user sees the link.',
      args: { user: t.arg.string({ required: true, description: user }) },
      resolve: (_root, { user: name }, context) => byLetter(context, name, 'reset'),
    }),
  );
  builder.mutationField('revokeUserSessions', (t) =>
    t.int({
      description: 'Ends all sessions of a user. Answers how many.',
      args: { user: t.arg.string({ required: true, description: user }) },
      resolve: async (_root, { user: name }, context) => {
        const parts = identityOf(context);
        const { metadata } = await allowedObject(context, { kind: 'User', name, verb: 'update' });
        const revoked = await revokeSessions(parts, metadata.uid, null);
        parts.noted({ what: 'SessionsRevoked', user: name, ...by(context) });
        return revoked;
      },
    }),
  );
}

/** Who did it to somebody else, and from where. */
function by({ principal }: Context): { from: string; actor: string } {
  return { from: principal.from, actor: principal.actor };
}

async function byLetter(context: Context, name: string, which: 'invite' | 'reset'): Promise<boolean> {
  const parts = identityOf(context);
  await allowedObject(context, { kind: 'User', name, verb: 'update' });
  const person = await parts.people.byName(name);
  if (!person?.active || person.provider !== null) return false;
  return which === 'invite' ? invite(parts, person, by(context)) : sendReset(parts, person);
}

function addKeys(builder: Builder): void {
  const issued = builder.objectRef<IssuedKey>('IssuedKey').implement({
    description: 'Secrets of an API key, shown this once.',
    fields: (t) => ({
      id: t.exposeString('id', { description: 'Names the secret: the key of signed requests.' }),
      bearer: t.exposeString('bearer', { description: 'Token for "Authorization: Bearer …".' }),
      secret: t.exposeString('secret', { description: 'Signs requests (HMAC-SHA256).' }),
    }),
  });
  const kept = builder.objectRef<{ id: string; createdAt: number; usedAt: number }>('KeySecret').implement({
    fields: (t) => ({
      id: t.exposeString('id'),
      createdAt: t.field({ type: 'DateTime', resolve: (s) => iso(s.createdAt) }),
      usedAt: t.field({ type: 'DateTime', nullable: true, resolve: (s) => (s.usedAt > 0 ? iso(s.usedAt) : null) }),
    }),
  });
  const key = 'Name of the ApiKey.';
  builder.queryField('keySecrets', (t) =>
    t.field({
      type: [kept],
      description: 'When the secrets of an API key were made and used; never the secrets.',
      args: { key: t.arg.string({ required: true, description: key }) },
      resolve: async (_root, { key: name }, context) => {
        const { metadata } = await allowedObject(context, { kind: 'ApiKey', name, verb: 'get' });
        return secretsOfKey(identityOf(context), metadata.uid);
      },
    }),
  );
  builder.mutationField('issueKey', (t) =>
    t.field({
      type: issued,
      description:
        'Makes a new secret of an API key. Two count at a time, so that one can be rolled out before the other goes.',
      args: { key: t.arg.string({ required: true, description: key }) },
      resolve: async (_root, { key: name }, context) => {
        const parts = identityOf(context);
        needFresh(context, parts);
        const { metadata } = await allowedObject(context, { kind: 'ApiKey', name, verb: 'update' });
        parts.noted({ what: 'KeyIssued', user: context.principal.actor, from: context.principal.from, how: name });
        return issueKey(parts, { name, uid: metadata.uid });
      },
    }),
  );
  builder.mutationField('revokeKeySecret', (t) =>
    t.boolean({
      description: 'Ends one secret of an API key. False: there is none such.',
      args: { key: t.arg.string({ required: true, description: key }), id: t.arg.string({ required: true }) },
      resolve: async (_root, { key: name, id }, context) => {
        const { metadata } = await allowedObject(context, { kind: 'ApiKey', name, verb: 'update' });
        return revokeKeySecret(identityOf(context), metadata.uid, id);
      },
    }),
  );
}

function addRegistration(builder: Builder): void {
  builder.mutationField('registerAccount', (t) =>
    t.string({
      description:
        'Makes an account with its first user for a customer, and invites the user. Answers the name of the user.',
      args: {
        name: t.arg.string({ required: true, description: 'Name of the account and of its first user.' }),
        email: t.arg.string({ required: true }),
        displayName: t.arg.string({ defaultValue: '' }),
        currency: t.arg.string({ defaultValue: 'EUR' }),
        country: t.arg.string({ defaultValue: '', description: 'ISO 3166-1 code of the customer’s country.' }),
        channel: t.arg.string({ defaultValue: '', description: 'Name of the Channel; the usual one without it.' }),
      },
      resolve: async (_root, { name, email, displayName, currency, country, channel }, context) => {
        const principal = await withAccess(context.api.admission, context.principal);
        for (const kind of ['Account', 'User', 'Project'])
          if (!authorize(principal, 'create', { kind, project: null, name, account: name }))
            throw new UserError(`${principal.actor} may not register accounts.`);
        const request = {
          name,
          email,
          displayName: displayName ?? '',
          currency: currency ?? 'EUR',
          terms: '',
          country: country ?? '',
          channel: channel ?? '',
        };
        const mode = { assisted: true, from: principal.from, solved: async () => true };
        const outcome = await register(identityOf(context), request, mode);
        if (outcome.state === 'registered') return outcome.user;
        const issues = outcome.state === 'issues' ? outcome.issues : [];
        throw new UserError(issues.map(({ field, message }) => `${field}: ${message}`).join('; ') || 'Not now.');
      },
    }),
  );
}
