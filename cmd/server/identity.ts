import { randomBytes } from 'node:crypto';
import { addressOf, countAttempt } from '../../identity/attempts.ts';
import { type Authenticated, authenticate, stillStands } from '../../identity/authenticate.ts';
import { bearerOf, type Credentials, cookieOf, credentialsOf } from '../../identity/credentials.ts';
import { lettersByOutbox, type Outbox } from '../../identity/letters.ts';
import type { IdentityAudit, IdentityEvent, Parts } from '../../identity/parts.ts';
import { createHasher } from '../../identity/password/hash.ts';
import { perSender, type SignInPolicy } from '../../identity/policy.ts';
import { newChallenge, takeSolution } from '../../identity/proof-of-work.ts';
import type { Records } from '../../identity/records.ts';
import { csrfOf } from '../../identity/sessions.ts';
import { tidyRecords } from '../../identity/standing.ts';
import type { Vault } from '../../integrations/seal/seal.ts';
import { createOidc } from '../../integrations/sso/oidc.ts';
import type { LetterSeal } from '../../postgres/mail/queue.ts';
import type { Admission } from '../../reconciler/admission/apply.ts';
import type { Principal } from '../../reconciler/principal.ts';
import type { EngineStore, ObjectStore } from '../../reconciler/store.ts';
import type { OpenAccounts } from './accounts.ts';
import { isFreshSession } from './auth-prove.ts';
import { FORBIDDEN, waitingReply } from './auth-replies.ts';
import { cookieRules, parseBody, type Reply, readBody, sendReply } from './auth-request.ts';
import type { AuthCall, Route } from './auth-route.ts';
import { AUTH_ROUTES } from './auth-routes.ts';
import { DEVICE_PAGE } from './device-page.ts';
import { DEVICE_ROUTES } from './device-routes.ts';
import { systemClock, uuidv7 } from './environment.ts';
import { below, type Handler } from './http.ts';
import { identityObjects } from './identity-objects.ts';
import { createProviders } from './identity-providers.ts';
import { livePolicy, registrationChannels } from './live-policy.ts';
import type { LiveSettings } from './live-settings.ts';
import { PASSKEY_ROUTES } from './passkey-routes.ts';
import { answerSso, isSso } from './sso-routes.ts';
import { authenticator } from './tokens.ts';

export interface IdentityOptions {
  admission: Admission;
  store: ObjectStore & Pick<EngineStore, 'wake'>;
  /** How accounts stand, by name. */
  standing: OpenAccounts['standing'];
  records: Records;
  outbox: Outbox;
  audit: IdentityAudit;
  vault: Vault;
  /** What the server was started with; what was decided since goes before it. */
  policy: SignInPolicy;
  settings: LiveSettings;
  /** Whether the server itself does TLS. */
  tls: boolean;
  /** The administrator's token. */
  token: string;
  noted(event: IdentityEvent): void;
  onError(error: unknown): void;
}

/** Who presents these credentials; null for nobody. */
export type Authenticate = (credentials: Credentials) => Promise<Principal | null>;

export interface Identity {
  parts: Parts;
  authenticate: Authenticate;
  /** Whether somebody who was recognised still would be. */
  stands(principal: Principal): Promise<boolean>;
  /** Where the server listens, known once it does. */
  listensAt(url: string): void;
  /** How letters are sealed while they wait. */
  letterSeal: LetterSeal;
  /** /auth/… */
  handler: Handler;
  /** Forgets what has run out. */
  tidy(): Promise<number>;
}

/** Puts signing in together. */
export function createIdentity(options: IdentityOptions): Identity {
  const { people, keys } = identityObjects(options);
  const late = { url: '' };
  const parts = partsOf(options, people, late);
  const source = { store: options.store, open: parts.secrets.open };
  const oidc = createOidc(systemClock.now);
  const rules = cookieRules(isEncrypted(options));
  const administrator = authenticator(options.token);
  const recognise = (credentials: Credentials) => authenticate(parts, { keys, cookie: rules.name }, credentials);
  const challengeKey = keyFor(options.vault, 'challenge');
  const callOf = (credentials: Credentials): AuthCall => ({
    parts,
    credentials,
    solved: async (captcha) => captcha !== undefined && (await takeSolution(parts, challengeKey, captcha)),
  });
  return {
    parts,
    letterSeal: { ...parts.secrets, unseal: options.vault.unseal, uid: parts.uid },
    authenticate: async (credentials) => {
      const admin = isForeign(credentials) ? await administrator(credentials) : null;
      if (admin) return admin;
      const who = await recognise(credentials);
      return who && principalOf(who, credentials);
    },
    stands: (principal) => stillStands(parts, keys, principal),
    handler: below('/auth', async (req, res) => {
      const credentials = credentialsOf(req);
      const url = new URL(req.url ?? '/', 'http://localhost');
      if (isSso(url.pathname)) {
        const sso = { parts, credentials, source, oidc, rules, url };
        const form = req.method === 'POST' ? await readBody(req, 'form') : undefined;
        const reply = form?.ok === false ? form.reply : await answerSso(sso, form?.value);
        return sendReply(res, rules, reply);
      }
      const path = url.pathname.slice('/auth/'.length);
      const call = callOf(credentials);
      if (req.method === 'GET')
        return sendReply(res, rules, await readOnly(path, call, { challengeKey, recognise, cookie: rules.name }));
      const found = Object.hasOwn(ROUTES, path) ? ROUTES[path] : undefined;
      if (!found || req.method !== 'POST') return sendReply(res, rules, found ? ONLY_POST : NOTHING);
      const body = await readBody(req, 'json');
      if (!body.ok) return sendReply(res, rules, body.reply);
      sendReply(res, rules, await run(found, { call, body: body.value, recognise }));
    }),
    listensAt: (url) => {
      late.url = url;
    },
    tidy: () => tidyRecords(options.records, parts.now()),
  };
}

const ROUTES: Readonly<Record<string, Route>> = { ...AUTH_ROUTES, ...PASSKEY_ROUTES, ...DEVICE_ROUTES };
const NOTHING: Reply = { status: 404, body: { error: 'Nothing is here.' } };
const ONLY_POST: Reply = { status: 405, body: { error: 'Only POST is answered here.' } };
const SIGN_IN: Reply = { status: 401, body: { error: 'Sign in first.', state: 'signInNeeded' } };
const PROVE: Reply = {
  status: 403,
  body: { error: 'Prove first who you are: POST /auth/prove.', state: 'proofNeeded' },
};

type Recognise = (credentials: Credentials) => Promise<Authenticated | null>;

async function run(
  route: Route,
  { call, body, recognise }: { call: AuthCall; body: unknown; recognise: Recognise },
): Promise<Reply> {
  const parsed = parseBody(route.body, body);
  if (!parsed.ok) return parsed.reply;
  if (route.for === 'anyone') return route.run(call, parsed.value, null);
  const who = await recognise(call.credentials);
  if (!who) return SIGN_IN;
  if (!who.session) return FORBIDDEN;
  if (route.for === 'fresh' && !isFreshSession(call.parts, who)) return PROVE;
  return route.run(call, parsed.value, who);
}

async function readOnly(
  path: string,
  { parts, credentials }: AuthCall,
  { challengeKey, recognise, cookie }: { challengeKey: string; recognise: Recognise; cookie: string },
): Promise<Reply> {
  if (path === 'challenge') {
    const attempt = await countAttempt(parts.records, perSender(parts.policy), {
      whom: addressOf(credentials.from),
      now: parts.now(),
    });
    if (!attempt.allowed) return waitingReply(attempt.waitMs);
    const { policy, random } = parts;
    return {
      status: 200,
      body: { ...newChallenge(challengeKey, { maxNumber: policy.captchaWork, now: parts.now(), random }) },
    };
  }
  if (path === 'device') return DEVICE_PAGE;
  if (path !== 'session') return NOTHING;
  const who = await recognise(credentials);
  if (!who) return SIGN_IN;
  const token = cookieOf(credentials.cookie, cookie);
  // A page that was loaded anew asks for the other half of its cookie here; other sites cannot read the answer.
  const csrf = token !== null && credentials.authorization === null ? { csrf: csrfOf(token) } : {};
  return { status: 200, body: { ...sessionBody(who), ...csrf } };
}

function sessionBody({ actor, person, authentication }: Authenticated): Reply['body'] {
  return { actor, displayName: person.displayName, account: person.account, ...authentication };
}

function principalOf(who: Authenticated, { from }: Credentials): Principal {
  const { actor, onBehalfOf, authentication } = who;
  return { actor, onBehalfOf, from, requestId: uuidv7(Date.now()), authentication };
}

/** Bearer tokens of ours say by their beginning what they are; the administrator's may be anything else. */
function isForeign({ authorization }: Credentials): boolean {
  return !/^(sts|stk)_/.test(bearerOf(authorization) ?? 'sts_');
}

function isEncrypted({ policy, tls }: Pick<IdentityOptions, 'policy' | 'tls'>): boolean {
  return policy.publicUrl === '' ? tls : policy.publicUrl.startsWith('https:');
}

function partsOf(options: IdentityOptions, people: Parts['people'], late: { url: string }): Parts {
  const { vault, records } = options;
  const policy = livePolicy(options.policy, options.settings, () => options.policy.publicUrl || late.url);
  const uid = () => uuidv7(Date.now());
  const now = systemClock.now;
  const open = async (sealed: string) => {
    const opened = await vault.open(sealed);
    return opened.ok ? opened.value : null;
  };
  const { index: blindIndex, indexes: blindIndexes } = vault.personal;
  return {
    records,
    people,
    policy,
    letters: lettersByOutbox(options.outbox, { seal: vault.seal, blindIndex, now, uid }),
    hasher: createHasher(),
    secrets: {
      seal: vault.seal,
      blindIndex,
      blindIndexes,
      open,
    },
    providers: createProviders({ store: options.store, open }),
    channels: registrationChannels(options.policy, options),
    noted: (event) => {
      options.noted(event);
      keepEvent(options, people, event).catch(options.onError);
    },
    now,
    random: (bytes) => new Uint8Array(randomBytes(bytes)),
    uid,
  };
}

/** Of a name that nobody has, only the log tells: strangers do not fill the audit. */
async function keepEvent({ audit }: IdentityOptions, people: Parts['people'], event: IdentityEvent): Promise<void> {
  const { what, user, from, how = null } = event;
  const person = await people.byName(user);
  if (!person) return;
  const actor = event.actor ?? `user:${user}`;
  await audit.append({ uid: person.uid, name: user, what, how, actor, from, requestId: uuidv7(Date.now()) });
}

/** A key of the installation for one purpose, the same on all instances. */
function keyFor(vault: Vault, purpose: string): string {
  return vault.fingerprint(`identity:${purpose}`);
}

const TIDY_EVERY_MS = 300_000;

/** Every few minutes, on every instance: rows that are gone already cost nothing. */
export async function keepTidy(
  tidy: () => Promise<number>,
  {
    onError,
    stop,
    paused,
    everyMs = TIDY_EVERY_MS,
  }: { onError(error: unknown): void; stop: AbortSignal; paused(): boolean; everyMs?: number },
): Promise<void> {
  while (!stop.aborted) {
    await systemClock.sleep(everyMs, stop);
    if (!stop.aborted && !paused()) await tidy().catch(onError);
  }
}
