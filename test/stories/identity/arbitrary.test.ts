import { afterAll, beforeAll, describe, expect, it, jest } from '@jest/globals';
import fc from 'fast-check';
import { AUTH_ROUTES } from '../../../cmd/server/auth-routes.ts';
import { DEVICE_ROUTES } from '../../../cmd/server/device-routes.ts';
import { PASSKEY_ROUTES } from '../../../cmd/server/passkey-routes.ts';
import { type IdentityServer, startIdentityServer } from '../../fixtures/identity-server.ts';

jest.setTimeout(120_000);

/** Bodies that nearly fit, and bodies that do not at all. */
const FIELDS = [
  'login',
  'password',
  'ticket',
  'code',
  'token',
  'captcha',
  'response',
  'name',
  'email',
  'terms',
  'use',
  'provider',
  'label',
  'passkey',
  'deviceCode',
  'userCode',
  'approve',
];
const text = fc.oneof(
  fc.string(),
  fc.string({ unit: 'binary' }),
  fc.constantFrom('anna', '\0', '../..', '__proto__', 'sto_x', 'e30='),
);
const body = fc.oneof(
  fc.json(),
  fc.dictionary(fc.constantFrom(...FIELDS), fc.oneof(text, fc.jsonValue())).map((value) => JSON.stringify(value)),
  text,
);

describe('whatever is sent to /auth', () => {
  let server: IdentityServer;
  beforeAll(async () => {
    server = await startIdentityServer();
    await server.apply({ kind: 'User', metadata: { name: 'anna' }, spec: { email: 'anna@acme.example' } });
  });
  afterAll(() => server.close());

  const routes = [
    ...Object.keys(AUTH_ROUTES),
    ...Object.keys(PASSKEY_ROUTES),
    ...Object.keys(DEVICE_ROUTES),
    'saml/corp/acs',
    'oidc/corp/callback',
    'nothing',
    '__proto__',
    'constructor',
  ];

  it.each(routes)('%s answers with a refusal, lets nobody in, and logs no error', async (path) => {
    await fc.assert(
      fc.asyncProperty(body, async (sent) => {
        const init = {
          method: 'POST',
          headers: { 'content-type': 'application/json' },
          body: sent,
          redirect: 'manual' as const,
        };
        const response = await fetch(`${server.url}/auth/${path}`, init);
        expect(response.status).toBeLessThan(500);
        expect(response.headers.get('set-cookie') ?? '').not.toContain('steward-session=sts_');
        expect(await response.text()).not.toMatch(/sts_|stack|at Object/);
      }),
      { seed: 20_260_101, numRuns: 25 },
    );
    expect(server.errors).toEqual([]);
  });

  it('headers of every shape are nobody’s', async () => {
    const header = fc.string({ unit: fc.constantFrom(...'abcXYZ019=,; _-."/+'), maxLength: 200 });
    await fc.assert(
      fc.asyncProperty(header, header, async (authorization, cookie) => {
        const headers = { authorization, cookie: `steward-session=${cookie}` };
        const response = await fetch(`${server.url}/auth/session`, { headers });
        expect(response.status).toBe(401);
      }),
      { seed: 20_260_101, numRuns: 100 },
    );
    expect(server.errors).toEqual([]);
  });

  it('a body that is too large is refused before it is read', async () => {
    const sent = JSON.stringify({ login: 'a'.repeat(200_000), password: 'b' });
    const init = { method: 'POST', headers: { 'content-type': 'application/json' }, body: sent };
    const status = await fetch(`${server.url}/auth/sign-in`, init).then(
      ({ status: code }) => code,
      () => 413,
    );
    expect(status).toBe(413);
    expect(
      (await fetch(`${server.url}/auth/sign-in`, { ...init, headers: { 'content-type': 'text/plain' }, body: '{}' }))
        .status,
    ).toBe(415);
  });
});
