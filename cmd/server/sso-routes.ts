import { z } from 'zod';
import { type Credentials, cookieOf } from '../../identity/credentials.ts';
import { arrive } from '../../identity/federation.ts';
import { issueOneTime, useOneTime } from '../../identity/one-time.ts';
import { digestOf, newToken, sameText } from '../../identity/one-way.ts';
import type { ForeignPerson, Parts } from '../../identity/parts.ts';
import { enter } from '../../identity/sign-in.ts';
import type { Oidc, OidcOptions } from '../../integrations/sso/oidc.ts';
import type { SamlOptions } from '../../integrations/sso/saml.ts';
import { signInReply } from './auth-replies.ts';
import type { CookieRules, Reply } from './auth-request.ts';
import { type OpenProvider, type ProviderSource, readProvider } from './identity-providers.ts';

/** Single sign-on: the browser is sent to another house, and comes back with its word. */
export interface SsoCall {
  parts: Parts;
  credentials: Credentials;
  source: ProviderSource;
  oidc: Oidc;
  rules: CookieRules;
  /** Path below /auth, and the query. */
  url: URL;
}

/** Its libraries are large, and read when somebody first comes this way. */
const saml = () => import('../../integrations/sso/saml.ts');

const WAY = /^\/auth\/(oidc|saml)\/([a-z0-9-]{1,63})\/(start|callback|acs|metadata)$/;
const LIFE_MS = 600_000;
const FORM = z.object({ SAMLResponse: z.string().min(1), RelayState: z.string().min(1).max(256) });

export function isSso(pathname: string): boolean {
  return WAY.test(pathname);
}

/** GET start, callback and metadata; POST acs with the form that the other house has the browser send. */
export async function answerSso(call: SsoCall, form: unknown): Promise<Reply> {
  const [, type, name = '', step] = WAY.exec(call.url.pathname) ?? [];
  const found = await readProvider(call.source, name);
  if (!found?.view.active || found.view.type !== type) return UNKNOWN;
  const way = form === undefined ? `${type} ${step}` : `${type} ${step} form`;
  switch (way) {
    case 'oidc start':
      return startOidc(call, found);
    case 'oidc callback':
      return finishOidc(call, found);
    case 'saml start':
      return startSaml(call, found);
    case 'saml metadata':
      return {
        status: 200,
        body: {},
        text: {
          type: 'application/samlmetadata+xml',
          text: (await saml()).samlMetadata(await samlOptions(call, found)),
        },
      };
    case 'saml acs form':
      return acceptSaml(call, found, form);
    default:
      return UNKNOWN;
  }
}

const UNKNOWN: Reply = { status: 404, body: { error: 'There is no such way to sign in.' } };
const REFUSED: Reply = { status: 401, body: { error: 'Signing in was refused. Begin again.', state: 'refused' } };
const UNAVAILABLE: Reply = {
  status: 503,
  body: { error: 'The identity provider does not answer.', state: 'unavailable' },
};

async function startOidc(call: SsoCall, found: OpenProvider): Promise<Reply> {
  const options = await oidcOptions(call, found);
  const browser = newToken('stb', call.parts.random);
  const state = newToken('stx', call.parts.random);
  const request = await call.oidc.begin(options, state);
  if (request === null) return UNAVAILABLE;
  const { verifier, nonce } = request;
  const data = { state, verifier, nonce, browser: digestOf('browser', browser) };
  const token = await remember(call, { purpose: 'oidc', provider: found.view.name, data });
  return {
    status: 302,
    body: {},
    location: request.url,
    extraCookie: ssoCookie(call.rules, `${browser}.${token}`, 'Lax'),
  };
}

async function finishOidc(call: SsoCall, found: OpenProvider): Promise<Reply> {
  const [browser = '', token = ''] = (cookieOf(call.credentials.cookie, SSO_COOKIE) ?? '').split('.');
  const kept = await useOneTime(call.parts, 'oidc', token);
  // The browser that comes back has to be the one that was sent.
  if (kept?.subject !== found.view.name || !sameText(kept.data.browser ?? '', digestOf('browser', browser)))
    return REFUSED;
  const { state = '', verifier = '', nonce = '' } = kept.data;
  const options = await oidcOptions(call, found);
  const currentUrl = `${options.redirectUri}${call.url.search}`;
  return admit(call, found, await call.oidc.finish(options, { currentUrl, state, verifier, nonce }));
}

async function startSaml(call: SsoCall, found: OpenProvider): Promise<Reply> {
  const browser = newToken('stb', call.parts.random);
  // The form comes from another site: without TLS browsers send no cookie with it.
  const data = call.rules.secure ? { browser: digestOf('browser', browser) } : {};
  const { parts } = call;
  const token = newToken('str', parts.random);
  const { url, requestId } = await (await saml()).beginSaml(await samlOptions(call, found), token);
  const row = {
    key: digestOf('relay', token),
    subject: found.view.name,
    value: { purpose: 'saml', user: '', data: { ...data, requestId } },
  };
  await parts.records.insert('oneTime', { ...row, expiresAt: parts.now() + LIFE_MS });
  return { status: 302, body: {}, location: url, extraCookie: ssoCookie(call.rules, browser, 'None') };
}

async function acceptSaml(call: SsoCall, found: OpenProvider, form: unknown): Promise<Reply> {
  const parsed = FORM.safeParse(form);
  if (!parsed.success) return REFUSED;
  const { records, now } = call.parts;
  const key = digestOf('relay', parsed.data.RelayState);
  const row = await records.get('oneTime', key);
  if (row?.subject !== found.view.name || row.value.purpose !== 'saml' || (row.expiresAt ?? 0) <= now()) return REFUSED;
  const { requestId = '', browser } = row.value.data;
  const cookie = cookieOf(call.credentials.cookie, SSO_COOKIE) ?? '';
  if (browser !== undefined && !sameText(browser, digestOf('browser', cookie))) return REFUSED;
  // One answer to one request: an answer that comes again finds nothing.
  if (!(await records.remove('oneTime', key))) return REFUSED;
  return admit(
    call,
    found,
    await (await saml()).finishSaml(await samlOptions(call, found), { response: parsed.data.SAMLResponse, requestId }),
  );
}

async function admit(call: SsoCall, { view }: OpenProvider, facts: ForeignPerson | null): Promise<Reply> {
  const { parts, credentials } = call;
  const { from, agent } = credentials;
  const person = facts === null ? undefined : await arrive(parts, view, { facts, from });
  if (!person) {
    parts.noted({ what: 'SignInRefused', user: facts?.name ?? '', from, how: `${view.type}:${view.name}` });
    return { ...REFUSED, extraCookie: ssoCookie(call.rules, '', 'Lax') };
  }
  const outcome = await enter(parts, person, { use: 'browser', from, agent, how: `${view.type}:${view.name}` });
  const reply = signInReply(outcome);
  if (outcome.state === 'secondFactorNeeded')
    return { ...reply, status: 302, location: `${parts.policy.publicUrl}/second-factor#ticket=${outcome.ticket}` };
  return {
    ...reply,
    status: 302,
    location: `${parts.policy.publicUrl}/`,
    extraCookie: ssoCookie(call.rules, '', 'Lax'),
  };
}

async function remember(
  { parts }: SsoCall,
  { purpose, provider, data }: { purpose: 'oidc'; provider: string; data: Record<string, string> },
): Promise<string> {
  return issueOneTime(parts, { purpose, subject: provider, user: '', data, lifeMs: LIFE_MS });
}

const SSO_COOKIE = 'steward-sso';

function ssoCookie({ secure }: CookieRules, value: string, site: 'Lax' | 'None'): string {
  const life = value === '' ? 0 : LIFE_MS / 1000;
  return `${SSO_COOKIE}=${value}; Path=/auth; HttpOnly; Max-Age=${life}; SameSite=${secure ? site : 'Lax'}${secure ? '; Secure' : ''}`;
}

async function oidcOptions({ parts, source }: SsoCall, { view, spec }: OpenProvider): Promise<OidcOptions> {
  if (!spec.oidc) throw new Error(`The provider ${view.name} has no section "oidc".`);
  const { clientSecret, ...rest } = spec.oidc;
  return {
    ...rest,
    clientSecret: clientSecret === undefined ? null : await source.open(clientSecret),
    redirectUri: `${parts.policy.publicUrl}/auth/oidc/${view.name}/callback`,
  };
}

async function samlOptions({ parts, source }: SsoCall, { view, spec }: OpenProvider): Promise<SamlOptions> {
  if (!spec.saml) throw new Error(`The provider ${view.name} has no section "saml".`);
  const { issuer, encryption, ...rest } = spec.saml;
  const key = encryption === undefined ? null : await source.open(encryption.key);
  const decryption = encryption === undefined || key === null ? null : { key, certificate: encryption.certificate };
  const base = `${parts.policy.publicUrl}/auth/saml/${view.name}`;
  return { ...rest, decryption, idpIssuer: issuer, entityId: `${base}/metadata`, callbackUrl: `${base}/acs` };
}
