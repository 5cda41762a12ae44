import { afterAll, beforeAll, describe, expect, it, jest } from '@jest/globals';
import { createClient as createSse } from 'graphql-sse';
import { createClient as createWs } from 'graphql-ws';
import { WebSocket } from 'ws';
import { type IdentityServer, linkToken, startIdentityServer } from '../../fixtures/identity-server.ts';

jest.setTimeout(120_000);

const PASSWORD = 'four rivers meet at noon';
const WATCH = 'subscription { watch { type position } }';

describe('whoever listens', () => {
  let server: IdentityServer;
  beforeAll(async () => {
    server = await startIdentityServer();
    await server.apply({ kind: 'User', metadata: { name: 'anna' }, spec: {} });
    const { body } = await server.asAdmin('mutation { makeInvitationLink(user: "anna") }');
    const token = linkToken({ params: { link: body.data.makeInvitationLink } });
    await server.browser().auth('invitation/accept', { token, password: PASSWORD });
  });
  afterAll(() => server.close());

  /** Listens both ways with a session of the command; `over` tells when both have ended. */
  const listening = async () => {
    const { body } = await server.browser().auth('sign-in', { login: 'anna', password: PASSWORD, use: 'commandLine' });
    const authorization = `Bearer ${body.token}`;
    const sse = createSse({ url: `${server.url}/graphql`, headers: { authorization }, retryAttempts: 0 });
    const over: Promise<unknown>[] = [];
    const closed = new Promise((resolve) => {
      const ws = createWs({
        url: `${server.url.replace('http', 'ws')}/graphql`,
        webSocketImpl: WebSocket,
        connectionParams: { authorization },
        retryAttempts: 0,
        on: { closed: resolve },
      });
      over.push(opened(ws.iterate({ query: WATCH })));
    });
    over.push(opened(sse.iterate({ query: WATCH })));
    await Promise.all(over);
    const heard = (await Promise.all(over)) as AsyncIterableIterator<unknown>[];
    const ended = Promise.all(heard.map(toTheEnd));
    return { session: body.session as string, over: () => Promise.all([ended, closed]) };
  };
  const opened = async (stream: AsyncIterableIterator<{ data?: unknown }>) => {
    expect((await stream.next()).value?.data).toBeDefined();
    return stream;
  };
  const toTheEnd = async (stream: AsyncIterableIterator<unknown>) => {
    try {
      for (;;) {
        const { done, value } = await stream.next();
        if (done || JSON.stringify(value).includes('errors')) return;
      }
    } catch {
      return;
    }
  };

  it('hears nothing more once another of their sessions has ended this one', async () => {
    const { session, over } = await listening();
    const anna = server.browser();
    await anna.auth('sign-in', { login: 'anna', password: PASSWORD });
    const { data } = (await anna.query('mutation ($id: String!) { revokeSession(id: $id) }', { id: session })).body;
    expect(data.revokeSession).toBe(true);
    await over();
  });

  it('hears nothing more once they are suspended, and no session is kept alive by listening', async () => {
    const { over } = await listening();
    await server.apply({ kind: 'User', metadata: { name: 'anna' }, spec: { suspended: true } });
    await over();
    expect(server.errors).toEqual([]);
  });
});
