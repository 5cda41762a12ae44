import { addressOf, countAttempt } from './attempts.ts';
import { emailKeys, loginOf } from './logins.ts';
import { issueOneTime, peekOneTime, useOneTime } from './one-time.ts';
import { digestOf } from './one-way.ts';
import type { Parts, Person, PersonManifest } from './parts.ts';
import { setPassword } from './password/passwords.ts';
import { passwordIssues } from './password/policy.ts';
import { perRecipient, perSender, type RegistrationChannel, VERIFY_MS } from './policy.ts';
import { INVITATION_GONE, invitationFor, joinByInvitation } from './project-invitations.ts';
import {
  type FieldIssue,
  type RegistrationMode,
  type RegistrationRequest,
  registrationIssues,
} from './registration-rules.ts';
import { invite, markProved } from './reset.ts';
import { deliverable } from './welcome.ts';

export type RegistrationOutcome =
  /** Whether or not the address was known: a letter went there. */
  | { state: 'emailSent' }
  | { state: 'registered'; user: string }
  | { state: 'issues'; issues: FieldIssue[] }
  | { state: 'closed' }
  | { state: 'captchaNeeded' }
  | { state: 'waiting'; waitMs: number };

/**
 * A new account with its first user. A stranger's becomes real once the letter's link is followed; what staff register is there at once,
 * and waits for its user to choose a password.
 */
export async function register(
  parts: Parts,
  asked: RegistrationRequest,
  {
    from,
    solved,
    host = null,
    ...mode
  }: RegistrationMode & { from: string; host?: string | null; solved(): Promise<boolean> },
): Promise<RegistrationOutcome> {
  const request = { ...asked, email: deliverable(asked.email), country: asked.country.toUpperCase() };
  const channel = (await parts.channels?.find({ name: request.channel, host })) ?? null;
  const policy = channel?.policy ?? parts.policy.registration;
  if (!mode.assisted && !policy.open) return { state: 'closed' };
  const issues = [
    ...registrationIssues(request, policy, { ...mode, channel }),
    ...(await invitationIssues(parts, request)),
  ];
  if (issues.length > 0) return { state: 'issues', issues };
  const placed = { ...request, channel: channel?.name ?? '' };
  if (mode.assisted) return registerNow(parts, placed, from);
  if (!(await solved())) return { state: 'captchaNeeded' };
  const attempt = await countAttempt(parts.records, perSender(parts.policy), {
    whom: addressOf(from),
    now: parts.now(),
  });
  if (!attempt.allowed) return { state: 'waiting', waitMs: attempt.waitMs };
  await askToVerify(parts, placed);
  return { state: 'emailSent' };
}

/** Nobody registers for an invitation that is gone already. Who has the token has read the letter. */
async function invitationIssues(
  parts: Parts,
  { projectInvitation: token, name }: RegistrationRequest,
): Promise<FieldIssue[]> {
  if (token === undefined || (await invitationFor(parts, token, name)) !== undefined) return [];
  return [{ field: 'projectInvitation', message: INVITATION_GONE }];
}

export type Verified = { ok: true; person: Person } | { ok: false; reasons: string[] };
/** `invitation`: whether the project that somebody registered for is joined; null: they registered for none. */
export type Registered =
  | { ok: true; person: Person; invitation: { joined: boolean; why: string | null } | null }
  | { ok: false; reasons: string[] };

const EXPIRED = 'The link was used already or has run out. Register again.';
const TAKEN = 'This name was taken meanwhile: choose another and register again.';

/** The link of the letter was followed, and a password chosen: now the account and its user are made. */
export async function completeRegistration(
  parts: Parts,
  { token, password, from }: { token: string; password: string; from: string },
): Promise<Registered> {
  const found = await peekOneTime(parts, 'verify', token);
  const request = found ? await requestOf(parts, found.data.request) : undefined;
  if (!request) return { ok: false, reasons: [EXPIRED] };
  const personal = [request.name, ...request.email.split(/[@.]/), 'steward'];
  const reasons = passwordIssues(password, { minLength: parts.policy.passwordMinLength, personal });
  if (reasons.length > 0) return { ok: false, reasons };
  if (!(await useOneTime(parts, 'verify', token))) return { ok: false, reasons: [EXPIRED] };
  const made = await make(parts, request);
  if (!made.ok) return made;
  const set = await setPassword(parts, made.person, { password, keepSession: null });
  if (!set.ok) return set;
  await markProved(parts, made.person, from);
  await welcome(parts, request, made.person.uid);
  parts.noted({ what: 'Registered', user: made.person.name, from, how: 'self' });
  if (request.projectInvitation === undefined) return { ...made, invitation: null };
  // Whoever dies before this leaves an invitation that the new user answers by the letter's link.
  const why = await joinByInvitation(parts, request.projectInvitation, made.person.name);
  return { ...made, invitation: { joined: why === null, why } };
}

async function registerNow(parts: Parts, request: RegistrationRequest, from: string): Promise<RegistrationOutcome> {
  const made = await make(parts, request);
  if (!made.ok)
    return { state: 'issues', issues: made.reasons.map((message) => ({ field: 'name' as const, message })) };
  await invite(parts, made.person, { from });
  parts.noted({ what: 'Registered', user: made.person.name, from, how: 'assisted' });
  return { state: 'registered', user: made.person.name };
}

function welcome(parts: Parts, { email, displayName }: RegistrationRequest, uid: string): Promise<void> {
  const params = { name: displayName, link: parts.policy.publicUrl };
  return parts.letters.send({ event: `welcome:${uid}`, recipient: email, template: 'Welcome', params });
}

/** Somebody who has an account already is told so, by letter and not by the answer. */
async function askToVerify(parts: Parts, request: RegistrationRequest): Promise<void> {
  const { email, displayName } = request;
  const limit = await countAttempt(parts.records, perRecipient(parts.policy), {
    whom: email.toLowerCase(),
    now: parts.now(),
  });
  if (!limit.allowed) return;
  if (await loginOf(parts, email)) {
    const event = `alreadyRegistered:${parts.now()}`;
    return parts.letters.send({
      event,
      recipient: email,
      template: 'AlreadyRegistered',
      params: { name: displayName },
    });
  }
  const [subject = ''] = emailKeys(parts, email);
  // Until the address is proved nothing is kept that anybody could read.
  const data = { request: parts.secrets.seal(JSON.stringify(request)) };
  const token = await issueOneTime(parts, { purpose: 'verify', subject, user: '', data, lifeMs: VERIFY_MS });
  const link = `${parts.policy.publicUrl}/verify#token=${token}`;
  await parts.letters.send({
    event: digestOf('verify', token),
    recipient: email,
    template: 'VerifyEmail',
    params: { name: displayName, link },
  });
}

async function requestOf(parts: Parts, sealed: string | undefined): Promise<RegistrationRequest | undefined> {
  const plain = sealed === undefined ? null : await parts.secrets.open(sealed);
  return plain === null ? undefined : (JSON.parse(plain) as RegistrationRequest);
}

/** The account, a project to begin with, and the first user: all of them, or nothing. */
async function make(parts: Parts, request: RegistrationRequest): Promise<Verified> {
  const { name, email, displayName, currency, terms } = request;
  const accepted: Record<string, string> =
    terms === '' ? {} : { [TERMS]: `${terms} ${new Date(parts.now()).toISOString()}` };
  const shown = displayName === '' ? {} : { displayName };
  const channel = request.channel
    ? ((await parts.channels?.find({ name: request.channel, host: null })) ?? null)
    : null;
  const { role } = channel?.policy ?? parts.policy.registration;
  const manifests: PersonManifest[] = [
    {
      kind: 'Account',
      metadata: { name, annotations: accepted },
      spec: { ownerEmail: email, currency, ...shown, ...placeOf(request, channel) },
    },
    { kind: 'Project', metadata: { name }, spec: { account: name, owner: `user:${name}` } },
    {
      kind: 'User',
      metadata: { name },
      spec: { email, account: name, roles: [{ role, account: name }], ...shown },
    },
  ];
  const created = await parts.people.create(manifests);
  if (!created.ok) return { ok: false, reasons: [TAKEN] };
  const person = await parts.people.byName(name);
  return person ? { ok: true, person } : { ok: false, reasons: [TAKEN] };
}

/** What an account begins with in its channel, and the country that it named. Letters that were sent before there were channels name none. */
function placeOf({ country }: RegistrationRequest, channel: RegistrationChannel | null): Record<string, unknown> {
  return {
    ...(channel === null ? {} : { channel: channel.name, zone: channel.zone, language: channel.language }),
    ...(country ? { billingAddress: { country } } : {}),
  };
}

/** Which terms were accepted, and when. */
const TERMS = 'identity.steward/terms';
