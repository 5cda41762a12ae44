import { afterAll, beforeAll, describe, expect, it, jest } from '@jest/globals';
import { createClient as createSse } from 'graphql-sse';
import { createClient } from 'graphql-ws';
import { WebSocket } from 'ws';
import type { createBrowser } from '../../fixtures/browser.ts';
import { type IdentityServer, linkToken, startIdentityServer } from '../../fixtures/identity-server.ts';

jest.setTimeout(120_000);

const PASSWORD = 'four rivers meet at noon';
const ME = '{ me { actor onBehalfOf } accounts { nodes { name } } }';

const user = (name: string, account: string, role: string, more: object = {}) => ({
  kind: 'User',
  metadata: { name },
  spec: { email: `${name}@${account}.example`, account, roles: [{ role }], ...more },
});

describe('a masquerade', () => {
  let server: IdentityServer;
  let sam: ReturnType<typeof createBrowser>;
  let token: string;
  const acting = (query: string) =>
    sam.post('/graphql', { query }, { authorization: `Bearer ${token}`, 'x-steward-masquerade': 'help-anna' });
  const signIn = async (): Promise<string> =>
    (await server.browser().auth('sign-in', { login: 'sam', password: PASSWORD, use: 'commandLine' })).body.token;
  beforeAll(async () => {
    server = await startIdentityServer();
    await server.apply(
      { kind: 'Account', metadata: { name: 'acme' }, spec: {} },
      { kind: 'Account', metadata: { name: 'house' }, spec: {} },
      user('anna', 'acme', 'master-user', { displayName: 'Anna Meier', locale: 'de' }),
      user('sam', 'house', 'help-desk', { displayName: 'Sam Field' }),
    );
    sam = server.browser();
    for (const name of ['anna', 'sam']) {
      await server.asAdmin('mutation ($user: String!) { inviteUser(user: $user) }', { user: name });
      const link = linkToken((await server.letters()).at(-1));
      await server.browser().auth('invitation/accept', { token: link, password: PASSWORD });
    }
    token = await signIn();
    const spec = { user: 'anna', account: 'acme', reason: 'Ticket 4711: cannot attach a volume.' };
    const manifests = [{ kind: 'Masquerade', metadata: { name: 'help-anna' }, spec }];
    const query = 'mutation ($manifests: [JSON!]!) { apply(manifests: $manifests) { __typename } }';
    const made = await sam.post('/graphql', { query, variables: { manifests } }, { authorization: `Bearer ${token}` });
    expect(made.body.data.apply.__typename).toBe('ApplySuccess');
  });
  afterAll(() => server.close());

  it('is told to the customer by one letter, with who, why and until when', async () => {
    const told = async () => (await server.letters()).filter(({ template }) => template === 'MasqueradeBegan');
    for (let tries = 0; tries < 200 && (await told()).length === 0; tries++)
      await new Promise((resolve) => setTimeout(resolve, 100));
    expect(await told()).toEqual([
      {
        template: 'MasqueradeBegan',
        recipient: 'anna@acme.example',
        params: {
          name: 'Anna Meier',
          by: 'Sam Field',
          reason: 'Ticket 4711: cannot attach a volume.',
          until: expect.stringMatching(/^\d{4}-\d\d-\d\dT\d\d:\d\d/),
          masquerade: 'help-anna',
          locale: 'de',
        },
      },
    ]);
    expect((await acting(ME)).body.data).toEqual({
      me: { actor: 'user:sam', onBehalfOf: 'user:anna' },
      accounts: { nodes: [{ name: 'acme' }] },
    });
  });

  it('is not for WebSockets, which would outlast it: nobody acts as themselves by mistake either', async () => {
    const url = `${server.url.replace('http', 'ws')}/graphql`;
    class Named extends WebSocket {
      constructor(address: string, protocols: string) {
        super(address, protocols, { headers: { 'x-steward-masquerade': 'help-anna' } });
      }
    }
    const first = async (webSocketImpl: unknown, more: object = {}) => {
      const connectionParams = { authorization: `Bearer ${token}`, ...more };
      const client = createClient({ url, webSocketImpl, connectionParams, retryAttempts: 0 });
      try {
        for await (const answer of client.iterate({ query: '{ me { actor } }' })) return answer.data;
        return null;
      } finally {
        await client.dispose();
      }
    };
    expect(await first(WebSocket)).toEqual({ me: { actor: 'user:sam' } });
    await expect(first(Named)).rejects.toMatchObject({ code: 4403 });
    await expect(first(WebSocket, { masquerade: 'help-anna' })).rejects.toMatchObject({ code: 4403 });
  });

  it('listens as the customer for as long as the session of whoever made it lasts, and no longer', async () => {
    const headers = { authorization: `Bearer ${token}`, 'x-steward-masquerade': 'help-anna' };
    const client = createSse({ url: `${server.url}/graphql`, headers, retryAttempts: 0 });
    const stream = client.iterate<{ watch: { key: { name: string } | null } }>({
      query: 'subscription { watch(kinds: ["Project"]) { key { name } } }',
    });
    await stream.next();
    const heard: string[] = [];
    const over = (async () => {
      for await (const { data, errors } of stream) {
        if (errors) return;
        if (data?.watch.key) heard.push(data.watch.key.name);
      }
    })().catch(() => undefined);
    // Each change has the server look at who listens.
    for (const name of ['one', 'two', 'three']) {
      await server.apply({ kind: 'Project', metadata: { name }, spec: { account: 'acme' } });
      for (let tries = 0; tries < 200 && !heard.includes(name); tries++)
        await new Promise((resolve) => setTimeout(resolve, 100));
    }
    expect(new Set(heard)).toEqual(new Set(['one', 'two', 'three']));
    await sam.post('/auth/sign-out', {}, { authorization: `Bearer ${token}` });
    await over;
    token = await signIn();
  });

  it('ends with the session of whoever made it, and with their right to make one', async () => {
    await sam.post('/auth/sign-out', {}, { authorization: `Bearer ${token}` });
    expect((await acting(ME)).status).toBe(401);
    token = await signIn();
    expect((await acting(ME)).body.data.accounts.nodes).toEqual([{ name: 'acme' }]);
    await server.apply(user('sam', 'house', 'finance-admin', { displayName: 'Sam Field' }));
    for (let tries = 0; tries < 400 && (await acting(ME)).body.data.accounts.nodes.length > 0; tries++)
      await new Promise((resolve) => setTimeout(resolve, 100));
    expect((await acting(ME)).body.data.accounts.nodes).toEqual([]);
    expect(server.errors).toEqual([]);
  });
});
