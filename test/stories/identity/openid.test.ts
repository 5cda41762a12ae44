import { afterAll, beforeAll, describe, expect, it, jest } from '@jest/globals';
import type { Browser } from '../../fixtures/browser.ts';
import { type IdentityServer, startIdentityServer } from '../../fixtures/identity-server.ts';
import { type OpenIdServer, startOpenId } from '../../fixtures/openid-server.ts';

jest.setTimeout(120_000);

describe('people of an OpenID provider', () => {
  let server: IdentityServer;
  let provider: OpenIdServer;
  beforeAll(async () => {
    jest.spyOn(console, 'info').mockReturnValue();
    jest.spyOn(console, 'warn').mockReturnValue();
    server = await startIdentityServer();
    const client = {
      id: 'steward',
      secret: 'of the client, long enough',
      redirectUri: `${server.url}/auth/oidc/corp/callback`,
    };
    provider = await startOpenId(client, {
      'sub-1': {
        preferred_username: 'anna.meier',
        name: 'Anna Meier',
        email: 'anna@acme.example',
        email_verified: true,
        groups: ['ops'],
      },
      'sub-2': { preferred_username: 'anna.meier', name: 'Another Anna' },
      'sub-3': { preferred_username: 'bert' },
    });
    const oidc = { issuer: provider.issuer, clientId: client.id, clientSecret: client.secret };
    await server.apply(
      {
        kind: 'IdentityProvider',
        metadata: { name: 'corp' },
        spec: {
          type: 'oidc',
          oidc,
          provision: { account: 'default' },
          groupRoles: [{ group: 'ops', role: 'power-user' }],
        },
      },
      { kind: 'User', metadata: { name: 'bert' }, spec: {} },
    );
  });
  afterAll(async () => {
    await server.close();
    await provider.close();
    jest.restoreAllMocks();
  });

  const START = '/auth/oidc/corp/start';
  const backFrom = async (browser: Browser, login: string) => {
    const started = await browser.get(START);
    expect(started.status).toBe(302);
    return (await provider.signInAs(login, started.headers.get('location') ?? '')).slice(server.url.length);
  };

  it('come for the first time, are made users, and come again as the same', async () => {
    for (let time = 0; time < 2; time++) {
      const anna = server.browser();
      const back = await anna.get(await backFrom(anna, 'sub-1'));
      expect({ status: back.status, location: back.headers.get('location') }).toEqual({
        status: 302,
        location: `${server.url}/`,
      });
      expect((await anna.get('/auth/session')).body).toMatchObject({
        actor: 'user:anna-meier',
        displayName: 'Anna Meier',
      });
      expect((await anna.query('{ me { actor } sessions { how } }')).body.data).toMatchObject({
        me: { actor: 'user:anna-meier' },
      });
    }
    const { body } = await server.asAdmin(
      '{ users { nodes { name spec { email roles { role } identityProvider } } } }',
    );
    expect(body.data.users.nodes).toContainEqual({
      name: 'anna-meier',
      spec: { email: 'anna@acme.example', roles: [{ role: 'power-user' }], identityProvider: 'corp' },
    });
  });

  it('are refused when the name is another person’s, there or here', async () => {
    for (const login of ['sub-2', 'sub-3']) {
      const browser = server.browser();
      expect((await browser.get(await backFrom(browser, login))).status).toBe(401);
      expect((await browser.get('/auth/session')).status).toBe(401);
    }
  });

  it('cannot bring an answer twice, in another browser, or with another state', async () => {
    const anna = server.browser();
    const back = await backFrom(anna, 'sub-1');
    expect((await server.browser().get(back)).status).toBe(401);
    const altered = back.replace(/state=[^&]+/, 'state=other');
    expect((await anna.get(altered)).status).toBe(401);
    expect((await anna.get(back)).status).toBe(401);
    const again = server.browser();
    const answer = await backFrom(again, 'sub-1');
    expect((await again.get(answer)).status).toBe(302);
    expect((await again.get(answer)).status).toBe(401);
  });

  it('come also after the provider changed its keys', async () => {
    await provider.rotateKeys();
    const anna = server.browser();
    expect((await anna.get(await backFrom(anna, 'sub-1'))).status).toBe(302);
    expect((await anna.get('/auth/session')).status).toBe(200);
  });

  it('are answered politely when the provider is away or unknown', async () => {
    const away = { type: 'oidc', oidc: { issuer: 'http://127.0.0.1:1', clientId: 'steward' } };
    await server.apply({ kind: 'IdentityProvider', metadata: { name: 'away' }, spec: away });
    expect((await server.browser().get('/auth/oidc/away/start')).status).toBe(503);
    expect((await server.browser().get('/auth/oidc/nobody/start')).status).toBe(404);
    expect((await server.browser().get('/auth/saml/corp/start')).status).toBe(404);
    expect(server.errors).toEqual([]);
  });
});
