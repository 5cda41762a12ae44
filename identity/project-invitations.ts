import { countAttempt } from './attempts.ts';
import { digestOf, newToken } from './one-way.ts';
import type { Parts } from './parts.ts';
import { perRecipient } from './policy.ts';
import type { Row } from './records.ts';

/** Pending invitations of one project; beyond it some have to be answered or taken back first. */
export const INVITATIONS_MAX = 200;

export interface ProjectWish {
  project: { uid: string; name: string };
  roles: readonly string[];
  /** An address, or the name of a user, who alone may then accept. */
  to: { email: string } | { user: string };
  /** Actor who invites, and the user behind it; null: the administrator. */
  by: { actor: string; user: string | null };
}

export type ProjectInvited = { state: 'invited'; id: string } | { state: 'waiting' } | { state: 'full' };

/** A pending invitation as those see it who may invite. */
export interface PendingInvitation {
  id: string;
  /** As it was written: an address, or the name of a user. */
  to: string;
  roles: readonly string[];
  by: string;
  /** Epoch ms. */
  createdAt: number;
  expiresAt: number;
}

/**
 * Invites somebody to take part in a project, by letter. Whether the address or the name is anybody's makes no difference that the one who
 * invites could see: the invitation is pending, and where nobody reads the letter it runs out.
 */
export async function inviteToProject(parts: Parts, wish: ProjectWish): Promise<ProjectInvited> {
  const { records, now, secrets } = parts;
  const { project, roles, by } = wish;
  const to = 'email' in wish.to ? wish.to.email.trim() : wish.to.user;
  if ((await records.ofSubject('projectInvitation', project.uid, INVITATIONS_MAX)).length >= INVITATIONS_MAX)
    return { state: 'full' };
  const limit = await countAttempt(records, perRecipient(parts.policy), { whom: to.toLowerCase(), now: now() });
  if (!limit.allowed) return { state: 'waiting' };
  const token = newToken('stp', parts.random);
  const value = {
    id: parts.uid(),
    project: project.name,
    roles: [...roles],
    sealedTo: secrets.seal(to),
    user: 'user' in wish.to ? wish.to.user : null,
    byActor: by.actor,
    byUser: by.user,
    createdAt: now(),
  };
  const expiresAt = now() + parts.policy.projectInvitationMs;
  if (!(await records.insert('projectInvitation', { key: keyOf(token), subject: project.uid, value, expiresAt })))
    throw new Error('A new token was taken: randomness fails.');
  await sendInvitation(parts, wish, token);
  return { state: 'invited', id: value.id };
}

async function sendInvitation(parts: Parts, { project, to, by }: ProjectWish, token: string): Promise<void> {
  const person = 'user' in to ? await parts.people.byName(to.user) : undefined;
  const recipient = 'email' in to ? to.email.trim() : person?.active ? person.email : null;
  if (recipient === null) return;
  const inviter = by.user === null ? undefined : await parts.people.byName(by.user);
  const link = `${parts.policy.publicUrl}/project-invitation#token=${token}`;
  const params = { project: project.name, by: inviter?.displayName ?? parts.policy.issuer, link };
  await parts.letters.send({
    event: digestOf('projectInvitation', token),
    recipient,
    template: 'ProjectInvitation',
    params,
  });
}

export async function pendingInvitations(parts: Parts, projectUid: string): Promise<PendingInvitation[]> {
  const rows = await parts.records.ofSubject('projectInvitation', projectUid, INVITATIONS_MAX);
  const pending = rows
    .filter((row) => isPending(row, parts.now()))
    .map(async ({ value, expiresAt }) => ({
      id: value.id,
      to: (await parts.secrets.open(value.sealedTo)) ?? '',
      roles: value.roles,
      by: value.byActor,
      createdAt: value.createdAt,
      expiresAt: expiresAt ?? 0,
    }));
  return (await Promise.all(pending)).sort((a, b) => a.createdAt - b.createdAt);
}

/** Takes one back. False: there is none such. */
export async function revokeInvitation(parts: Parts, projectUid: string, id: string): Promise<boolean> {
  const rows = await parts.records.ofSubject('projectInvitation', projectUid, INVITATIONS_MAX);
  const row = rows.find(({ value }) => value.id === id);
  return row !== undefined && (await parts.records.remove('projectInvitation', row.key));
}

export type Invitation = Row<'projectInvitation'>;

/** What a token of a letter invites this user to; undefined: it is used, run out, taken back, or another's. */
export async function invitationFor(parts: Parts, token: string, user: string): Promise<Invitation | undefined> {
  const row = await parts.records.get('projectInvitation', keyOf(token));
  const isTheirs = row !== undefined && isPending(row, parts.now()) && [null, user].includes(row.value.user);
  return isTheirs ? row : undefined;
}

/** Uses it up: of many who answer at once, one does. */
export function useInvitation(parts: Parts, { key }: Invitation): Promise<boolean> {
  return parts.records.remove('projectInvitation', key);
}

/** Answers with yes for somebody who has just registered by it. Null: they take part; else why not. */
export async function joinByInvitation(parts: Parts, token: string, user: string): Promise<string | null> {
  const invitation = await invitationFor(parts, token, user);
  if (invitation === undefined || !(await useInvitation(parts, invitation))) return INVITATION_GONE;
  return parts.people.join(user, invitation);
}

export const INVITATION_GONE = 'The invitation was answered already, has run out, or is another’s. Ask for a new one.';

function isPending({ expiresAt }: Invitation, now: number): boolean {
  return expiresAt !== null && expiresAt > now;
}

function keyOf(token: string): string {
  return digestOf('projectInvitation', token);
}
