import { type AttemptPolicy, addressOf, attemptsOf, countAttempt, forgive, takeBack } from './attempts.ts';
import { arrive } from './federation.ts';
import { dropOneTimes, issueOneTime, peekOneTime, useOneTime } from './one-time.ts';
import { digestOf } from './one-way.ts';
import type { Parts, Person } from './parts.ts';
import { isPassword } from './password/passwords.ts';
import { personOf } from './people.ts';
import { FACTOR_TICKET_MS, PER_ADDRESS, perUser } from './policy.ts';
import type { SessionValue } from './records.ts';
import { type FactorMethod, factorMethods, judgeFactor } from './second-factor.ts';
import { type OpenSession, openSession } from './sessions.ts';

export interface SignInRequest {
  /** Name of the user, or a proved e-mail address. */
  login: string;
  password: string;
  /** Directory that is asked about somebody who was never here. */
  provider?: string | undefined;
  use: SessionValue['use'];
  from: string;
  agent: string;
  /** Whether a proof of work came with it. Asked only when it is needed, since a proof counts once. */
  solved(): Promise<boolean>;
}

export type SignInOutcome =
  | { state: 'signedIn'; opened: OpenSession; person: Person }
  | { state: 'secondFactorNeeded'; ticket: string; methods: FactorMethod[] }
  | { state: 'captchaNeeded' }
  /** Wrong name, wrong password, suspended: nobody is told which. */
  | { state: 'refused' }
  | { state: 'waiting'; waitMs: number }
  | { state: 'unavailable' };

/** Signs in by password. Known and unknown names take the same path, the same work and the same answers. */
export async function signIn(parts: Parts, request: SignInRequest): Promise<SignInOutcome> {
  const whom = request.login.trim().toLowerCase().slice(0, 254);
  const address = addressOf(request.from);
  const now = parts.now();
  const failures = await attemptsOf(parts.records, perUser(parts.policy), { whom, now });
  if (failures >= parts.policy.captchaAfter && !(await request.solved())) return { state: 'captchaNeeded' };
  const waitMs = await countBoth(parts, { whom, address });
  if (waitMs > 0) return { state: 'waiting', waitMs };
  const person = await personOf(parts, whom);
  const checked = await check(parts, person, request);
  if (checked.state !== 'right') {
    parts.noted({ what: 'SignInRefused', user: whom, from: request.from });
    return checked;
  }
  await forgive(parts.records, perUser(parts.policy), whom);
  await takeBack(parts.records, PER_ADDRESS, { whom: address, now: parts.now() });
  return enter(parts, checked.person, { ...request, how: checked.how });
}

export interface Entry {
  use: SessionValue['use'];
  from: string;
  agent: string;
  how: string;
}

/** The first factor is proved: a session, or the question for the second. */
export async function enter(parts: Parts, person: Person, entry: Entry): Promise<SignInOutcome> {
  const methods = await factorMethods(parts, person.uid);
  if (methods.length > 0) {
    const data = { use: entry.use, how: entry.how };
    const ticket = await issueOneTime(parts, {
      purpose: 'factor',
      subject: person.uid,
      user: person.name,
      data,
      lifeMs: FACTOR_TICKET_MS,
    });
    return { state: 'secondFactorNeeded', ticket, methods };
  }
  return admitted(parts, person, { ...entry, secondFactor: false });
}

/** The second factor to a ticket. A wrong code leaves the ticket good; the tries of the user are counted. */
export async function giveSecondFactor(
  parts: Parts,
  { ticket, code, from, agent }: { ticket: string; code: string; from: string; agent: string },
): Promise<SignInOutcome> {
  const found = await peekOneTime(parts, 'factor', ticket);
  const person = found ? await parts.people.byName(found.user) : undefined;
  if (!found || !person?.active || person.uid !== found.subject) return { state: 'refused' };
  const judged = await judgeFactor(parts, person, { code, from });
  if (judged.state === 'waiting') return judged;
  if (judged.state === 'wrong' || !(await useOneTime(parts, 'factor', ticket))) return { state: 'refused' };
  return admitted(parts, person, {
    use: useOf(found.data.use),
    how: found.data.how ?? 'password',
    from,
    agent,
    secondFactor: true,
  });
}

export async function admitted(
  parts: Parts,
  person: Person,
  entry: Entry & { secondFactor: boolean },
): Promise<SignInOutcome> {
  await dropOneTimes(parts, 'factor', person.uid);
  await tellNewPlace(parts, person, entry);
  const opened = await openSession(parts, person, entry);
  parts.noted({ what: 'SignedIn', user: person.name, from: entry.from, how: entry.how });
  return { state: 'signedIn', opened, person };
}

/** Places from which somebody signed in lately; a letter tells of one that is not among them. */
const PLACE_MS = 90 * 86_400_000;

async function tellNewPlace(parts: Parts, person: Person, { from }: Pick<Entry, 'from'>): Promise<void> {
  const { records } = parts;
  const key = digestOf('place', person.uid, addressOf(from));
  const subject = `place:${person.uid}`;
  const known = await records.ofSubject('seen', subject, 1);
  const row = { key, subject, value: { at: parts.now() }, expiresAt: parts.now() + PLACE_MS };
  const isNew = await records.insert('seen', row);
  // The first of all places is where the account was made.
  if (!isNew || known.length === 0 || person.email === null) return;
  const params = { name: person.displayName };
  await parts.letters.send({
    event: `place:${key}:${parts.now()}`,
    recipient: person.email,
    template: 'SignedInAnew',
    params,
  });
}

export function useOf(text: string | undefined): SessionValue['use'] {
  return text === 'commandLine' ? 'commandLine' : 'browser';
}

type Checked = { state: 'right'; person: Person; how: string } | { state: 'refused' } | { state: 'unavailable' };

async function check(parts: Parts, person: Person | undefined, request: SignInRequest): Promise<Checked> {
  const { password } = request;
  if (password === '') return { state: 'refused' };
  const provider = person === undefined ? (request.provider ?? null) : person.active ? person.provider : null;
  if (provider !== null) return checkAtDirectory(parts, { person, provider, request });
  const own = person?.active ? person : undefined;
  const right = await isPassword(parts, own, password);
  if (right === 'busy') return { state: 'unavailable' };
  return right && own ? { state: 'right', person: own, how: 'password' } : { state: 'refused' };
}

/** The directory says who it is; that has to be whom we took it for, if we did. */
async function checkAtDirectory(
  parts: Parts,
  { person, provider: name, request }: { person: Person | undefined; provider: string; request: SignInRequest },
): Promise<Checked> {
  const provider = await parts.providers.byName(name);
  if (!provider?.active || provider.type !== 'ldap') {
    // As long as for everybody else: who comes by another house is nobody's business.
    await isPassword(parts, undefined, request.password);
    return { state: 'refused' };
  }
  const login = request.login.trim();
  const answer = await parts.providers.verify({ provider: name, name: login, password: request.password });
  if (answer.state !== 'known') return { state: answer.state };
  const arrived = await arrive(parts, provider, { facts: answer.facts, from: request.from });
  if (!arrived || (person && arrived.uid !== person.uid)) return { state: 'refused' };
  return { state: 'right', person: arrived, how: `ldap:${name}` };
}

/** The longer of the waits of the name and of the address; 0 when both let it pass. */
async function countBoth(parts: Parts, { whom, address }: { whom: string; address: string }): Promise<number> {
  const count = (policy: AttemptPolicy, who: string) =>
    countAttempt(parts.records, policy, { whom: who, now: parts.now() });
  const byAddress = await count(PER_ADDRESS, address);
  if (!byAddress.allowed) return byAddress.waitMs;
  const byUser = await count(perUser(parts.policy), whom);
  return byUser.allowed ? 0 : byUser.waitMs;
}
