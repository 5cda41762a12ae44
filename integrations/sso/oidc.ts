import type { Configuration } from 'openid-client';
import type { ForeignPerson } from '../../identity/parts.ts';

/** How an OpenID provider is asked. */
export interface OidcOptions {
  issuer: string;
  clientId: string;
  /** Null: a public client, which PKCE alone protects. */
  clientSecret: string | null;
  scopes: readonly string[];
  nameClaim: string;
  groupsClaim: string;
  redirectUri: string;
}

/** What has to be remembered until the browser comes back. */
export interface OidcRequest {
  url: string;
  verifier: string;
  nonce: string;
}

/** Read when somebody first comes this way. */
const library = () => import('openid-client');

const TIMEOUT_S = 8;
const KEPT_MS = 300_000;
const KEPT_MAX = 64;

/** Providers' documents and keys are kept for some minutes; an unknown key has the library read the keys anew at once. */
export function createOidc(now: () => number) {
  const kept = new Map<string, { until: number; configuration: Promise<Configuration> }>();
  const configurationOf = (options: OidcOptions): Promise<Configuration> => {
    const key = JSON.stringify([options.issuer, options.clientId, options.clientSecret]);
    const known = kept.get(key);
    if (known && known.until > now()) return known.configuration;
    const configuration = discover(options);
    if (kept.size >= KEPT_MAX) kept.clear();
    kept.set(key, { until: now() + KEPT_MS, configuration });
    configuration.catch(() => kept.delete(key));
    return configuration;
  };
  return {
    /** Where the browser goes. Null: the provider does not answer. */
    begin: async (options: OidcOptions, state: string): Promise<OidcRequest | null> => {
      const configuration = await configurationOf(options).catch(() => null);
      if (configuration === null) return null;
      const { buildAuthorizationUrl, calculatePKCECodeChallenge, randomNonce, randomPKCECodeVerifier } =
        await library();
      const [verifier, nonce] = [randomPKCECodeVerifier(), randomNonce()];
      const url = buildAuthorizationUrl(configuration, {
        redirect_uri: options.redirectUri,
        scope: options.scopes.join(' '),
        code_challenge: await calculatePKCECodeChallenge(verifier),
        code_challenge_method: 'S256',
        state,
        nonce,
      });
      return { url: url.href, verifier, nonce };
    },
    /** Who came back: the code is exchanged, and the token's issuer, audience, signature, nonce and times are checked. Null: refused. */
    finish: async (
      options: OidcOptions,
      { currentUrl, state, verifier, nonce }: { currentUrl: string; state: string; verifier: string; nonce: string },
    ): Promise<ForeignPerson | null> => {
      const configuration = await configurationOf(options).catch(() => null);
      if (configuration === null) return null;
      const checks = { pkceCodeVerifier: verifier, expectedState: state, expectedNonce: nonce, idTokenExpected: true };
      const { authorizationCodeGrant } = await library();
      const answer = await authorizationCodeGrant(configuration, new URL(currentUrl), checks).catch(() => null);
      const claims = answer?.claims();
      return claims ? personOf(options, claims) : null;
    },
  };
}

export type Oidc = ReturnType<typeof createOidc>;

async function discover({ issuer, clientId, clientSecret }: OidcOptions): Promise<Configuration> {
  const { allowInsecureRequests, ClientSecretBasic, discovery, None } = await library();
  const authentication = clientSecret === null ? None() : ClientSecretBasic(clientSecret);
  const execute = isLoopback(issuer) ? [allowInsecureRequests] : [];
  return discovery(new URL(issuer), clientId, undefined, authentication, { timeout: TIMEOUT_S, execute });
}

/** Nothing on the way to this very machine can listen. */
function isLoopback(issuer: string): boolean {
  return /^(localhost|127(\.\d+){3}|\[::1\])$/.test(new URL(issuer).hostname);
}

function personOf(
  { nameClaim, groupsClaim }: OidcOptions,
  claims: Readonly<Record<string, unknown>>,
): ForeignPerson | null {
  const text = (name: string) => (typeof claims[name] === 'string' ? (claims[name] as string) : null);
  const subject = text('sub');
  const name = text(nameClaim) ?? text('email') ?? subject;
  if (subject === null || name === null) return null;
  const groups = Array.isArray(claims[groupsClaim]) ? (claims[groupsClaim] as unknown[]) : [];
  return {
    subject,
    name,
    displayName: text('name'),
    email: claims.email_verified === true ? text('email') : null,
    groups: groups.filter((group): group is string => typeof group === 'string').slice(0, 1_000),
  };
}
