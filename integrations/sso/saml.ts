import { type CacheProvider, type Profile, SAML, ValidateInResponseTo } from '@node-saml/node-saml';
import type { ForeignPerson } from '../../identity/parts.ts';

/** How a SAML identity provider is asked, and what we are to it. */
export interface SamlOptions {
  entryPoint: string;
  /** Entity id of the identity provider. */
  idpIssuer: string;
  /** PEM. */
  certificates: readonly string[];
  /** Our entity id, which is its audience. */
  entityId: string;
  /** Where the browser brings the answer. */
  callbackUrl: string;
  nameAttribute: string;
  emailAttribute: string;
  displayNameAttribute: string;
  groupsAttribute: string;
  /** Opens encrypted assertions; null: none are taken. PEM. */
  decryption: { key: string; certificate: string } | null;
}

/** What tells whoever tries often enough what is inside, or whose key is too short. */
const WEAK_ENCRYPTION = /xmlenc#(rsa-1_5|tripledes-cbc)/i;

const SKEW_MS = 60_000;
const REQUEST_MS = 600_000;

/** Where the browser goes with which request. `relayState` comes back with the answer. */
export async function beginSaml(options: SamlOptions, relayState: string): Promise<{ url: string; requestId: string }> {
  const asked: string[] = [];
  const saml = samlOf(options, {
    saveAsync: async (key, value) => {
      asked.push(key);
      return { value, createdAt: Date.now() };
    },
    getAsync: async () => null,
    removeAsync: async () => null,
  });
  const url = await saml.getAuthorizeUrlAsync(relayState, undefined, {});
  const [requestId] = asked;
  if (requestId === undefined) throw new Error('A SAML request was made without an id.');
  return { url, requestId };
}

/**
 * Who came back. The assertion has to be signed by the provider, meant for us, of this time, and an answer to the very request that this
 * browser was sent with; nothing outside of what is signed is believed. Null: refused.
 */
export async function finishSaml(
  options: SamlOptions,
  { response, requestId }: { response: string; requestId: string },
): Promise<ForeignPerson | null> {
  // No provider needs a document type; whoever sends one means the parser.
  const xml = Buffer.from(response, 'base64').toString('utf8');
  if (/<!(DOCTYPE|ENTITY)/i.test(xml) || WEAK_ENCRYPTION.test(xml)) return null;
  const saml = samlOf(options, {
    saveAsync: async () => null,
    getAsync: async (key) => (key === requestId ? new Date().toISOString() : null),
    removeAsync: async (key) => key,
  });
  const answer = await saml.validatePostResponseAsync({ SAMLResponse: response }).catch(() => null);
  return answer?.profile ? personOf(options, answer.profile) : null;
}

/** What the identity provider's administrator imports. */
export function samlMetadata(options: SamlOptions): string {
  const none: CacheProvider = {
    saveAsync: async () => null,
    getAsync: async () => null,
    removeAsync: async () => null,
  };
  return samlOf(options, none).generateServiceProviderMetadata(options.decryption?.certificate ?? null);
}

function samlOf(options: SamlOptions, cacheProvider: CacheProvider): SAML {
  return new SAML({
    entryPoint: options.entryPoint,
    idpIssuer: options.idpIssuer,
    idpCert: [...options.certificates],
    issuer: options.entityId,
    audience: options.entityId,
    callbackUrl: options.callbackUrl,
    cacheProvider,
    ...(options.decryption && { decryptionPvk: options.decryption.key }),
    identifierFormat: null,
    disableRequestedAuthnContext: true,
    wantAssertionsSigned: true,
    // One signature over the assertion is what counts; providers that sign the whole answer too may.
    wantAuthnResponseSigned: false,
    signatureAlgorithm: 'sha256',
    digestAlgorithm: 'sha256',
    acceptedClockSkewMs: SKEW_MS,
    maxAssertionAgeMs: REQUEST_MS,
    requestIdExpirationPeriodMs: REQUEST_MS,
    validateInResponseTo: ValidateInResponseTo.always,
  });
}

function personOf(options: SamlOptions, profile: Profile): ForeignPerson | null {
  // Of what only looks like an answer of this provider nothing is taken.
  if (profile.issuer !== options.idpIssuer || !profile.nameID) return null;
  const attributes = (profile.attributes ?? profile) as Readonly<Record<string, unknown>>;
  const all = (name: string) => [attributes[name]].flat().filter((value): value is string => typeof value === 'string');
  const first = (name: string) => all(name)[0] ?? null;
  return {
    subject: profile.nameID,
    name: first(options.nameAttribute) ?? profile.nameID,
    displayName: first(options.displayNameAttribute),
    email: first(options.emailAttribute),
    groups: all(options.groupsAttribute).slice(0, 1_000),
  };
}
